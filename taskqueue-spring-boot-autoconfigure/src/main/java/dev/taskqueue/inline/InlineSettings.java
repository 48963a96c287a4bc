package dev.taskqueue.inline;

import dev.taskqueue.execute.ExecutionSettings;
import dev.taskqueue.finish.RetrySettings;
import dev.taskqueue.store.Retention;

/**
 * What holds for jobs whose specification and function say nothing else.
 *
 * @param execution of attempts; nobody watches their time-out
 * @param retry the waits between attempts
 * @param retention zero deletes ended jobs as they end; other times are not heeded
 * @param maxResultSize the largest result in bytes
 * @param maxArgumentsSize the limit of one job's document in bytes
 */
public record InlineSettings(ExecutionSettings execution, RetrySettings retry, Retention retention, long maxResultSize,
		long maxArgumentsSize) {
}
