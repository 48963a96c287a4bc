package dev.taskqueue.execute;

import java.time.Duration;

/**
 * What holds for attempts whose job and function say nothing else.
 *
 * @param timeout of an attempt; zero is no limit
 * @param maxAttempts of a job
 */
public record ExecutionSettings(Duration timeout, int maxAttempts) {
}
