package dev.taskqueue;

/**
 * The worker of this application has reached MongoDB and is about to take jobs. An event
 * of the application, told once for each start, in the worker's thread: it takes no job
 * before the listeners return.
 *
 * @param worker the id of the worker; it has another one later if it lost its lease
 */
public record WorkerStarted(String worker) {
}
