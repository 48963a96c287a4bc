package dev.taskqueue;

/**
 * Sees each job that this application submits before it is written: beans of this type,
 * in the order of {@code @Order}. It can change the job or refuse it.
 * <p>
 * All submits of {@link TaskQueue} pass it, each job of {@link TaskQueue#enqueueAll} too.
 * Rows of the crontab, and documents that other programs insert, do not. Called by
 * several threads at once, in the submitting thread.
 */
@FunctionalInterface
public interface EnqueueInterceptor {

	/**
	 * Looks at a job.
	 * @param job what is to be submitted
	 * @return what is submitted: the same, or another
	 * @throws RuntimeException to refuse the job; it reaches the submitter as it is
	 */
	JobSpec beforeEnqueue(JobSpec job);

}
