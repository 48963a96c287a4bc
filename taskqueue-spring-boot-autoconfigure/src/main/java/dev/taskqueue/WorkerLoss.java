package dev.taskqueue;

/**
 * What happens to a running job when its worker dies or loses its lease.
 */
public enum WorkerLoss {

	/** The job runs again: at least once. It fails after it was lost three times. */
	RETRY,

	/** The job fails with the reason {@code worker-lost}: at most once. */
	FAIL

}
