package dev.taskqueue.client;

/**
 * What a queue holds that has not ended, and whether it is paused.
 *
 * @param queue the name
 * @param pending the jobs that are due
 * @param scheduled the jobs whose time is to come
 * @param running the jobs that a worker holds
 * @param isPaused whether no job of it is to be started
 */
public record QueueDepth(String queue, BoundedCount pending, BoundedCount scheduled, BoundedCount running,
		boolean isPaused) {
}
