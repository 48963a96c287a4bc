package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Says how a job is to run, step by step; comes from {@link TaskQueue#job}. Not for use
 * by several threads at once.
 */
public final class JobBuilder {

	private final String function;

	private final List<@Nullable Object> params;

	private final Function<JobSpec, JobHandle<Object>> submit;

	private final Map<String, @Nullable Object> kwargs = new LinkedHashMap<>();

	private @Nullable String queue;

	private @Nullable Integer priority;

	private @Nullable Duration delay;

	private @Nullable Instant at;

	private @Nullable Integer maxAttempts;

	private @Nullable Duration timeout;

	private @Nullable String id;

	/**
	 * For implementations of {@link TaskQueue}.
	 * @param function the function's name
	 * @param params the positional arguments
	 * @param submit what {@link #enqueue()} does
	 */
	public JobBuilder(String function, List<@Nullable Object> params, Function<JobSpec, JobHandle<Object>> submit) {
		this.function = function;
		this.params = params;
		this.submit = submit;
	}

	/**
	 * Begins with what a job has, to say something else about it: for an
	 * {@link EnqueueInterceptor}, which gives the {@link #spec()} of it.
	 * @param job the job; stays as it is
	 * @return a builder that cannot {@link #enqueue()}
	 */
	public static JobBuilder of(JobSpec job) {
		JobBuilder builder = new JobBuilder(job.function(), job.params(), (spec) -> {
			throw new IllegalStateException(
					"A builder of JobBuilder.of changes a job. Submit its spec() by a TaskQueue.");
		});
		builder.kwargs.putAll(job.kwargs());
		builder.queue = job.queue();
		builder.priority = job.priority();
		builder.delay = job.delay();
		builder.at = job.at();
		builder.maxAttempts = job.maxAttempts();
		builder.timeout = job.timeout();
		builder.id = job.id();
		return builder;
	}

	/**
	 * An argument by name, for a parameter that the positional ones leave open.
	 * @param parameter the parameter's name
	 * @param value the value
	 * @return this builder
	 */
	public JobBuilder kwarg(String parameter, @Nullable Object value) {
		this.kwargs.put(parameter, value);
		return this;
	}

	/**
	 * The queue instead of the function's.
	 * @param queue the name
	 * @return this builder
	 */
	public JobBuilder queue(String queue) {
		this.queue = queue;
		return this;
	}

	/**
	 * The priority instead of the function's.
	 * @param priority higher runs first
	 * @return this builder
	 */
	public JobBuilder priority(int priority) {
		this.priority = priority;
		return this;
	}

	/**
	 * Start after this time, counted from the submit by the server's clock.
	 * @param delay zero or more
	 * @return this builder
	 */
	public JobBuilder delay(Duration delay) {
		this.delay = delay;
		return this;
	}

	/**
	 * Start not before this moment of the server's clock.
	 * @param at the moment
	 * @return this builder
	 */
	public JobBuilder at(Instant at) {
		this.at = at;
		return this;
	}

	/**
	 * The number of attempts instead of the function's.
	 * @param maxAttempts 1 or more
	 * @return this builder
	 */
	public JobBuilder maxAttempts(int maxAttempts) {
		this.maxAttempts = maxAttempts;
		return this;
	}

	/**
	 * The time-out of an attempt instead of the function's.
	 * @param timeout zero for none
	 * @return this builder
	 */
	public JobBuilder timeout(Duration timeout) {
		this.timeout = timeout;
		return this;
	}

	/**
	 * An id of the caller's own. A second submit of the same job under it is no second
	 * job; a different one is refused.
	 * @param id any text
	 * @return this builder
	 */
	public JobBuilder id(String id) {
		this.id = id;
		return this;
	}

	/**
	 * What was said so far, for {@link TaskQueue#enqueueAll}.
	 * @return the specification
	 * @throws IllegalArgumentException if a value cannot be meant; the message names it
	 */
	public JobSpec spec() {
		return new JobSpec(this.function, this.params, this.kwargs, this.queue, this.priority, this.delay, this.at,
				this.maxAttempts, this.timeout, this.id);
	}

	/**
	 * Submits the job and returns when it is durable.
	 * @return the handle
	 * @throws IllegalArgumentException if a value cannot be meant; the message names it
	 * @throws TaskQueueException as {@link TaskQueue#enqueue(JobSpec)}
	 */
	public JobHandle<Object> enqueue() {
		return this.submit.apply(spec());
	}

}
