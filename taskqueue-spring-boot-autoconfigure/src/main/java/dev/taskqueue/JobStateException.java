package dev.taskqueue;

/**
 * A job is in a state in which it cannot be changed in the way that was asked for.
 * Nothing was changed.
 */
public class JobStateException extends TaskQueueException {

	private final String jobId;

	private final JobState state;

	/**
	 * Creates one.
	 * @param jobId the job's id
	 * @param state the state that it is in
	 * @param message what was asked for and what to do
	 */
	public JobStateException(String jobId, JobState state, String message) {
		super(message);
		this.jobId = jobId;
		this.state = state;
	}

	/**
	 * The job's id.
	 * @return the id in text form
	 */
	public String getJobId() {
		return this.jobId;
	}

	/**
	 * The state that the job was in.
	 * @return the state
	 */
	public JobState getState() {
		return this.state;
	}

}
