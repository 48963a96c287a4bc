package dev.taskqueue;

import org.jspecify.annotations.Nullable;

/**
 * What a job that succeeded gave.
 *
 * @param <R> the type of the value
 * @param value the function's result; null where it gave none
 */
public record JobResult<R>(@Nullable R value) {
}
