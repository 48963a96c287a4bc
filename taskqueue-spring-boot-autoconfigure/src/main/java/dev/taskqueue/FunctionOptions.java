package dev.taskqueue;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What {@link AsyncJob} says of a function besides its name, for those that are
 * registered at {@link JobFunctions}: begin with {@link #defaults()}.
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
 */
public record FunctionOptions(String queue, int priority, @Nullable Integer maxAttempts, List<Duration> backoff,
		@Nullable RetryPolicy retryPolicy, List<Class<? extends Throwable>> noRetryFor, @Nullable Duration timeout,
		@Nullable Duration retention, WorkerLoss onWorkerLoss) {

	private static final FunctionOptions DEFAULTS = new FunctionOptions("default", 0, null, List.of(), null, List.of(),
			null, null, WorkerLoss.RETRY);

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
				this.noRetryFor, this.timeout, this.retention, this.onWorkerLoss);
	}

	/**
	 * The same with another priority.
	 * @param priority of jobs that have none
	 * @return the options
	 */
	public FunctionOptions priority(int priority) {
		return new FunctionOptions(this.queue, priority, this.maxAttempts, this.backoff, this.retryPolicy,
				this.noRetryFor, this.timeout, this.retention, this.onWorkerLoss);
	}

	/**
	 * The same with another number of attempts.
	 * @param maxAttempts from 1
	 * @return the options
	 */
	public FunctionOptions maxAttempts(int maxAttempts) {
		return new FunctionOptions(this.queue, this.priority, maxAttempts, this.backoff, this.retryPolicy,
				this.noRetryFor, this.timeout, this.retention, this.onWorkerLoss);
	}

	/**
	 * The same with other waits.
	 * @param waits one, which grows from attempt to attempt, or that before each further
	 * attempt, of which the last one holds for all that follow
	 * @return the options
	 */
	public FunctionOptions backoff(Duration... waits) {
		return new FunctionOptions(this.queue, this.priority, this.maxAttempts, List.of(waits), this.retryPolicy,
				this.noRetryFor, this.timeout, this.retention, this.onWorkerLoss);
	}

	/**
	 * The same with a policy.
	 * @param policy decides about further attempts
	 * @return the options
	 */
	public FunctionOptions retryPolicy(RetryPolicy policy) {
		return new FunctionOptions(this.queue, this.priority, this.maxAttempts, this.backoff, policy, this.noRetryFor,
				this.timeout, this.retention, this.onWorkerLoss);
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
				List.of(types), this.timeout, this.retention, this.onWorkerLoss);
	}

	/**
	 * The same with another time-out.
	 * @param timeout how long an attempt may take; zero is no limit
	 * @return the options
	 */
	public FunctionOptions timeout(Duration timeout) {
		return new FunctionOptions(this.queue, this.priority, this.maxAttempts, this.backoff, this.retryPolicy,
				this.noRetryFor, timeout, this.retention, this.onWorkerLoss);
	}

	/**
	 * The same with another retention.
	 * @param retention how long a job that succeeded is kept; zero removes it as it ends
	 * @return the options
	 */
	public FunctionOptions retention(Duration retention) {
		return new FunctionOptions(this.queue, this.priority, this.maxAttempts, this.backoff, this.retryPolicy,
				this.noRetryFor, this.timeout, retention, this.onWorkerLoss);
	}

	/**
	 * The same with another word about lost workers.
	 * @param onWorkerLoss what happens to a job whose worker died while it ran
	 * @return the options
	 */
	public FunctionOptions onWorkerLoss(WorkerLoss onWorkerLoss) {
		return new FunctionOptions(this.queue, this.priority, this.maxAttempts, this.backoff, this.retryPolicy,
				this.noRetryFor, this.timeout, this.retention, onWorkerLoss);
	}

}
