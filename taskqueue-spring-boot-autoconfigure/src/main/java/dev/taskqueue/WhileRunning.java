package dev.taskqueue;

/**
 * What happens at a time of a periodic job while the job of the time before is still
 * pending or running.
 */
public enum WhileRunning {

	/** It runs beside the other. */
	RUN,

	/** It is left out. */
	SKIP,

	/**
	 * It waits until the other has ended; of several times that pass meanwhile,
	 * {@link Misfire} says which ones run.
	 */
	QUEUE,

	/** The other is cancelled, and it runs. */
	CANCEL

}
