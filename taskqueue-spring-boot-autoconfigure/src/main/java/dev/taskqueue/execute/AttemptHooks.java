package dev.taskqueue.execute;

import java.util.List;

import dev.taskqueue.JobErrorHandler;
import dev.taskqueue.JobInterceptor;
import dev.taskqueue.RetryPolicy;
import org.jspecify.annotations.Nullable;

/**
 * What the application has to say about attempts.
 *
 * @param retryPolicy of functions that choose none; null for the back-off of the
 * properties
 * @param interceptors around each attempt, the first one outermost
 * @param errorHandlers hear of attempts that failed
 */
public record AttemptHooks(@Nullable RetryPolicy retryPolicy, List<JobInterceptor> interceptors,
		List<JobErrorHandler> errorHandlers) {

	/** Nothing. */
	public static final AttemptHooks NONE = new AttemptHooks(null, List.of(), List.of());

	public AttemptHooks {
		interceptors = List.copyOf(interceptors);
		errorHandlers = List.copyOf(errorHandlers);
	}

}
