package dev.taskqueue.execute;

import dev.taskqueue.JobContext;

/** The attempt as its function sees it. */
record AttemptContext(Attempt running, String jobId, String function, String queue, int attempt,
		int maxAttempts) implements JobContext {

	@Override
	public boolean isCancelled() {
		return this.running.stopReason() != null;
	}

}
