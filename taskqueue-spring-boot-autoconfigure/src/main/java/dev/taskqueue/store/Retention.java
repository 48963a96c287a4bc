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
