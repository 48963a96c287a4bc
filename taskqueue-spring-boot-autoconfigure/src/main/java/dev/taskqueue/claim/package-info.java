/**
 * Takes due jobs for this worker, never more than it has free slots, and only those whose
 * function it has.
 * <p>
 * <pre>
 *   find due (index order) ──► register token ──► updateMany pending → running ──► claims
 *                                                  by _id, hinted
 * </pre> <b>Authority.</b> Whether a job is due is judged by the server's clock
 * ({@link dev.taskqueue.store.ServerClock}); who holds it by its document alone:
 * {@code state: running} with the {@code claim} token. Two claimers may read the same
 * jobs; the conditional update gives each job to one of them.
 * <p>
 * <b>Crash points.</b>
 * <ul>
 * <li>After the find, before the update: nothing happened.</li>
 * <li>After the update, before its reply is read, and the process dies: the jobs run
 * under a worker that no longer beats; recovery returns them to pending.</li>
 * <li>The same, but the process lives (the connection was cut): the token was registered
 * before the command was sent, so the claimer reads back by it before it claims again.
 * Should the server apply the command only after that, then the lease's comparison of
 * what the store says with what is held gives the jobs back.</li>
 * <li>Claimed, but not started when the process dies: as the second. When the worker
 * stops in order, unstarted claims are given back.</li>
 * <li>Claimed by an identity that was fenced a moment before: recovery goes by the jobs
 * and not only by the workers, so it finds them.</li>
 * </ul>
 */
@NullMarked
package dev.taskqueue.claim;

import org.jspecify.annotations.NullMarked;
