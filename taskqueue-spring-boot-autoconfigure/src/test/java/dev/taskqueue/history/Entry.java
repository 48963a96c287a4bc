package dev.taskqueue.history;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.taskqueue.CancelResult;
import org.jspecify.annotations.Nullable;

/**
 * A line of a history. {@code at} is the machine's monotonic time in nanoseconds, the
 * same for all processes of one machine, whatever is done to their clocks;
 * {@code process} is who wrote it.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "entry")
public sealed interface Entry {

	long at();

	String process();

	/** An entry about a job. */
	sealed interface OfJob extends Entry {

		String job();

	}

	/**
	 * A program is about to submit a job.
	 *
	 * @param delayMs not to be started earlier than so long after
	 * @param failures so many attempts fail, by the function's own will
	 */
	record Submitting(long at, String process, String job, String function, long delayMs,
			int failures) implements OfJob {
	}

	/**
	 * The job that it is about to submit has a unique key.
	 *
	 * @param periodMs the key is held for so long, should the job end before
	 */
	record Keyed(long at, String process, String job, String key, long periodMs) implements OfJob {
	}

	/**
	 * The job that it is about to submit has a place among others.
	 *
	 * @param queue its queue
	 * @param priority its priority
	 * @param runAt its {@code run_at}, in epoch milliseconds
	 */
	record Queued(long at, String process, String job, String queue, int priority, long runAt) implements OfJob {
	}

	/** What the program was told. No such entry: it did not live to hear it. */
	record Answered(long at, String process, String job, Answer answer, @Nullable String message) implements OfJob {
	}

	/** The words of a submit. */
	enum Answer {

		ACKNOWLEDGED, REFUSED, UNKNOWN

	}

	/** A program is about to have a job cancelled. */
	record Cancelling(long at, String process, String job) implements OfJob {
	}

	/** What it was told; null where nobody can say. */
	record CancelAnswered(long at, String process, String job, @Nullable CancelResult result) implements OfJob {
	}

	/** A program is about to give an order about a queue or a function. */
	record Ordering(long at, String process, Order order, String target) implements Entry {
	}

	/**
	 * The order was acknowledged. No such entry: it may have been given or not.
	 *
	 * @param heardBy when each node must have heard of it, on the same monotonic time
	 */
	record Ordered(long at, String process, Order order, String target, long heardBy) implements Entry {
	}

	/** What holds until it is taken back, and what takes it back. */
	enum Order {

		PAUSE, RESUME, REVOKE, RESTORE

	}

	/**
	 * A function begins.
	 *
	 * @param run names this execution; its outcome tells it
	 * @param queue the job's
	 * @param worker the identity that holds the job
	 * @param claim the token by which it does
	 * @param attempt the number of the attempt
	 * @param recoveries how often the job had been taken back before
	 */
	record Started(long at, String process, String job, String run, String function, String queue, String worker,
			String claim, int attempt, int recoveries) implements OfJob {
	}

	/**
	 * A function that has begun has a lock.
	 *
	 * @param run the execution
	 * @param lock the name of the lock
	 */
	record Locked(long at, String process, String job, String run, String lock) implements OfJob {
	}

	/** A function leaves. No such entry: its process did not live so long. */
	record Ended(long at, String process, String job, String run, How how) implements OfJob {
	}

	/** How a function leaves. */
	enum How {

		RETURNED, THREW, INTERRUPTED

	}

	/**
	 * An event that the application heard.
	 *
	 * @param event its simple name
	 * @param attempt of the attempt that did not succeed, 0 where none is told
	 */
	record Told(long at, String process, String job, String event, int attempt) implements OfJob {
	}

	/**
	 * A node says what it may do and what it holds.
	 *
	 * @param worker its identity
	 * @param heldUntil the end of its lease, on the same monotonic time
	 * @param health as Boot's health endpoint says it
	 * @param problem what its details say, if anything
	 * @param heapBytes in use
	 * @param threads that live
	 */
	record Beat(long at, String process, String worker, long heldUntil, String health, @Nullable String problem,
			long heapBytes, int threads) implements Entry {
	}

	/**
	 * A node's endpoint was asked.
	 *
	 * @param answered whether it told, or threw
	 * @param millis how long that took
	 */
	record Asked(long at, String process, boolean answered, long millis) implements Entry {
	}

	/**
	 * A node begins.
	 *
	 * @param concurrency most functions at a time
	 * @param queue a queue with a bound of its own
	 * @param queueConcurrency that bound
	 */
	record NodeBegins(long at, String process, int concurrency, String queue, int queueConcurrency) implements Entry {
	}

	/**
	 * A node that begins has an order among queues, of which none is bounded or will be
	 * paused.
	 *
	 * @param weights the queues' weights, or their ranks
	 * @param strict whether they are ranks
	 * @param hearingMs within so long it hears of jobs that are due
	 */
	record Weighs(long at, String process, Map<String, Integer> weights, boolean strict,
			long hearingMs) implements Entry {
	}

	/** A node was told to end, and may give its jobs to others from now on. */
	record NodeStops(long at, String process) implements Entry {
	}

	/**
	 * A job takes all memory of its process, which may be unable to write down how other
	 * jobs ended, and gives them back.
	 */
	record Starved(long at, String process) implements Entry {
	}

	/** The process is gone. */
	record NodeGone(long at, String process) implements Entry {
	}

	/**
	 * A program is about to insert a row. Its answer is an {@link Answered} with the
	 * row's id as job.
	 *
	 * @param row its id
	 * @param first the first slot, in epoch seconds
	 * @param everySeconds the interval of a recurring row, 0 for a row of one time
	 */
	record InsertingRow(long at, String process, String row, long first, long everySeconds) implements Entry {
	}

	/** A fault begins, or is taken away; or all is well again after it. */
	record Trouble(long at, String process, String fault, Phase phase, @Nullable String detail) implements Entry {
	}

	/** The way of a fault. */
	enum Phase {

		BEGINS, ENDS, WELL

	}

	/**
	 * A job in the store at the end.
	 *
	 * @param attempt its field
	 * @param recoveries its field
	 * @param reason of its error, if it failed
	 * @param run whose outcome the store has, if one wrote it
	 * @param row the crontab's row that it comes from
	 * @param slot its time in epoch seconds
	 */
	record Stored(long at, String process, String job, String state, int attempt, int recoveries,
			@Nullable String reason, @Nullable String run, @Nullable String row, long slot) implements OfJob {
	}

	/**
	 * A row in the store at the end.
	 *
	 * @param time its next slot in epoch seconds
	 */
	record StoredRow(long at, String process, String row, boolean done, long time, boolean error) implements Entry {
	}

	/**
	 * The list of a provider is another one from now on.
	 *
	 * @param source the source of its jobs
	 * @param rows the ids of the rows that it asks for
	 */
	record Listed(long at, String process, String source, List<String> rows) implements Entry {
	}

	/**
	 * A row of a source in the store at the end.
	 *
	 * @param enabled whether it goes on running
	 */
	record StoredPeriodic(long at, String process, String row, String source, boolean enabled) implements Entry {
	}

	/**
	 * What ought not to be left in the store at the end.
	 *
	 * @param what the collection
	 * @param id of the document
	 */
	record LeftOver(long at, String process, String what, String id) implements Entry {
	}

	/**
	 * Somebody took jobs or rows out of the store by hand: what was submitted before has
	 * no claim to an end.
	 *
	 * @param collection the collection, or {@link #indexesOf its indexes}
	 */
	record TakenAway(long at, String process, String collection) implements Entry {

		public static String indexesOf(String collection) {
			return "indexes of " + collection;
		}

	}

}
