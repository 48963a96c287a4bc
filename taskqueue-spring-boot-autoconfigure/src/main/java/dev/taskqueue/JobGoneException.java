package dev.taskqueue;

/**
 * A job that is asked for is not there: retention has removed it, or it was never there.
 */
public class JobGoneException extends TaskQueueException {

	private final String jobId;

	/**
	 * Creates one.
	 * @param jobId the job's id
	 */
	public JobGoneException(String jobId) {
		super("Job " + jobId + " does not exist: its retention is over, it was never submitted, or the transaction "
				+ "that submits it is not committed. Ask after the commit, and give functions whose result is asked "
				+ "for later a longer retention (@AsyncJob(retention = …) or taskqueue.retention).");
		this.jobId = jobId;
	}

	/**
	 * Which job.
	 * @return its id in text form
	 */
	public String getJobId() {
		return this.jobId;
	}

}
