package dev.taskqueue;

import org.jspecify.annotations.Nullable;

/**
 * An attempt that did not succeed, as a {@link JobErrorHandler} hears of it.
 *
 * @param jobId the job's id in text form
 * @param function the function's name; empty if the document has none
 * @param queue the queue; empty if the document has none
 * @param error what is kept of it with the job
 * @param thrown what was thrown; null where nothing was, as by a function that goes on
 * after its time-out
 * @param isLast whether no attempt follows, so that the job has failed
 */
public record JobFailure(String jobId, String function, String queue, JobError error, @Nullable Throwable thrown,
		boolean isLast) {
}
