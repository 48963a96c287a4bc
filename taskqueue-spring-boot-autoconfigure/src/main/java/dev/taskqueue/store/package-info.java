/**
 * The documents: their shape, their collections and indexes, and the server that keeps
 * them with its clock. What a step asks of the store stands in the step.
 * <p>
 * <b>Concerns.</b> All writes are acknowledged by the majority and all reads go to the
 * primary, whatever the URI says: a queue that forgets an acknowledged job on a fail-over
 * is none.
 * <p>
 * <b>Time.</b> The server's clock is the only authority. It is measured with each
 * heart-beat and carried on by the monotonic clock of this machine, never by its wall
 * clock ({@link dev.taskqueue.store.ServerClock}).
 */
@NullMarked
package dev.taskqueue.store;

import org.jspecify.annotations.NullMarked;
