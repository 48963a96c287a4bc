package dev.taskqueue;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * A submitted job from the submitter's side. It remembers nothing but the id: each method
 * asks the store anew, so an end that was seen once does not hide a later attempt. Safe
 * for several threads.
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
	 * Whether the submit that gave this handle submitted nothing, since this job has the
	 * unique key.
	 * @return false for a handle that comes from elsewhere, and for a job that took the
	 * place of another by {@link OnDuplicate#REPLACE}
	 */
	boolean isDuplicate();

	/**
	 * Reads the job.
	 * @return the job as it is now; empty once retention has removed it
	 */
	Optional<Job> find();

	/**
	 * Reads the job's state.
	 * @return the state as it is now
	 * @throws JobGoneException if the job is not there (any more)
	 * @throws TaskQueueException if the store cannot be read
	 */
	JobState state();

	/**
	 * The same handle with another type of result, to which the stored result is
	 * converted.
	 * @param <T> the type
	 * @param type the type's class
	 * @return the handle
	 */
	<T> JobHandle<T> as(Class<T> type);

	/**
	 * Asks for the result and does not wait for it.
	 * @return the result if the job succeeded, which may hold null; empty if the job has
	 * not ended yet
	 * @throws JobFailedException if the job ended in another way than success
	 * @throws JobGoneException if the job is not there (any more)
	 * @throws TaskQueueException if the store cannot be read
	 */
	Optional<JobResult<R>> result();

	/**
	 * Waits for the end of the job.
	 * @param timeout the longest wait
	 * @return the function's result; null where it gave none
	 * @throws JobFailedException if the job ended in another way than success
	 * @throws TimeoutException if it has not ended in time; it goes on
	 * @throws InterruptedException if the waiting thread was interrupted; the job goes on
	 * @throws JobGoneException if the job is not there (any more)
	 * @throws TaskQueueException if the store cannot be read
	 */
	@Nullable R await(Duration timeout) throws TimeoutException, InterruptedException;

	/**
	 * Has the end of the job told without a thread that waits for it. One thread for all
	 * looks from time to time: at once when the job ends on this node, else after an
	 * eighth of the time that it took so far, at most two seconds. An outage of the store
	 * is waited out; {@link CompletableFuture#orTimeout} bounds the wait. What depends on
	 * the future runs in its default executor.
	 * @return a new future of the result, which is null where the function gave none. It
	 * fails as {@link #await} does, and with a {@link TaskQueueException} when the
	 * application ends before the job. To cancel it ends the waiting; the job goes on
	 */
	CompletableFuture<@Nullable R> completion();

	/**
	 * Asks how far the latest attempt said it has come.
	 * @return the progress; empty where no attempt said so
	 * @throws JobGoneException if the job is not there (any more)
	 * @throws TaskQueueException if the store cannot be read
	 */
	Optional<JobProgress> progress();

	/**
	 * Has a listener told of the job as it is and of what happens to it, on whatever
	 * node, as {@link TaskQueue#watch(String, Consumer)}.
	 * @param listener told of the job, without its log
	 * @return closes it; the end of the application does too
	 * @throws TaskQueueException if the store has never answered, or the application has
	 * ended
	 */
	JobWatch onEvent(Consumer<Job> listener);

	/**
	 * Cancels the job, as {@link TaskQueue#cancel(String)}.
	 * @return what was done
	 * @throws TaskQueueException if the store cannot be reached; cancel again
	 */
	CancelResult cancel();

}
