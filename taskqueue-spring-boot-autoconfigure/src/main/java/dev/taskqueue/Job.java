package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A job as the store had it when it was read: a picture, which does not change.
 *
 * @param id the id in text form
 * @param function the function that it runs
 * @param params the positional arguments in plain Java (text, numbers, dates, lists,
 * maps)
 * @param kwargs the arguments by name
 * @param queue the queue
 * @param priority higher runs first
 * @param state the state
 * @param runAt not to be started earlier
 * @param createdAt when it was submitted
 * @param attempt how many attempts were begun that ended, or are running
 * @param maxAttempts the job's own limit, or null where the function's or the property's
 * holds
 * @param recoveries how often it was taken back from a lost worker
 * @param timeout the job's own time-out, or null where the function's or the property's
 * holds
 * @param worker the worker that runs it, or ran it last; null before the first claim
 * @param claimedAt when it was claimed last
 * @param finishedAt when it ended
 * @param result what the function gave, in plain Java
 * @param error why the latest attempt did not succeed
 * @param cancelRequested whether it is to be cancelled
 * @param progress how far the latest attempt said it has come; null where none said so
 * @param log the last lines that its attempts kept with it; empty in lists of jobs
 * @param waitsFor the name of the lock that it waits for: another job has that; meanwhile
 * {@code runAt} lies an hour ahead. Null for all others
 */
public record Job(String id, String function, List<@Nullable Object> params, Map<String, @Nullable Object> kwargs,
		String queue, int priority, JobState state, Instant runAt, Instant createdAt, int attempt,
		@Nullable Integer maxAttempts, int recoveries, @Nullable Duration timeout, @Nullable String worker,
		@Nullable Instant claimedAt, @Nullable Instant finishedAt, @Nullable Object result, @Nullable JobError error,
		boolean cancelRequested, @Nullable JobProgress progress, List<JobLogLine> log, @Nullable String waitsFor) {
}
