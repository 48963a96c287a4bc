/**
 * Takes due jobs for this worker, never more than it has free slots, and only those whose
 * function it has.
 * <p>
 * <pre>
 *   find due (index order) ──► register token ──► updateMany pending → running ──► claims
 *                                                  by _id, hinted
 * </pre> <b>Rivals.</b> All claimers of a queue read the same jobs first. Who loses to
 * others reads further and takes some from the middle, all of one priority before any of
 * a lower one.
 * <p>
 * <b>Born claimed.</b> A job that this process submits may be inserted as claimed
 * ({@link dev.taskqueue.claim.Reservation}), where no job of its queue is known to wait:
 * it passes none. Such jobs share a token for a moment, so an insert whose outcome is not
 * known is remembered by its id: the comparison below gives it back though the token is
 * held.
 * <p>
 * <b>Told.</b> The stream tells of a small job whole. Where a look at its queue found
 * nothing that waits, and nobody spoke of anything else since, told jobs are claimed
 * without a look: by the same conditional write, in the same order. What is lost to
 * others is gone, and who changes a pending job instead is told of too. Anything unusual
 * is a reason to look.
 * <p>
 * <b>Streams.</b> The server looks at each write of the collection for each change
 * stream, which costs it as much as the job itself. So the stream is closed while this
 * claimer has more to claim than it can, or a thousand jobs a second; meanwhile it looks
 * at its other queues ten times a second.
 * <p>
 * <b>Turns.</b> What is claimed ahead waits in a line for each queue, and the lines have
 * their turn one after the other. A queue of which nothing waits may claim even where
 * others have taken all room, so none waits for the end of another's rush.
 * <p>
 * <b>Paused queues and revoked functions</b> stand in {@code taskqueue_queues}. Who finds
 * due jobs reads them first, unless it did so within the last second; a job that is born
 * claimed is inserted while they are read, and given back if its queue turns out to be
 * paused. So an idle worker asks nothing more, and a busy one once a second. What stands
 * in line is given back. A resumed queue is told of by the change of one of its jobs, and
 * a paused one is looked at as often as an empty one.
 * <p>
 * <b>Expiry.</b> What is pending beyond its {@code expires_at} is no claim any more:
 * {@link dev.taskqueue.claim.Expiry} looks for it every few seconds by an index of its
 * own, on each node, and ends it by one write that matches {@code pending} and the time.
 * A claim that comes first wins, and its attempt ends the job instead of beginning.
 * <p>
 * <b>Authority.</b> Whether a job is due is judged by the server's clock
 * ({@link dev.taskqueue.store.ServerClock}); who holds it by its document alone:
 * {@code state: running} with the {@code claim} token. Two claimers may read the same
 * jobs; the conditional update gives each job to one of them.
 * <p>
 * <b>Changes.</b> A job that was never claimed runs as it was read before its claim. So
 * whoever changes a pending job (its arguments, its priority, all of it) sets
 * {@code claim} to a new token in the same write: a claim that read the job before then
 * matches nothing, and one of a job that had a token reads back what it took.
 * <p>
 * <b>Crash points.</b> Whatever runs under a worker that no longer beats is returned to
 * pending by recovery, without a word about whether it was begun.
 * <ul>
 * <li>{@link CrashPoint#CLAIM_REGISTERED}: nothing happened.
 * <li>{@link CrashPoint#CLAIM_WRITTEN}: the jobs run under a dead worker; recovery takes
 * them. Its worker may have been fenced and forgotten a moment before the write: recovery
 * goes by the jobs too, so it finds them.
 * <li>{@link CrashPoint#CLAIM_TAKEN}, {@link CrashPoint#CLAIM_WITHDRAWN}: the same.
 * <li>{@link CrashPoint#CLAIM_MENDED}, {@link CrashPoint#CLAIM_SET_ASIDE}: what is not
 * mended yet is found by the next look of any node.
 * </ul>
 * <b>A lost reply</b> at a process that lives: the token was registered before the
 * command was sent, so the claimer reads back by it before it claims again. Should the
 * server apply the command only after that, then the lease's comparison of what the store
 * says with what is held gives the jobs back.
 */
@NullMarked
package dev.taskqueue.claim;

import dev.taskqueue.store.CrashPoint;
import org.jspecify.annotations.NullMarked;
