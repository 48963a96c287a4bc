package dev.taskqueue.store;

import java.time.Duration;

import dev.taskqueue.JobState;

/**
 * How long ended jobs are kept.
 *
 * @param succeeded jobs that succeeded; zero deletes them as they finish
 * @param failed jobs that failed
 * @param cancelled jobs that were cancelled
 * @param expired jobs that were not started in time
 */
public record Retention(Duration succeeded, Duration failed, Duration cancelled, Duration expired) {

	private static final Duration SLOT_GUARD = Duration.ofMinutes(5);

	/**
	 * How long the job of a row is kept. Its id keeps a scheduler that stalled from
	 * dispatching its slot again, so it outlives the longest stall that is not noticed.
	 * @param kept how long it would be kept otherwise
	 * @return at least five minutes
	 */
	public static Duration guardingSlot(Duration kept) {
		return (kept.compareTo(SLOT_GUARD) < 0) ? SLOT_GUARD : kept;
	}

	/**
	 * How long jobs of a state are kept.
	 * @param state an end
	 * @return zero deletes at once
	 * @throws IllegalArgumentException if the state is no end
	 */
	public Duration of(JobState state) {
		return switch (state) {
			case SUCCEEDED -> this.succeeded;
			case FAILED -> this.failed;
			case CANCELLED -> this.cancelled;
			case EXPIRED -> this.expired;
			case PENDING, RUNNING -> throw new IllegalArgumentException(state + " is no end");
		};
	}

}
