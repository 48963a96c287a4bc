package dev.taskqueue;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Thrown by a job (or a {@code JobInterceptor}) that wants another attempt after a wait
 * of its own choice: what it needs is not there yet, or the other side said when to come
 * again. No {@code RetryPolicy} and no {@code noRetryFor} is asked.
 * <p>
 * The attempt is spent as any that did not succeed: the last one fails the job. A job
 * that looks again and again until something is there wants a high
 * {@link AsyncJob#maxAttempts()}.
 * <p>
 * It is looked for in what was thrown and in the cause of that, so one layer between may
 * wrap it. It has no stack trace, since it tells of no fault.
 */
public class RetryLater extends RuntimeException {

	private final Duration delay;

	/**
	 * Creates one.
	 * @param delay the wait until the next attempt; zero is at once
	 * @throws IllegalArgumentException if it is negative
	 */
	public RetryLater(Duration delay) {
		this(delay, "The job is to run again after " + delay, null);
	}

	/**
	 * Creates one that says why.
	 * @param delay the wait until the next attempt; zero is at once
	 * @param message why; kept as the message of the job's error
	 * @param cause what it comes from, or null
	 * @throws IllegalArgumentException if the delay is negative
	 */
	public RetryLater(Duration delay, String message, @Nullable Throwable cause) {
		super(message, cause, false, false);
		if (delay.isNegative()) {
			throw new IllegalArgumentException(
					"The delay of RetryLater is '" + delay + "', expected zero or more. Correct the job.");
		}
		this.delay = delay;
	}

	/**
	 * The wait until the next attempt.
	 * @return zero or more
	 */
	public Duration getDelay() {
		return this.delay;
	}

}
