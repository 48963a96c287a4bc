package dev.taskqueue;

import org.jspecify.annotations.Nullable;

/**
 * A job that was waited for ended in another way than success.
 */
public class JobFailedException extends TaskQueueException {

	private final transient Job job;

	/**
	 * Creates one.
	 * @param job the ended job
	 */
	public JobFailedException(Job job) {
		super("Job " + job.id() + " of function '" + job.function() + "' ended " + job.state().text()
				+ ((job.error() != null) ? ": " + job.error().message() : ""));
		this.job = job;
	}

	/**
	 * The job as it ended.
	 * @return the job
	 */
	public Job getJob() {
		return this.job;
	}

	/**
	 * Why it failed.
	 * @return the error of the last attempt; null if there was none, as when the job
	 * expired
	 */
	public @Nullable JobError getError() {
		return this.job.error();
	}

}
