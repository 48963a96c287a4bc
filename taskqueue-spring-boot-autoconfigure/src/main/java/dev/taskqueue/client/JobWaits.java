package dev.taskqueue.client;

import dev.taskqueue.JobEvent;

/**
 * All who wait on this node for what becomes of jobs. Shared by the queue and its
 * handles.
 */
public final class JobWaits implements AutoCloseable {

	private final EndWaits ends = new EndWaits();

	private final Completions completions;

	private final Watches watches;

	/**
	 * Creates one; it has no thread until somebody waits.
	 * @param queries reads jobs
	 */
	public JobWaits(JobQueries queries) {
		this.completions = new Completions(queries);
		this.watches = queries.watches();
	}

	/**
	 * Is told what happens on this node, so that who waits here for a job looks at once.
	 * Returns at once.
	 * @param event the event
	 */
	public void onEvent(JobEvent event) {
		this.ends.onEvent(event);
		this.completions.onEvent(event);
	}

	/** Ends all waiting that has no thread of its own, and all watching. */
	@Override
	public void close() {
		this.completions.close();
		this.watches.close();
	}

	EndWaits ends() {
		return this.ends;
	}

	Completions completions() {
		return this.completions;
	}

	Watches watches() {
		return this.watches;
	}

}
