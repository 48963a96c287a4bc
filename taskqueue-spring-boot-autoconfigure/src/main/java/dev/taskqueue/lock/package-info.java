/**
 * Locks of jobs: of those that have the same lock one runs at a time, over all nodes.
 *
 * <pre>
 * document of a lock in taskqueue_locks: {_id: "job:" + name, …}
 *
 *            take: insert                 the holder ended, or lost its job
 *   (none) ───────────────► {job, claim} ──────────────────────────────────► (none)
 *     │                       ▲    ▲   │
 *     │ a job waits           │    └───┘ take: the holder does not run any more
 *     ▼                       │
 *   {job, until} ─────────────┘ take: by that job; by any when the time is over
 *
 * job that finds its lock held
 *
 *   running ──► pending, waits {lock, since, until}, run_at far ahead ──► pending, due
 *               an outcome like any other                    the lock is promised to it
 * </pre>
 *
 * <b>Authority.</b> A lock is held as long as its document names a job and a claim, and
 * that job runs by that claim. So it has no lease of its own, no clock is asked, and
 * nothing is renewed: what fences the attempt (its outcome, a recovery) frees its lock in
 * the same write. A pair of job and claim is never in force again once it is over, so
 * whoever saw it end may take over, by a write that matches the document as read; two who
 * do so meet there, and one wins.
 * <p>
 * <b>The look at the holder</b> must not be believed when it says that the lock is free
 * and comes from a server that was deposed, or may lose what it shows. So it is confirmed
 * by a write to the holder's job that changes nothing: its acknowledgement by the
 * majority is one of all that the server had read until then. A look that finds it held
 * needs none: who waits in vain is woken, as below.
 * <p>
 * <b>Nobody is forgotten.</b> Who waits looks at the lock once more after its wait is
 * durable, and who ends looks for those that wait after the lock is free: one of the two
 * sees the other. Besides, each node looks at all locks that somebody waits for when it
 * has taken jobs back from a lost worker, and once in a lease: one step in the index for
 * each lock, however many wait. What all this misses is due by itself after an hour. A
 * lock that is free, has a document and is waited for by nobody is in nobody's way; it is
 * removed with the look after a recovery, or with one of twenty others.
 * <p>
 * <b>One is woken at a time</b>, the one whose {@code run_at} was the earliest, and the
 * lock is promised to it for five seconds: a job that has just come does not pass it. If
 * it does not come (its queue is paused, all slots are taken, it was cancelled), the
 * promise is over and the next is woken. The promise is about the order only; a clock
 * that is wrong costs that, and never lets two run. Jobs of paused queues come last.
 * <p>
 * <b>A job that waits is pending</b>, and whoever steers it need not know: it is
 * cancelled, deleted and expires as any. What it was given as {@code run_at} meanwhile
 * holds, for it is then no longer the one of the wait.
 * <p>
 * <b>Not guarded</b>: what a fenced attempt still does (its worker stood still for longer
 * than its lease, or the attempt ignored the interrupt after its time-out).
 * <p>
 * <b>Crash points.</b>
 * <ul>
 * <li>{@link CrashPoint#LOCK_TAKEN}: the lock is held by a job that runs under a dead
 * worker, until recovery takes that back; who did so looks at the lock.
 * <li>{@link CrashPoint#LOCK_RELEASED}: the lock is free, and those that wait for it are
 * found by the next look of any node; who comes before takes it. Killed before, its
 * document names a job that does not run any more, which is the same.
 * <li>{@link CrashPoint#LOCK_PROMISED}: when five seconds are over the lock is free, as
 * before.
 * </ul>
 * A wait that is written, and a process that dies before it looks at the lock once more:
 * the same.
 */
@NullMarked
package dev.taskqueue.lock;

import dev.taskqueue.store.CrashPoint;
import org.jspecify.annotations.NullMarked;
