package dev.taskqueue;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What {@link AsyncJob} says of a function besides its name, for those that are
 * registered at {@link JobFunctions}: begin with {@link #defaults()}.
 * <p>
 * Left to the annotation are {@code retryPolicyBean}, since the policy itself is given
 * here, and {@code cron}, {@code every} and {@code zone}: the schedule of a function that
 * comes and goes is no part of it, {@link PeriodicJobs} has it.
 * <p>
 * The expressions of {@code uniqueBy} and {@code lock} know the argument of a typed
 * handler as {@code #request}, and those of a raw one as {@code #params} and
 * {@code #kwargs}.
 *
 * @param queue the queue of jobs that name none
 * @param priority the priority of jobs that have none: higher runs first
 * @param maxAttempts how many attempts a job has, from 1, or null for
 * {@code taskqueue.job.max-attempts}
 * @param backoff the wait before the second attempt, or before each further one; none
 * leaves it to the general policy
 * @param retryPolicy decides about further attempts instead of the backoff, or null
 * @param noRetryFor after which exceptions no attempt follows
 * @param timeout how long an attempt may take; zero is no limit; null leaves it to
 * {@code taskqueue.job.timeout}
 * @param retention how long a job that succeeded is kept; zero removes it as it ends;
 * null leaves it to {@code taskqueue.retention.succeeded}
 * @param onWorkerLoss what happens to a job whose worker died while it ran
 * @param uniqueBy what makes a job unique among those of this function: a SpEL expression
 * such as {@code #request.id} or {@code #kwargs['id']}; null for none
 * @param uniqueFor how long the key of uniqueBy is held at least, more than zero and
 * 36500 days at most; null for no longer than the job
 * @param lock the lock that a job takes while it runs: a name, or with {@code #} in it a
 * SpEL expression; null for none
 */
public record FunctionOptions(String queue, int priority, @Nullable Integer maxAttempts, List<Duration> backoff,
		@Nullable RetryPolicy retryPolicy, List<Class<? extends Throwable>> noRetryFor, @Nullable Duration timeout,
		@Nullable Duration retention, WorkerLoss onWorkerLoss, @Nullable String uniqueBy, @Nullable Duration uniqueFor,
		@Nullable String lock) {

	private static final Duration LONGEST_PERIOD = Duration.ofDays(36_500);

	private static final FunctionOptions DEFAULTS = new FunctionOptions("default", 0, null, List.of(), null, List.of(),
			null, null, WorkerLoss.RETRY, null, null, null);

	/**
	 * Checks and keeps them.
	 * @throws IllegalArgumentException if one cannot be meant
	 */
	public FunctionOptions {
		require(!queue.isBlank() && queue.equals(queue.strip()) && !queue.startsWith("$"), "queue", queue,
				"a name that is not blank, has no blanks around it and does not begin with '$'");
		require(maxAttempts == null || maxAttempts >= 1, "maxAttempts", maxAttempts, "a number from 1");
		backoff = List.copyOf(backoff);
		backoff.forEach((wait) -> require(!wait.isNegative(), "backoff", wait, "durations of 0 or more"));
		require(retryPolicy == null || backoff.isEmpty(), "retryPolicy", retryPolicy, "none beside a backoff");
		noRetryFor = List.copyOf(noRetryFor);
		require(timeout == null || !timeout.isNegative(), "timeout", timeout, "a duration of 0 or more");
		require(retention == null || !retention.isNegative(), "retention", retention, "a duration of 0 or more");
		require(uniqueBy == null || !uniqueBy.isBlank(), "uniqueBy", uniqueBy, "an expression such as #request.id");
		require(uniqueFor == null
				|| (!uniqueFor.isNegative() && !uniqueFor.isZero() && uniqueFor.compareTo(LONGEST_PERIOD) <= 0),
				"uniqueFor", uniqueFor, "a duration above 0, and 36500 days at most");
		require(lock == null || !lock.isBlank(), "lock", lock, "the name of a lock, or an expression");
	}

	private static void require(boolean valid, String option, @Nullable Object value, String expected) {
		if (!valid) {
			throw new IllegalArgumentException(option + " is '" + value + "': expected " + expected + ".");
		}
	}

	/**
	 * Options that leave all to the properties.
	 * @return the options
	 */
	public static FunctionOptions defaults() {
		return DEFAULTS;
	}

	/**
	 * The same with another queue.
	 * @param queue of jobs that name none
	 * @return the options
	 */
	public FunctionOptions queue(String queue) {
		return new FunctionOptions(queue, this.priority, this.maxAttempts, this.backoff, this.retryPolicy,
				this.noRetryFor, this.timeout, this.retention, this.onWorkerLoss, this.uniqueBy, this.uniqueFor,
				this.lock);
	}

	/**
	 * The same with another priority.
	 * @param priority of jobs that have none
	 * @return the options
	 */
	public FunctionOptions priority(int priority) {
		return new FunctionOptions(this.queue, priority, this.maxAttempts, this.backoff, this.retryPolicy,
				this.noRetryFor, this.timeout, this.retention, this.onWorkerLoss, this.uniqueBy, this.uniqueFor,
				this.lock);
	}

	/**
	 * The same with another number of attempts.
	 * @param maxAttempts from 1
	 * @return the options
	 */
	public FunctionOptions maxAttempts(int maxAttempts) {
		return new FunctionOptions(this.queue, this.priority, maxAttempts, this.backoff, this.retryPolicy,
				this.noRetryFor, this.timeout, this.retention, this.onWorkerLoss, this.uniqueBy, this.uniqueFor,
				this.lock);
	}

	/**
	 * The same with other waits.
	 * @param waits one, which grows from attempt to attempt, or that before each further
	 * attempt, of which the last one holds for all that follow
	 * @return the options
	 */
	public FunctionOptions backoff(Duration... waits) {
		return new FunctionOptions(this.queue, this.priority, this.maxAttempts, List.of(waits), this.retryPolicy,
				this.noRetryFor, this.timeout, this.retention, this.onWorkerLoss, this.uniqueBy, this.uniqueFor,
				this.lock);
	}

	/**
	 * The same with a policy.
	 * @param policy decides about further attempts
	 * @return the options
	 */
	public FunctionOptions retryPolicy(RetryPolicy policy) {
		return new FunctionOptions(this.queue, this.priority, this.maxAttempts, this.backoff, policy, this.noRetryFor,
				this.timeout, this.retention, this.onWorkerLoss, this.uniqueBy, this.uniqueFor, this.lock);
	}

	/**
	 * The same with exceptions after which no attempt follows.
	 * @param types the exceptions
	 * @return the options
	 */
	@SafeVarargs
	@SuppressWarnings("varargs")
	public final FunctionOptions noRetryFor(Class<? extends Throwable>... types) {
		return new FunctionOptions(this.queue, this.priority, this.maxAttempts, this.backoff, this.retryPolicy,
				List.of(types), this.timeout, this.retention, this.onWorkerLoss, this.uniqueBy, this.uniqueFor,
				this.lock);
	}

	/**
	 * The same with another time-out.
	 * @param timeout how long an attempt may take; zero is no limit
	 * @return the options
	 */
	public FunctionOptions timeout(Duration timeout) {
		return new FunctionOptions(this.queue, this.priority, this.maxAttempts, this.backoff, this.retryPolicy,
				this.noRetryFor, timeout, this.retention, this.onWorkerLoss, this.uniqueBy, this.uniqueFor, this.lock);
	}

	/**
	 * The same with another retention.
	 * @param retention how long a job that succeeded is kept; zero removes it as it ends
	 * @return the options
	 */
	public FunctionOptions retention(Duration retention) {
		return new FunctionOptions(this.queue, this.priority, this.maxAttempts, this.backoff, this.retryPolicy,
				this.noRetryFor, this.timeout, retention, this.onWorkerLoss, this.uniqueBy, this.uniqueFor, this.lock);
	}

	/**
	 * The same with another word about lost workers.
	 * @param onWorkerLoss what happens to a job whose worker died while it ran
	 * @return the options
	 */
	public FunctionOptions onWorkerLoss(WorkerLoss onWorkerLoss) {
		return new FunctionOptions(this.queue, this.priority, this.maxAttempts, this.backoff, this.retryPolicy,
				this.noRetryFor, this.timeout, this.retention, onWorkerLoss, this.uniqueBy, this.uniqueFor, this.lock);
	}

	/**
	 * The same with unique jobs.
	 * @param expression what makes a job unique among those of this function
	 * @return the options
	 */
	public FunctionOptions uniqueBy(String expression) {
		return new FunctionOptions(this.queue, this.priority, this.maxAttempts, this.backoff, this.retryPolicy,
				this.noRetryFor, this.timeout, this.retention, this.onWorkerLoss, expression, this.uniqueFor,
				this.lock);
	}

	/**
	 * The same with a period for which the key of {@link #uniqueBy(String)} is held.
	 * @param period more than zero, counted from the submit
	 * @return the options
	 */
	public FunctionOptions uniqueFor(Duration period) {
		return new FunctionOptions(this.queue, this.priority, this.maxAttempts, this.backoff, this.retryPolicy,
				this.noRetryFor, this.timeout, this.retention, this.onWorkerLoss, this.uniqueBy, period, this.lock);
	}

	/**
	 * The same with a lock.
	 * @param lock a name, or with {@code #} in it an expression
	 * @return the options
	 */
	public FunctionOptions lock(String lock) {
		return new FunctionOptions(this.queue, this.priority, this.maxAttempts, this.backoff, this.retryPolicy,
				this.noRetryFor, this.timeout, this.retention, this.onWorkerLoss, this.uniqueBy, this.uniqueFor, lock);
	}

}
