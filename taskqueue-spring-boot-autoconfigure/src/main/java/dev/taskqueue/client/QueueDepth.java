package dev.taskqueue.client;

/**
 * What a queue holds that has not ended.
 *
 * @param queue the name
 * @param pending the jobs that are due
 * @param scheduled the jobs whose time is to come
 * @param running the jobs that a worker holds
 */
public record QueueDepth(String queue, BoundedCount pending, BoundedCount scheduled, BoundedCount running) {
}
