/**
 * The Spring Boot side: beans and their conditions, properties and what is wrong with
 * them, the order in which things start and stop. No step of the queue stands here.
 * <p>
 * <b>Start.</b> Nothing waits for MongoDB: functions and properties are checked, then the
 * worker and the scheduler start last of all beans and go on trying until there is a
 * server.
 * <p>
 * <b>Stop.</b> The scheduler and the worker stop before everything else and in the thread
 * that stops the application, so that a running attempt finds all beans, the client of
 * MongoDB among them, as they were. Submitting works until the last bean is gone. A kill
 * at any point leaves what a dead worker leaves: see the package {@code lease}.
 */
@NullMarked
package dev.taskqueue.autoconfigure;

import org.jspecify.annotations.NullMarked;
