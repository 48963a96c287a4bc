package dev.taskqueue.execute;

import dev.taskqueue.RetryPolicy;
import org.jspecify.annotations.Nullable;

/**
 * What the application has to say about attempts.
 *
 * @param retryPolicy of functions that choose none; null for the back-off of the
 * properties
 */
public record AttemptHooks(@Nullable RetryPolicy retryPolicy) {

	/** Nothing. */
	public static final AttemptHooks NONE = new AttemptHooks(null);

}
