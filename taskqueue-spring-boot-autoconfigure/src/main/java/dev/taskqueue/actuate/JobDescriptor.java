package dev.taskqueue.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * A job; the fields are those of {@link dev.taskqueue.Job}.
 *
 * @param id the id in text form
 * @param function the function
 * @param params the positional arguments, or what hides them
 * @param kwargs the arguments by name, or what hides them
 * @param queue the queue
 * @param priority higher runs first
 * @param state the state
 * @param runAt not to be started earlier
 * @param createdAt when it was submitted
 * @param attempt how many attempts were begun
 * @param maxAttempts the job's own limit
 * @param recoveries how often it was taken back from a lost worker
 * @param timeout the job's own time-out
 * @param worker the worker that runs it or ran it last
 * @param claimedAt when it was claimed last
 * @param finishedAt when it ended
 * @param result what the function gave, or what hides it
 * @param error why the latest attempt did not succeed
 * @param cancelRequested whether it is to be cancelled
 * @param progress how far the latest attempt said it has come
 * @param log the lines that its attempts kept with it, or what hides them; empty in lists
 * @param waitsFor the name of the lock that it waits for, or what hides it
 */
public record JobDescriptor(String id, String function, List<@Nullable Object> params,
		Map<String, @Nullable Object> kwargs, String queue, int priority, String state, Instant runAt,
		Instant createdAt, int attempt, @Nullable Integer maxAttempts, int recoveries, @Nullable Duration timeout,
		@Nullable String worker, @Nullable Instant claimedAt, @Nullable Instant finishedAt, @Nullable Object result,
		@Nullable ErrorDescriptor error, boolean cancelRequested, @Nullable ProgressDescriptor progress,
		List<LogLineDescriptor> log, @Nullable Object waitsFor) implements OperationResponseBody {

	/**
	 * How far an attempt has come.
	 *
	 * @param percent from 0 to 100
	 * @param message a few words
	 */
	public record ProgressDescriptor(int percent, @Nullable String message) {
	}

	/**
	 * A line of the job's log.
	 *
	 * @param at when
	 * @param level such as info
	 * @param message the line, or what hides it
	 */
	public record LogLineDescriptor(Instant at, String level, @Nullable Object message) {
	}

	/**
	 * Why an attempt did not succeed.
	 *
	 * @param reason the kind of failure
	 * @param type the exception's class
	 * @param message a sentence
	 * @param stack the stack trace, cut
	 * @param attempt the number of the attempt
	 * @param at when it happened
	 */
	public record ErrorDescriptor(String reason, @Nullable String type, String message, @Nullable String stack,
			int attempt, Instant at) {
	}

}
