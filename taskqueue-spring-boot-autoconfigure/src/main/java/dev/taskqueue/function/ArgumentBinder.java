package dev.taskqueue.function;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import dev.taskqueue.JobContext;

/** Makes a method's arguments of what is stored with a job. */
@FunctionalInterface
interface ArgumentBinder {

	/**
	 * Converts the arguments of an attempt.
	 * @param params the stored positional arguments
	 * @param kwargs the stored arguments by name
	 * @param context the attempt; null where they are only checked
	 * @return a value for each parameter
	 * @throws InvalidArgumentException if they do not fit
	 */
	@Nullable Object[] bind(List<?> params, Map<String, ?> kwargs, @Nullable JobContext context);

}
