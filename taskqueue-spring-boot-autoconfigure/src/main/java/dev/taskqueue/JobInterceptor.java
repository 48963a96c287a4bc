package dev.taskqueue;

import org.jspecify.annotations.Nullable;

/**
 * Runs around each attempt of this application: beans of this type, the outermost first
 * by {@code @Order}.
 * <p>
 * It runs in the attempt's thread, after the arguments were read and inside the time-out.
 * What it throws counts as thrown by the function; {@link CancelExecution} cancels the
 * job, {@link RetryLater} asks for another attempt. Called by several threads at once.
 */
@FunctionalInterface
public interface JobInterceptor {

	/**
	 * Runs around an attempt.
	 * @param context the attempt
	 * @param next goes on: the next interceptor, at last the function
	 * @return the job's result: what {@link Invocation#proceed()} gave, or another value
	 * of texts, numbers, dates, lists and maps
	 * @throws Exception what the function threw, or whatever is to fail the attempt
	 */
	@Nullable Object intercept(JobContext context, Invocation next) throws Exception;

	/** The rest of the way to the function. */
	@FunctionalInterface
	interface Invocation {

		/**
		 * Goes on. Not to go on is to leave the function out; to do it twice runs it
		 * twice.
		 * @return the result in plain Java, as it is going to be stored, or null
		 * @throws Exception what the function threw
		 */
		@Nullable Object proceed() throws Exception;

	}

}
