package dev.taskqueue;

import org.jspecify.annotations.Nullable;

/**
 * Hears of each submit of this application that fails, before the exception reaches the
 * submitter, the future of {@link TaskQueue#enqueueAsync} or, where the submit was to
 * wait for a commit, whoever commits: beans of this type, in the order of {@code @Order}.
 * It can change nothing; what it throws is logged.
 */
@FunctionalInterface
public interface EnqueueErrorHandler {

	/**
	 * A submit failed. Whether the job exists all the same, the exception's message says.
	 * @param job what was to be submitted; null where it is one of many of
	 * {@link TaskQueue#enqueueAll} and not known which
	 * @param thrown what the submitter gets
	 */
	void enqueueFailed(@Nullable JobSpec job, RuntimeException thrown);

}
