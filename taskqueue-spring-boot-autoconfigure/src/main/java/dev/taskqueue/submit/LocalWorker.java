package dev.taskqueue.submit;

import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * The worker of this process, which need not hear of its own jobs from the store.
 */
@FunctionalInterface
public interface LocalWorker {

	/**
	 * A queue may have due jobs.
	 * @param queue its name
	 */
	void wakeUp(String queue);

	/**
	 * Keeps a place for a job that is due and about to be inserted, so that it is claimed
	 * by its own insert: a write and two trips less.
	 * @param queue the job's queue
	 * @param function the job's function
	 * @return the place; null where the job must wait its turn, or where none works
	 */
	default @Nullable Place reserve(String queue, String function) {
		return null;
	}

	/**
	 * A place that is kept for a job. One of {@link #begin} and {@link #giveUp} is
	 * called, once.
	 */
	interface Place {

		/**
		 * The worker that the job is to be inserted under.
		 * @return the worker's id
		 */
		String worker();

		/**
		 * The token of the claim that it is to be inserted with.
		 * @return the token
		 */
		String token();

		/**
		 * The job is durable.
		 * @param job as it was before the claim
		 */
		void begin(Document job);

		/**
		 * The job was not taken.
		 * @param id the job's id
		 * @param mayExist whether it may be inserted all the same
		 */
		void giveUp(Object id, boolean mayExist);

	}

}
