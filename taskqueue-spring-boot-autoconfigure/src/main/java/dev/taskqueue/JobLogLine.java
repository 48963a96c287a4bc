package dev.taskqueue;

import java.time.Instant;

/**
 * A line that a function wrote to the log which is kept with its job.
 *
 * @param at when, by the server's clock
 * @param level such as {@code info}
 * @param message the line
 */
public record JobLogLine(Instant at, String level, String message) {
}
