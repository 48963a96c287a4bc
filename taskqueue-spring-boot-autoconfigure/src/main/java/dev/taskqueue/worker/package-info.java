/**
 * One application instance that runs jobs: plugs the steps together, starts them, drains
 * and stops them.
 * <p>
 * <b>The end</b>, each step after the one before: the claimer gives back what stands in
 * line, running attempts end or are interrupted and given back, the finisher writes all
 * outcomes, the heart-beat ends, the worker's document is removed.
 * <p>
 * <b>Crash points</b>, as when the machine is switched off before the end is over. An
 * outcome that is not written is mended as that of any dead worker: recovery returns its
 * job to pending, and takes the attempt back.
 * <ul>
 * <li>{@link CrashPoint#SHUTDOWN_CLAIMS_ENDED}: attempts run, what stood in line is
 * pending or will be recovered.
 * <li>{@link CrashPoint#SHUTDOWN_INTERRUPTED}, {@link CrashPoint#SHUTDOWN_DRAINED}: the
 * last outcomes are written or their jobs run again.
 * <li>{@link CrashPoint#SHUTDOWN_FLUSHED}: a document under which nothing runs; it lapses
 * and is removed.
 * <li>{@link CrashPoint#SHUTDOWN_ENDED}: nothing is left to do.
 * </ul>
 */
@NullMarked
package dev.taskqueue.worker;

import dev.taskqueue.store.CrashPoint;
import org.jspecify.annotations.NullMarked;
