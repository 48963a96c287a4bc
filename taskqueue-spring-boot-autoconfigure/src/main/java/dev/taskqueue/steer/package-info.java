/**
 * What people and programs decide about jobs after their submit: cancel, change, run
 * again, delete; and about queues and functions: pause, revoke.
 * <p>
 * <pre>
 *   look ──► decide by the state ──► one write {_id, state: as read} ──► matched: done
 *    ▲                                                                │
 *    └──────────────── the job moved meanwhile ───────────────────────┘
 * </pre> <b>Authority.</b> The job's document alone. Each write names the state that was
 * read, so it and a claim, an outcome, a recovery or another's decision come one after
 * the other, and what is answered is what happened.
 * <p>
 * <b>Unique keys.</b> A key that the function made of the arguments follows them: an edit
 * of these reads the job with them, and its write names the token and the key that were
 * read too, so of two edits the later one makes the key of what both have left. Each
 * change of a pending job sets another token. Where another job has the new key, the
 * unique index refuses the whole write; a holder that has ended is freed of it, as by a
 * submit.
 * <p>
 * <b>A cancellation is never lost.</b> A pending job ends by the write itself. A running
 * one gets {@code cancel_requested}, and whoever moves it next looks at that: an outcome
 * that would make it pending or failed ends it cancelled instead, a recovery does too,
 * and what a claim finds with it is not started. The worker that runs it is told in
 * process, or by its change stream, or looks itself: each second while an attempt of more
 * than a second runs (as its package {@code execute} says).
 * <p>
 * <b>Queues and functions.</b> A pause and a revocation are a document each in
 * {@code taskqueue_queues}, which workers read before they take jobs (as the package
 * {@code claim} says): it survives any restart, and a crash leaves it given or not. A
 * resume is told to idle workers by a new token of one pending job of the queue; a crash
 * before that costs them the wait for their next look.
 * <p>
 * <b>Crash.</b> Each step is one write. The end of a pending job is written before a job
 * that is not kept is deleted, so the TTL index deletes what a crash leaves. Events of
 * what was written just before the crash are not told.
 */
@NullMarked
package dev.taskqueue.steer;

import org.jspecify.annotations.NullMarked;
