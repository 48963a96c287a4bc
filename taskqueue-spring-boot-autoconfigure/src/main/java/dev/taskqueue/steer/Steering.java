package dev.taskqueue.steer;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import com.mongodb.MongoInterruptedException;
import dev.taskqueue.CancelResult;
import dev.taskqueue.JobEvent;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * What people and programs decide about jobs that were submitted. The protocol stands in
 * the package's documentation. Safe for several threads.
 */
public final class Steering {

	private static final String QUEUE = "queue";

	private static final String FUNCTION = "function";

	private final Cancelling cancelling;

	private final Changing changing;

	private final Bulk bulk;

	private final Orders orders;

	private final long maxBytes;

	/**
	 * Creates one.
	 * @param database the collections
	 * @param serverClock the server's time
	 * @param retention how long ended jobs are kept
	 * @param maxBytes the most that the arguments of a job may take
	 * @param worker the worker of this process
	 * @param events told of what happened by this
	 */
	public Steering(TaskQueueDatabase database, Clock serverClock, Retention retention, long maxBytes,
			SteeredWorker worker, Consumer<JobEvent> events) {
		JobWrites writes = new JobWrites(database.jobs(), serverClock, retention, events);
		this.cancelling = new Cancelling(writes, worker);
		this.changing = new Changing(writes, worker);
		this.bulk = new Bulk(writes, worker);
		this.orders = new Orders(database, serverClock, worker);
		this.maxBytes = maxBytes;
	}

	/**
	 * Cancels a job.
	 * @param id its id in text form
	 * @return what was done
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public CancelResult cancel(String id) {
		return write("job " + id + " was cancelled", () -> this.cancelling.cancel(id));
	}

	/**
	 * Makes a job that failed, was cancelled or expired pending again, due now.
	 * @param id its id in text form
	 * @return false if there is no such job
	 * @throws dev.taskqueue.JobStateException if it is in another state, or if another
	 * job has its unique key
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public boolean retry(String id) {
		return write("job " + id + " was retried", () -> this.changing.retry(id));
	}

	/**
	 * Makes a pending job due now.
	 * @param id its id in text form
	 * @return false if there is no such job
	 * @throws dev.taskqueue.JobStateException if it is in another state
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public boolean runNow(String id) {
		return write("job " + id + " was made due", () -> this.changing.runNow(id));
	}

	/**
	 * Gives a pending job another time.
	 * @param id its id in text form
	 * @param at not to be started earlier
	 * @return false if there is no such job
	 * @throws dev.taskqueue.JobStateException if it is in another state
	 * @throws IllegalArgumentException if no date can hold that time
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public boolean reschedule(String id, Instant at) {
		return write("job " + id + " was rescheduled", () -> this.changing.reschedule(id, at));
	}

	/**
	 * Changes a pending job.
	 * @param id its id in text form
	 * @param set the fields of its document that are to be different, one or more
	 * @param key gives the unique key that the job is to have, of the job as it was read:
	 * null where it stays. Asked again where somebody else changes the job meanwhile
	 * @return false if there is no such job
	 * @throws dev.taskqueue.JobStateException if it is in another state, or if another
	 * job has that key
	 * @throws IllegalArgumentException if the fields take too much room
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public boolean edit(String id, Document set, Function<Document, @Nullable String> key) {
		int size = TaskQueueDatabase.encode(set).getByteBuffer().remaining();
		if (size > this.maxBytes) {
			throw new IllegalArgumentException("The change of job " + id + " has " + size + " bytes, expected at most "
					+ this.maxBytes + ". Store the data elsewhere and give the job its id.");
		}
		return write("job " + id + " was edited", () -> this.changing.edit(id, set, key));
	}

	/**
	 * Deletes a job that does not run.
	 * @param id its id in text form
	 * @return false if there is no such job
	 * @throws dev.taskqueue.JobStateException if it runs
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public boolean delete(String id) {
		return write("job " + id + " was deleted", () -> this.changing.delete(id));
	}

	/**
	 * Cancels a batch of jobs.
	 * @param batch with id, function and queue; at most a thousand
	 * @return how many are cancelled, or are to be by their worker
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public long cancel(List<JobDocument> batch) {
		return write("some jobs were cancelled", () -> this.bulk.cancel(batch));
	}

	/**
	 * Makes those of a batch pending again that failed, were cancelled or expired.
	 * @param batch with id and queue; at most a thousand
	 * @return how many; one whose unique key another job has is none of them
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public long retry(List<JobDocument> batch) {
		return write("some jobs were retried", () -> this.bulk.retry(batch));
	}

	/**
	 * Deletes those of a batch that do not run.
	 * @param batch with id; at most a thousand
	 * @return how many
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public long delete(List<JobDocument> batch) {
		return write("some jobs were deleted", () -> this.bulk.delete(batch));
	}

	/**
	 * Has no worker start jobs of a queue any more.
	 * @param queue the name
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public void pause(String queue) {
		order(QUEUE, queue, "paused", () -> this.orders.pause(queue));
	}

	/**
	 * Takes a pause back.
	 * @param queue the name
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public void resume(String queue) {
		order(QUEUE, queue, "resumed", () -> this.orders.resume(queue));
	}

	/**
	 * Whether a queue is paused.
	 * @param queue the name
	 * @return true if so
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public boolean isPaused(String queue) {
		return write("queue '" + queue + "' is paused", () -> this.orders.isPaused(queue));
	}

	/**
	 * Has the jobs of a function cancelled when they come due.
	 * @param function the name
	 * @param until when that ends, or null for never
	 * @throws IllegalArgumentException if no date can hold that time
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public void revoke(String function, @Nullable Instant until) {
		order(FUNCTION, function, "revoked", () -> this.orders.revoke(function, until));
	}

	/**
	 * Takes a revocation back.
	 * @param function the name
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public void restore(String function) {
		order(FUNCTION, function, "restored", () -> this.orders.restore(function));
	}

	/**
	 * Whether a function is revoked now.
	 * @param function the name
	 * @return true if so
	 * @throws TaskQueueException if the store cannot be reached
	 */
	public boolean isRevoked(String function) {
		return write("function '" + function + "' is revoked", () -> this.orders.isRevoked(function));
	}

	private static void order(String what, String name, String done, Runnable order) {
		if (name.isBlank()) {
			throw new IllegalArgumentException(
					what + " is '" + name + "', expected the name of a " + what + ". Correct the call.");
		}
		write(what + " '" + name + "' was " + done, () -> {
			order.run();
			return true;
		});
	}

	private static <T> T write(String what, Supplier<T> write) {
		try {
			return write.get();
		}
		catch (MongoInterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new TaskQueueException(
					"It is not known whether " + what + ": the thread was interrupted. Do it again; that does no harm.",
					ex);
		}
		catch (MongoException ex) {
			throw new TaskQueueException("It is not known whether " + what + ": " + ex.getMessage()
					+ ". Do it again when MongoDB answers; that does no harm.", ex);
		}
	}

}
