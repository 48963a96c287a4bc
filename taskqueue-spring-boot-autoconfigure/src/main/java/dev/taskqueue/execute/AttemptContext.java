package dev.taskqueue.execute;

import dev.taskqueue.JobContext;
import org.jspecify.annotations.Nullable;

/** The attempt as its function sees it. */
record AttemptContext(Attempt running, String jobId, String function, String queue, int attempt,
		int maxAttempts) implements JobContext {

	@Override
	public boolean isCancelled() {
		return this.running.stopReason() != null;
	}

	@Override
	public void progress(int percent, @Nullable String message) {
		this.running.notes().progress(percent, message);
	}

	@Override
	public void progress(int percent) {
		this.running.notes().progress(percent);
	}

	@Override
	public void advance(int percent) {
		this.running.notes().advance(percent);
	}

	@Override
	public void log(String line) {
		this.running.notes().log(line);
	}

}
