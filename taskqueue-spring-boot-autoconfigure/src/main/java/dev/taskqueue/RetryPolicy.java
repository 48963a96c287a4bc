package dev.taskqueue;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Whether and when another attempt follows one that did not succeed. Chosen for a
 * function by {@link AsyncJob#retryPolicy()} or {@link AsyncJob#retryPolicyBean()}; a
 * bean of this type is the policy of all functions that choose none. The number of
 * attempts stays bounded by {@code maxAttempts}, whatever a policy says.
 * <p>
 * A policy is asked by several threads at once. One that throws is logged and the
 * back-off of the properties holds.
 */
@FunctionalInterface
public interface RetryPolicy {

	/**
	 * Decides after an attempt that did not succeed and is not the last.
	 * @param attempt its number, from 1
	 * @param thrown what the function threw; a
	 * {@link java.util.concurrent.TimeoutException} if the attempt took longer than its
	 * time-out
	 * @return the wait until the next attempt; null for no more, so that the job fails
	 */
	@Nullable Duration next(int attempt, Throwable thrown);

	/**
	 * One attempt and no more.
	 * @return the policy
	 */
	static RetryPolicy none() {
		return (attempt, thrown) -> null;
	}

	/**
	 * The same wait each time.
	 * @param wait zero or more
	 * @return the policy
	 * @throws IllegalArgumentException if the wait is negative
	 */
	static RetryPolicy fixed(Duration wait) {
		return delays(wait);
	}

	/**
	 * Waits that grow from attempt to attempt.
	 * @param initial the wait before the second attempt
	 * @param multiplier by which the wait grows, from 1
	 * @param max the longest wait, at least the first one
	 * @param jitter the part of the wait by which it varies at random to both sides, 0 to
	 * 1
	 * @return the policy
	 * @throws IllegalArgumentException if a value is out of its range
	 */
	static RetryPolicy exponential(Duration initial, double multiplier, Duration max, double jitter) {
		return new ExponentialRetry(initial, multiplier, max, jitter);
	}

	/**
	 * One wait after another; the last one holds for all attempts that follow.
	 * @param waits at least one
	 * @return the policy
	 * @throws IllegalArgumentException if there is none, or one is negative
	 */
	static RetryPolicy delays(Duration... waits) {
		List<Duration> all = List.of(waits);
		if (all.isEmpty() || all.stream().anyMatch(Duration::isNegative)) {
			throw new IllegalArgumentException(
					"The waits of a RetryPolicy are " + all + ", expected one or more, none of them negative.");
		}
		return (attempt, thrown) -> all.get(Math.min(attempt, all.size()) - 1);
	}

}
