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
 * write that would return a job to pending matches only where no cancellation was asked
 * for meanwhile; otherwise the job ends cancelled.
 * <p>
 * <b>Crash points.</b>
 * <ul>
 * <li>The function returned, the outcome is in the buffer: the job runs again after
 * recovery. This is the "at least" of at least once.</li>
 * <li>The write succeeded, its reply was lost and the process lives: it is sent again,
 * matches nothing and is found to be written.</li>
 * <li>The same, and the process dies: nothing is left to do.</li>
 * </ul>
 * While the server cannot be reached the buffer is kept and the write repeated. Should
 * the lease end meanwhile, the jobs run elsewhere and the late writes match nothing.
 */
@NullMarked
package dev.taskqueue.finish;

import org.jspecify.annotations.NullMarked;
