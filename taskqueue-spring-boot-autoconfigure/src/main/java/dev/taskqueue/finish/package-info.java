/**
 * What becomes of an attempt, written in fenced batches.
 * <p>
 * <pre>
 *   outcome ──► Transition (pure) ──► bounded buffer ──► one bulk write ──► events
 *                                                        {_id, running, claim}
 * </pre> <b>Authority.</b> The job's document alone: a write matches its {@code _id},
 * {@code state: running} and the {@code claim} token of its attempt, one statement for
 * each token, never {@code $in} over tokens. What matched nothing is read back: written
 * by us already is success (the reply to a first try was lost); all else was fenced. A
 * write that would return a job to pending, or have it failed, matches only where no
 * cancellation was asked for meanwhile; otherwise the job ends cancelled. One that
 * succeeded has succeeded all the same.
 * <p>
 * <b>Crash points.</b>
 * <ul>
 * <li>{@link CrashPoint#FINISH_GATHERED}: the function returned and nobody knows, so the
 * job runs again after recovery. This is the "at least" of at least once.
 * <li>{@link CrashPoint#FINISH_WRITTEN}: nothing is left to do, with a retention of zero
 * too, where the end of a job is the removal of its document. Its events are not told.
 * <li>{@link CrashPoint#FINISH_READ_BACK}: the job still runs by the store's word, and
 * its cancellation was asked for; recovery ends it cancelled.
 * </ul>
 * <b>A lost reply</b> at a process that lives: the write is sent again, matches nothing
 * and is found to be done.
 * <p>
 * While the server cannot be reached the buffer is kept and the write repeated. Should
 * the lease end meanwhile, the jobs run elsewhere and the late writes match nothing.
 */
@NullMarked
package dev.taskqueue.finish;

import dev.taskqueue.store.CrashPoint;
import org.jspecify.annotations.NullMarked;
