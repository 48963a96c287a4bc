package dev.taskqueue;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Which jobs are meant:
 * {@code JobQuery.all().state(JobState.FAILED).reason(JobError.Reason.TIMEOUT)}. What is
 * null is not looked at.
 *
 * @param state the state
 * @param isScheduled only pending jobs whose time is to come
 * @param queue the queue
 * @param function the function's name
 * @param reason the reason of the latest error; also of jobs that went on after it, so
 * give a state with it
 * @param idPrefix how the id begins; only of ids that are texts
 * @param createdBefore submitted before that moment
 * @param createdAfter submitted at that moment or later
 * @param limit the most jobs
 */
public record JobQuery(@Nullable JobState state, boolean isScheduled, @Nullable String queue, @Nullable String function,
		JobError.@Nullable Reason reason, @Nullable String idPrefix, @Nullable Instant createdBefore,
		@Nullable Instant createdAfter, @Nullable Long limit) {

	private static final String SCHEDULED = "scheduled";

	/**
	 * Checks the query.
	 * @throws IllegalArgumentException if a value cannot be meant; the message names it
	 */
	public JobQuery {
		if (limit != null && limit < 1) {
			throw new IllegalArgumentException("limit is '" + limit + "', expected 1 or more. Correct the query.");
		}
		if (isScheduled && state != JobState.PENDING) {
			throw new IllegalArgumentException("state is '" + state
					+ "', expected PENDING since scheduled jobs are asked for. Correct the query.");
		}
	}

	/**
	 * All jobs, to begin with.
	 * @return the query
	 */
	public static JobQuery all() {
		return new JobQuery(null, false, null, null, null, null, null, null, null);
	}

	/**
	 * Only jobs of a state.
	 * @param state the state
	 * @return this query and that
	 */
	public JobQuery state(JobState state) {
		return new JobQuery(state, false, this.queue, this.function, this.reason, this.idPrefix, this.createdBefore,
				this.createdAfter, this.limit);
	}

	/**
	 * Only jobs of a state, by its text.
	 * @param state a state as documents have it, or {@code scheduled}
	 * @return this query and that
	 * @throws IllegalArgumentException if it is none; the message lists them
	 */
	public JobQuery state(String state) {
		if (SCHEDULED.equalsIgnoreCase(state)) {
			return scheduled();
		}
		try {
			return state(JobState.of(state));
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(ex.getMessage() + ", or " + SCHEDULED, ex);
		}
	}

	/**
	 * Only pending jobs whose time is to come.
	 * @return this query and that
	 */
	public JobQuery scheduled() {
		return new JobQuery(JobState.PENDING, true, this.queue, this.function, this.reason, this.idPrefix,
				this.createdBefore, this.createdAfter, this.limit);
	}

	/**
	 * Only jobs of a queue.
	 * @param queue the name
	 * @return this query and that
	 */
	public JobQuery queue(String queue) {
		return new JobQuery(this.state, this.isScheduled, queue, this.function, this.reason, this.idPrefix,
				this.createdBefore, this.createdAfter, this.limit);
	}

	/**
	 * Only jobs of a function.
	 * @param function the name
	 * @return this query and that
	 */
	public JobQuery function(String function) {
		return new JobQuery(this.state, this.isScheduled, this.queue, function, this.reason, this.idPrefix,
				this.createdBefore, this.createdAfter, this.limit);
	}

	/**
	 * Only jobs whose latest error has a reason.
	 * @param reason the reason
	 * @return this query and that
	 */
	public JobQuery reason(JobError.Reason reason) {
		return new JobQuery(this.state, this.isScheduled, this.queue, this.function, reason, this.idPrefix,
				this.createdBefore, this.createdAfter, this.limit);
	}

	/**
	 * Only jobs whose id is a text that begins so: ids of your own.
	 * @param prefix the beginning
	 * @return this query and that
	 */
	public JobQuery idPrefix(String prefix) {
		return new JobQuery(this.state, this.isScheduled, this.queue, this.function, this.reason, prefix,
				this.createdBefore, this.createdAfter, this.limit);
	}

	/**
	 * Only jobs that were submitted before a moment.
	 * @param moment the moment
	 * @return this query and that
	 */
	public JobQuery createdBefore(Instant moment) {
		return new JobQuery(this.state, this.isScheduled, this.queue, this.function, this.reason, this.idPrefix, moment,
				this.createdAfter, this.limit);
	}

	/**
	 * Only jobs that were submitted at a moment or later.
	 * @param moment the moment
	 * @return this query and that
	 */
	public JobQuery createdAfter(Instant moment) {
		return new JobQuery(this.state, this.isScheduled, this.queue, this.function, this.reason, this.idPrefix,
				this.createdBefore, moment, this.limit);
	}

	/**
	 * No more jobs than that.
	 * @param limit the most, from 1
	 * @return this query and that
	 */
	public JobQuery limit(long limit) {
		return new JobQuery(this.state, this.isScheduled, this.queue, this.function, this.reason, this.idPrefix,
				this.createdBefore, this.createdAfter, limit);
	}

	/**
	 * Whether it means some jobs and not all.
	 * @return false if nothing but a limit is said
	 */
	public boolean isNarrowed() {
		return !all().equals(new JobQuery(this.state, this.isScheduled, this.queue, this.function, this.reason,
				this.idPrefix, this.createdBefore, this.createdAfter, null));
	}

}
