package dev.taskqueue.client;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import dev.taskqueue.JobQuery;
import dev.taskqueue.JobState;

/**
 * What can be done to all jobs that a query means.
 */
public enum BulkAction {

	/** Ends what has not ended. */
	CANCEL("cancelled"),

	/** Makes pending what ended without success. */
	RETRY("retried"),

	/** Deletes what does not run. */
	DELETE("deleted");

	private final String done;

	BulkAction(String done) {
		this.done = done;
	}

	/**
	 * What was done to a job, for messages.
	 * @return the participle
	 */
	public String done() {
		return this.done;
	}

	/**
	 * The jobs that it can be done to.
	 * @return their states
	 */
	public Set<JobState> states() {
		return switch (this) {
			case CANCEL -> EnumSet.of(JobState.PENDING, JobState.RUNNING);
			case RETRY -> EnumSet.of(JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED);
			case DELETE -> EnumSet.complementOf(EnumSet.of(JobState.RUNNING));
		};
	}

	/**
	 * Refuses a query that means none of these jobs.
	 * @param query the query
	 * @throws IllegalArgumentException if its state is none of {@link #states()}
	 */
	public void check(JobQuery query) {
		if (query.state() != null && !states().contains(query.state())) {
			List<String> texts = states().stream().map(JobState::text).sorted().toList();
			throw new IllegalArgumentException("state is '" + query.state().text() + "', and jobs that are "
					+ query.state().text() + " cannot be " + this.done + ". Expected one of " + texts + ", or none.");
		}
	}

}
