package dev.taskqueue;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

/**
 * A submitted job from the submitter's side. Safe for several threads.
 *
 * @param <R> the type of the result
 */
public interface JobHandle<R> {

	/**
	 * The job's id in text form.
	 * @return the id
	 */
	String id();

	/**
	 * Reads the job.
	 * @return the job as it is now; empty once retention has removed it
	 */
	Optional<Job> find();

	/**
	 * The same handle with another type of result, to which the stored result is
	 * converted.
	 * @param <T> the type
	 * @param type the type's class
	 * @return the handle
	 */
	<T> JobHandle<T> as(Class<T> type);

	/**
	 * Waits for the end of the job.
	 * @param timeout the longest wait
	 * @return the function's result; null where it gave none
	 * @throws JobFailedException if the job ended in another way than success
	 * @throws TimeoutException if it has not ended in time; it goes on
	 * @throws InterruptedException if the waiting thread was interrupted; the job goes on
	 * @throws TaskQueueException if the job cannot be found (any more) or the store
	 * cannot be read
	 */
	@Nullable R await(Duration timeout) throws TimeoutException, InterruptedException;

}
