package dev.taskqueue.finish;

import java.time.Duration;

/**
 * The waits between attempts of jobs whose function says nothing else.
 *
 * @param initialBackoff the wait before the second attempt
 * @param multiplier by which the wait grows from attempt to attempt, from 1
 * @param maxBackoff the longest wait
 * @param jitter the part of the wait by which it varies at random to both sides, 0 to 1
 */
public record RetrySettings(Duration initialBackoff, double multiplier, Duration maxBackoff, double jitter) {
}
