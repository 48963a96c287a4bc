package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * Says how a job is to run, step by step; comes from {@link TaskQueue#job}. Not for use
 * by several threads at once.
 */
public final class JobBuilder {

	private final String function;

	private final List<@Nullable Object> params;

	/** Null for one that only changes a job. */
	private final @Nullable TaskQueue taskQueue;

	private final Map<String, @Nullable Object> kwargs = new LinkedHashMap<>();

	private @Nullable String queue;

	private @Nullable Integer priority;

	private @Nullable Duration delay;

	private @Nullable Instant at;

	private @Nullable Integer maxAttempts;

	private @Nullable Duration timeout;

	private @Nullable String id;

	private @Nullable Duration expiresIn;

	private @Nullable String uniqueKey;

	private @Nullable Duration uniqueFor;

	private OnDuplicate onDuplicate = OnDuplicate.RETURN_FIRST;

	private @Nullable SubmitTime submitTime;

	private @Nullable String lock;

	/**
	 * For implementations of {@link TaskQueue}.
	 * @param function the function's name
	 * @param params the positional arguments
	 * @param taskQueue where {@link #enqueue()} submits
	 */
	public JobBuilder(String function, List<@Nullable Object> params, TaskQueue taskQueue) {
		this(taskQueue, function, params);
	}

	private JobBuilder(@Nullable TaskQueue taskQueue, String function, List<@Nullable Object> params) {
		this.function = function;
		this.params = params;
		this.taskQueue = taskQueue;
	}

	/**
	 * Begins with what a job has, to say something else about it: for an
	 * {@link EnqueueInterceptor}, which gives the {@link #spec()} of it.
	 * @param job the job; stays as it is
	 * @return a builder that cannot {@link #enqueue()}
	 */
	public static JobBuilder of(JobSpec job) {
		JobBuilder builder = new JobBuilder(null, job.function(), job.params());
		builder.kwargs.putAll(job.kwargs());
		builder.queue = job.queue();
		builder.priority = job.priority();
		builder.delay = job.delay();
		builder.at = job.at();
		builder.maxAttempts = job.maxAttempts();
		builder.timeout = job.timeout();
		builder.id = job.id();
		builder.expiresIn = job.expiresIn();
		builder.uniqueKey = job.uniqueKey();
		builder.uniqueFor = job.uniqueFor();
		builder.onDuplicate = job.onDuplicate();
		builder.submitTime = job.submitTime();
		builder.lock = job.lock();
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
	 * How long the job may wait for its start, counted from the moment at which it may
	 * start (now, or what {@link #delay} or {@link #at} says). A job that waits longer,
	 * for its first attempt or for a further one, ends as {@link JobState#EXPIRED} within
	 * ten seconds, whether its queue is served or not. What has started goes on.
	 * @param expiresIn more than zero
	 * @return this builder
	 */
	public JobBuilder expiresIn(Duration expiresIn) {
		this.expiresIn = expiresIn;
		return this;
	}

	/**
	 * Lets no other job with the same key be submitted while this one is pending or
	 * running. Keys are the same for all functions and queues: begin them with what they
	 * are of.
	 * @param uniqueKey any text
	 * @return this builder
	 */
	public JobBuilder uniqueKey(String uniqueKey) {
		this.uniqueKey = uniqueKey;
		return this;
	}

	/**
	 * Holds the unique key of this job ({@link #uniqueKey} or the function's) for at
	 * least this time, also when the job ends before. The ended job is kept as long as it
	 * holds its key.
	 * @param period more than zero, counted from the submit
	 * @return this builder
	 */
	public JobBuilder uniqueFor(Duration period) {
		this.uniqueFor = period;
		return this;
	}

	/**
	 * What the submit does when another job has the unique key.
	 * @param onDuplicate by default {@link OnDuplicate#RETURN_FIRST}
	 * @return this builder
	 */
	public JobBuilder onDuplicate(OnDuplicate onDuplicate) {
		this.onDuplicate = onDuplicate;
		return this;
	}

	/**
	 * Submits at once in a transaction of another kind than MongoDB's, whatever
	 * {@code taskqueue.submit.transaction} says.
	 * @return this builder
	 * @see SubmitTime#NOW
	 */
	public JobBuilder now() {
		this.submitTime = SubmitTime.NOW;
		return this;
	}

	/**
	 * Submits after the commit of a transaction of another kind than MongoDB's, whatever
	 * {@code taskqueue.submit.transaction} says. Until then no job has the handle's id;
	 * where another has the unique key by then, none will, and the handle does not know.
	 * @return this builder
	 * @see SubmitTime#AFTER_COMMIT
	 */
	public JobBuilder afterCommit() {
		this.submitTime = SubmitTime.AFTER_COMMIT;
		return this;
	}

	/**
	 * The lock instead of the function's: of the jobs that have the same, one runs at a
	 * time, over all nodes and functions; the others wait, the oldest first.
	 * @param lock any name
	 * @return this builder
	 */
	public JobBuilder lock(String lock) {
		this.lock = lock;
		return this;
	}

	/**
	 * What was said so far, for {@link TaskQueue#enqueueAll}.
	 * @return the specification
	 * @throws IllegalArgumentException if a value cannot be meant; the message names it
	 */
	public JobSpec spec() {
		return new JobSpec(this.function, this.params, this.kwargs, this.queue, this.priority, this.delay, this.at,
				this.maxAttempts, this.timeout, this.id, this.expiresIn, this.uniqueKey, this.uniqueFor,
				this.onDuplicate, this.submitTime, this.lock);
	}

	/**
	 * Submits the job and returns when it is durable.
	 * @return the handle
	 * @throws IllegalArgumentException if a value cannot be meant; the message names it
	 * @throws DuplicateJobException as {@link TaskQueue#enqueue(JobSpec)}
	 * @throws TaskQueueException as {@link TaskQueue#enqueue(JobSpec)}
	 */
	public JobHandle<Object> enqueue() {
		return taskQueue().enqueue(spec());
	}

	/**
	 * Submits the job without waiting for MongoDB.
	 * @return completes with the handle when the job is durable
	 * @throws IllegalArgumentException if a value cannot be meant; the message names it
	 * @throws IllegalStateException as {@link TaskQueue#enqueueAsync(JobSpec)}
	 */
	public CompletableFuture<JobHandle<Object>> enqueueAsync() {
		return taskQueue().enqueueAsync(spec());
	}

	private TaskQueue taskQueue() {
		TaskQueue known = this.taskQueue;
		if (known == null) {
			throw new IllegalStateException(
					"A builder of JobBuilder.of changes a job. Submit its spec() by a TaskQueue.");
		}
		return known;
	}

}
