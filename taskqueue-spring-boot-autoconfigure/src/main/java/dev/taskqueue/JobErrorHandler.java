package dev.taskqueue;

/**
 * Hears of each attempt of this application that did not succeed, with what was thrown:
 * beans of this type, in the order of {@code @Order}. For reports to a service that
 * collects errors; what happens to jobs in general is told by {@link JobEvent}.
 * <p>
 * It is called when the outcome is settled here and on its way into the store, in the
 * attempt's thread, which takes its next job when all handlers have returned. It can
 * change nothing; what it throws is logged.
 */
@FunctionalInterface
public interface JobErrorHandler {

	/**
	 * An attempt failed.
	 * @param failure what is known of it
	 */
	void attemptFailed(JobFailure failure);

}
