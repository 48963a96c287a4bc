package dev.taskqueue;

/**
 * The worker of this application is about to stop: it takes no more jobs and lets running
 * ones end, up to {@code taskqueue.shutdown.timeout}. An event of the application, told
 * before that begins, in the thread that ends the application. Not told where the worker
 * never reached MongoDB.
 *
 * @param worker the id of the worker
 */
public record WorkerStopping(String worker) {
}
