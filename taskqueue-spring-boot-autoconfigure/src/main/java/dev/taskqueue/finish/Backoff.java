package dev.taskqueue.finish;

import java.time.Duration;
import java.util.Objects;

import dev.taskqueue.RetryPolicy;
import org.jspecify.annotations.Nullable;

/** The waits between attempts where no {@link RetryPolicy} was chosen. */
final class Backoff {

	private final RetrySettings settings;

	Backoff(RetrySettings settings) {
		this.settings = settings;
	}

	/**
	 * The wait after an attempt.
	 * @param attempt its number, from 1
	 * @param initial the function's own first wait, or null
	 */
	Duration after(int attempt, @Nullable Duration initial) {
		Duration first = (initial != null) ? initial : this.settings.initialBackoff();
		Duration max = this.settings.maxBackoff();
		RetryPolicy policy = RetryPolicy.exponential(first, this.settings.multiplier(),
				(max.compareTo(first) > 0) ? max : first, this.settings.jitter());
		// these waits do not depend on what was thrown
		return Objects.requireNonNull(policy.next(attempt, new IllegalStateException()));
	}

}
