package dev.taskqueue.steer;

import org.jspecify.annotations.Nullable;

/**
 * The worker of this process, which need not hear from the store what was decided here.
 * Each method returns at once, and does nothing where no worker runs.
 */
public interface SteeredWorker {

	/**
	 * A queue may have due jobs.
	 * @param queue its name
	 */
	void wakeUp(String queue);

	/**
	 * A running job is to be cancelled.
	 * @param id the job's id as stored
	 * @param claim the token of the claim that it runs under
	 */
	void cancel(Object id, @Nullable String claim);

	/** Some running jobs are to be cancelled. */
	void lookForCancellations();

	/** Queues were paused or resumed, or functions revoked or restored. */
	void ordersChanged();

}
