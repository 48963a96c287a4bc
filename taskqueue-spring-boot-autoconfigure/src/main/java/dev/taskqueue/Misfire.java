package dev.taskqueue;

/**
 * What becomes of the times of a periodic job that were missed, because no application
 * ran, the job was paused, or its function was not there.
 */
public enum Misfire {

	/** One run for all of them. */
	ONCE,

	/** A run for each, the oldest first. */
	ALL,

	/** None. */
	SKIP

}
