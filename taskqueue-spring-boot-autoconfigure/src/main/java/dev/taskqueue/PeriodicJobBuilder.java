package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Says what is to be run and when, step by step; comes from
 * {@link PeriodicJobSpec#named}. Not for use by several threads at once.
 */
public final class PeriodicJobBuilder {

	private final String name;

	private String function = "";

	private List<@Nullable Object> params = List.of();

	private final Map<String, @Nullable Object> kwargs = new LinkedHashMap<>();

	private @Nullable String cron;

	private @Nullable String every;

	private @Nullable ZoneId zone;

	private @Nullable Instant startTime;

	private @Nullable Instant endTime;

	private Misfire misfire = Misfire.ONCE;

	private WhileRunning whileRunning = WhileRunning.RUN;

	private @Nullable String queue;

	private @Nullable Integer priority;

	private @Nullable Integer maxAttempts;

	private @Nullable Duration timeout;

	private @Nullable Duration expiresIn;

	private @Nullable String uniqueKey;

	private boolean enabled = true;

	PeriodicJobBuilder(String name) {
		this.name = name;
	}

	PeriodicJobBuilder(PeriodicJobSpec job) {
		this.name = job.name();
		this.function = job.function();
		this.params = job.params();
		this.kwargs.putAll(job.kwargs());
		this.cron = job.cron();
		this.every = job.every();
		this.zone = job.zone();
		this.startTime = job.startTime();
		this.endTime = job.endTime();
		this.misfire = job.misfire();
		this.whileRunning = job.whileRunning();
		this.queue = job.queue();
		this.priority = job.priority();
		this.maxAttempts = job.maxAttempts();
		this.timeout = job.timeout();
		this.expiresIn = job.expiresIn();
		this.uniqueKey = job.uniqueKey();
		this.enabled = job.enabled();
	}

	/**
	 * The function to run, with its positional arguments.
	 * @param function the function's name
	 * @param args the arguments; Jackson must be able to write them
	 * @return this builder
	 */
	public PeriodicJobBuilder function(String function, @Nullable Object... args) {
		this.function = function;
		List<@Nullable Object> params = new ArrayList<>(args.length);
		Collections.addAll(params, args);
		this.params = params;
		return this;
	}

	/**
	 * Other positional arguments for the function, instead of all that were said.
	 * @param args the arguments; Jackson must be able to write them
	 * @return this builder
	 */
	public PeriodicJobBuilder args(@Nullable Object... args) {
		return function(this.function, args);
	}

	/**
	 * Other arguments by name, instead of all that were said.
	 * @param kwargs the arguments
	 * @return this builder
	 */
	public PeriodicJobBuilder kwargs(Map<String, ? extends @Nullable Object> kwargs) {
		this.kwargs.clear();
		this.kwargs.putAll(kwargs);
		return this;
	}

	/**
	 * An argument by name, for a parameter that the positional ones leave open.
	 * @param parameter the parameter's name
	 * @param value the value
	 * @return this builder
	 */
	public PeriodicJobBuilder kwarg(String parameter, @Nullable Object value) {
		this.kwargs.put(parameter, value);
		return this;
	}

	/**
	 * Run at the times of a cron expression, and no longer at an interval.
	 * @param expression five fields or a macro, see {@link Schedule#parse}
	 * @return this builder
	 */
	public PeriodicJobBuilder cron(String expression) {
		this.cron = expression;
		this.every = null;
		return this;
	}

	/**
	 * Run at an interval, counted from the start time or else from 1970, and no longer by
	 * a cron expression.
	 * @param interval such as {@code 90s}, {@code 1h30m} or {@code PT5M}, at least a
	 * second
	 * @return this builder
	 */
	public PeriodicJobBuilder every(String interval) {
		this.every = interval;
		this.cron = null;
		return this;
	}

	/**
	 * As {@link #every(String)}.
	 * @param interval at least a second
	 * @return this builder
	 */
	public PeriodicJobBuilder every(Duration interval) {
		return every(interval.toString());
	}

	/**
	 * The zone of the cron expression.
	 * @param zone the zone; null for {@code taskqueue.crontab.zone}
	 * @return this builder
	 */
	public PeriodicJobBuilder zone(@Nullable ZoneId zone) {
		this.zone = zone;
		return this;
	}

	/**
	 * No run before this moment.
	 * @param startTime the moment, or null for no limit
	 * @return this builder
	 */
	public PeriodicJobBuilder startTime(@Nullable Instant startTime) {
		this.startTime = startTime;
		return this;
	}

	/**
	 * No run after this moment.
	 * @param endTime the moment, or null for no limit
	 * @return this builder
	 */
	public PeriodicJobBuilder endTime(@Nullable Instant endTime) {
		this.endTime = endTime;
		return this;
	}

	/**
	 * What becomes of missed times; by default one run for all of them.
	 * @param misfire what
	 * @return this builder
	 */
	public PeriodicJobBuilder misfire(Misfire misfire) {
		this.misfire = misfire;
		return this;
	}

	/**
	 * What happens while the job of the time before goes on; by default they run side by
	 * side.
	 * @param whileRunning what
	 * @return this builder
	 */
	public PeriodicJobBuilder whileRunning(WhileRunning whileRunning) {
		this.whileRunning = whileRunning;
		return this;
	}

	/**
	 * The queue instead of the function's.
	 * @param queue the name, or null for the function's
	 * @return this builder
	 */
	public PeriodicJobBuilder queue(@Nullable String queue) {
		this.queue = queue;
		return this;
	}

	/**
	 * The priority instead of the function's.
	 * @param priority higher runs first; null for the function's
	 * @return this builder
	 */
	public PeriodicJobBuilder priority(@Nullable Integer priority) {
		this.priority = priority;
		return this;
	}

	/**
	 * The number of attempts of each job instead of the function's.
	 * @param maxAttempts 1 or more; null for the function's
	 * @return this builder
	 */
	public PeriodicJobBuilder maxAttempts(@Nullable Integer maxAttempts) {
		this.maxAttempts = maxAttempts;
		return this;
	}

	/**
	 * The time-out of an attempt instead of the function's.
	 * @param timeout zero for none; null for the function's
	 * @return this builder
	 */
	public PeriodicJobBuilder timeout(@Nullable Duration timeout) {
		this.timeout = timeout;
		return this;
	}

	/**
	 * A job that was not started so long after its time is not run.
	 * @param expiresIn a millisecond or more; null for no limit
	 * @return this builder
	 */
	public PeriodicJobBuilder expiresIn(@Nullable Duration expiresIn) {
		this.expiresIn = expiresIn;
		return this;
	}

	/**
	 * Lets no other job with the same key be pending or running beside its job: a time at
	 * which another one has the key is left out. Keys are the same for all functions and
	 * queues: begin them with what they are of.
	 * @param uniqueKey any text; null for the function's, if it says any
	 * @return this builder
	 */
	public PeriodicJobBuilder uniqueKey(@Nullable String uniqueKey) {
		this.uniqueKey = uniqueKey;
		return this;
	}

	/**
	 * Whether it runs; by default it does.
	 * @param enabled false to keep it without running it
	 * @return this builder
	 */
	public PeriodicJobBuilder enabled(boolean enabled) {
		this.enabled = enabled;
		return this;
	}

	/**
	 * What was said so far.
	 * @return the job
	 * @throws IllegalArgumentException if a value cannot be meant; the message names it
	 */
	public PeriodicJobSpec build() {
		return new PeriodicJobSpec(this.name, this.function, this.params, this.kwargs, this.cron, this.every, this.zone,
				this.startTime, this.endTime, this.misfire, this.whileRunning, this.queue, this.priority,
				this.maxAttempts, this.timeout, this.expiresIn, this.uniqueKey, this.enabled);
	}

}
