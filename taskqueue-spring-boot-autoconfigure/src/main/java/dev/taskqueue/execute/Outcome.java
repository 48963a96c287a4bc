package dev.taskqueue.execute;

import java.time.Duration;

import dev.taskqueue.JobError;
import dev.taskqueue.claim.Claim;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt ended.
 */
public sealed interface Outcome {

	/**
	 * What was claimed.
	 * @return the claim
	 */
	Claim claim();

	/**
	 * How long the attempt took.
	 * @return zero where none was begun
	 */
	Duration duration();

	/**
	 * The function returned.
	 *
	 * @param claim what was claimed
	 * @param duration how long it took
	 * @param result what it gave, in plain Java
	 * @param retention how long the job is kept, or null where the function does not say
	 */
	record Succeeded(Claim claim, Duration duration, @Nullable Object result,
			@Nullable Duration retention) implements Outcome {
	}

	/**
	 * The function threw, took too long or could not be called.
	 *
	 * @param claim what was claimed
	 * @param duration how long it took
	 * @param error what went wrong
	 * @param retry whether and when another attempt follows
	 * @param thrown what was thrown, where something was; else null
	 */
	record Failed(Claim claim, Duration duration, JobError error, Retry retry,
			@Nullable Throwable thrown) implements Outcome {

		public Failed(Claim claim, Duration duration, JobError error, Retry retry) {
			this(claim, duration, error, retry, null);
		}

	}

	/**
	 * Whether and when another attempt follows a failed one.
	 *
	 * @param maxAttempts attempts in all; 0 if another would make no sense
	 * @param backoff the wait before the second attempt, or null for the general one
	 * @param delay the wait before the next attempt, where the job or its policy said
	 * one; else null
	 */
	record Retry(int maxAttempts, @Nullable Duration backoff, @Nullable Duration delay) {

		/** No attempt follows. */
		static final Retry NEVER = new Retry(0, null);

		public Retry(int maxAttempts, @Nullable Duration backoff) {
			this(maxAttempts, backoff, null);
		}

		Retry after(Duration delay) {
			return new Retry(this.maxAttempts, this.backoff, delay);
		}

	}

	/**
	 * The job was to be cancelled.
	 *
	 * @param claim what was claimed
	 * @param duration how long it took
	 * @param error why, where the attempt itself said so; else null
	 */
	record Cancelled(Claim claim, Duration duration, @Nullable JobError error) implements Outcome {

		public Cancelled(Claim claim, Duration duration) {
			this(claim, duration, null);
		}

	}

	/**
	 * The job's {@code expires_at} passed before it was started.
	 *
	 * @param claim what was claimed
	 */
	record Expired(Claim claim) implements Outcome {

		@Override
		public Duration duration() {
			return Duration.ZERO;
		}

	}

	/**
	 * Not started, or stopped with the worker: the job returns to pending and the attempt
	 * does not count.
	 *
	 * @param claim what was claimed
	 * @param duration how long it took
	 */
	record GivenBack(Claim claim, Duration duration) implements Outcome {
	}

	/**
	 * Not started, since another job holds its lock: it waits for that, and the attempt
	 * does not count.
	 *
	 * @param claim what was claimed
	 * @param lock the name of the lock
	 */
	record Locked(Claim claim, String lock) implements Outcome {

		@Override
		public Duration duration() {
			return Duration.ZERO;
		}

	}

	/**
	 * The worker was fenced: others hold the job, so nothing is written.
	 *
	 * @param claim what was claimed
	 * @param duration how long it took
	 */
	record Abandoned(Claim claim, Duration duration) implements Outcome {
	}

}
