package dev.taskqueue;

/**
 * The running attempt, for a function that declares a parameter of this type.
 */
public interface JobContext {

	/**
	 * The job's id in text form; the same over all attempts, so it serves as idempotency
	 * key.
	 * @return the id
	 */
	String jobId();

	/**
	 * The function's name.
	 * @return the name
	 */
	String function();

	/**
	 * The queue that the job was taken from.
	 * @return the queue
	 */
	String queue();

	/**
	 * The number of this attempt.
	 * @return from 1
	 */
	int attempt();

	/**
	 * The number of attempts that the job has in all.
	 * @return from 1
	 */
	int maxAttempts();

	/**
	 * Whether the attempt should stop: it timed out, the job was cancelled, the worker
	 * shuts down or has lost its lease. The thread is interrupted as well.
	 * @return true as soon as one of these is so
	 */
	boolean isCancelled();

}
