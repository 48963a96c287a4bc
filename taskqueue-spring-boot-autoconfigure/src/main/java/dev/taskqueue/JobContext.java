package dev.taskqueue;

import org.jspecify.annotations.Nullable;

/**
 * The running attempt, for a function that declares a parameter of this type. Safe for
 * several threads.
 * <p>
 * Progress and log lines are kept with the job ({@link Job#progress()},
 * {@link Job#log()}). They are written a few times a second at most, however often they
 * are given, and the last of them together with the outcome. Where they cannot be written
 * the job goes on, and the application's log says it once. After the attempt's end they
 * are ignored.
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

	/**
	 * Says how far the attempt has come. An attempt begins at 0, also after one that came
	 * further.
	 * @param percent what is less than 0 counts as 0, what is more than 100 as 100
	 * @param message a few words for people such as {@code "40 of 100 mails"}, cut after
	 * 500 characters; null for none
	 */
	void progress(int percent, @Nullable String message);

	/**
	 * Says how far the attempt has come and leaves the message as it is.
	 * @param percent as {@link #progress(int, String)}
	 */
	void progress(int percent);

	/**
	 * Adds to what the attempt has come so far and leaves the message as it is.
	 * @param percent what is added; the sum stays from 0 to 100
	 */
	void advance(int percent);

	/**
	 * Keeps a line with the job, of level {@code info}. The last 100 lines of a job are
	 * kept, over all attempts, and of these the last 32 KB.
	 * @param line the line, cut after 2048 characters
	 */
	void log(String line);

}
