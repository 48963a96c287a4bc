/**
 * Who holds what and until when: worker lease, fence, recovery of the dead, named locks.
 *
 * <pre>
 * identity of a worker: its document in taskqueue_workers
 *
 *          begin, or goes on                    silent for a lease:
 *          after a fence         ┌── beat       write of another node
 *   (none) ─────────────► live ◄─┘ ───────────────────────────────► fenced
 *     │                    │                                        ▲    │
 *     │                    └──► (none)  end(): nothing runs here    │    │
 *     │                                                             │    │
 *     └── runs jobs and has no document: another node inserts it ───┘    │
 *                                                                        ▼
 *                                 nothing runs under it any more: (none), for good
 *
 * job that a fenced worker runs
 *
 *   running ──► pending     attempt - 1, recoveries + 1, claim and run_at as they were
 *           ──► cancelled   where cancel_requested
 *           ──► failed      at the third recovery: worker-lost
 * </pre>
 *
 * <b>Authority.</b> The worker's document says whether it lives, by the server's clock:
 * {@code beat_at} is {@code $currentDate} and the write that fences compares it with
 * {@code $$NOW} (with {@code beat_at} as it was read where the server does not know
 * {@code $$NOW}). The job's document says who runs it: state, claim token and worker
 * stand in the filter of each write. Nothing is believed from a node's memory but its own
 * lease, and that by the monotonic time from before the acknowledged beat was sent: this
 * node stops ({@link dev.taskqueue.lease.WorkerLease#isFresh()}) before another may
 * start.
 * <p>
 * <b>No way back.</b> A beat never inserts and never matches a fenced document. So an
 * identity that was fenced, or whose document is gone, is over: its process hears so from
 * its next beat, interrupts what it runs and takes a new name. What it writes under the
 * old tokens matches nothing, for its jobs are not running or have a new token.
 * <p>
 * <b>Who is judged.</b> A node judges by a lapsed lease only when that says something:
 * not when its own last beat is older than half a lease, not for a lease after such a gap
 * (an outage, a stopped machine: all look lapsed), not for a lease after it began (it may
 * be at the end of an outage), and not for a lease after the server's clock jumped (a new
 * primary). The measured clock must find a worker lapsed before the server is asked, so a
 * primary with a clock that is ahead fences nobody before the jump is noticed. A beat
 * that lies more than a lease ahead (the clock was put back) is judged by staying
 * unchanged for a lease.
 * <p>
 * <b>By the jobs too.</b> A claim may land after its worker was fenced, recovered and
 * forgotten. So once in a lease every worker among the running jobs is looked up, the
 * jobs first: a document is there before the first claim, and its absence is final. It is
 * settled by inserting a fenced one, which fails if the look-up was wrong.
 * <p>
 * <b>Orphans.</b> Once in a lease the jobs that run under this worker's name are read,
 * and then their tokens are asked for: in this order, because a token is registered
 * before its command is sent. A token that the store shows and nobody holds is over. One
 * look is enough: if its jobs ended, or were given back, between the two, the write
 * matches nothing; if the token was dropped as failed and the command comes late, nobody
 * runs those jobs, and to give them back is right at once.
 * <p>
 * <b>Crash points</b>, each mended by any node within its next rounds:
 * <ul>
 * <li>{@link CrashPoint#LEASE_TAKEN}, or the reply was lost: a document that never beats;
 * it lapses, nothing runs under it, it is removed.
 * <li>{@link CrashPoint#LEASE_LOST}: what it ran belongs to those who fenced it.
 * <li>{@link CrashPoint#LEASE_EMPTY}: as for a worker that never beats.
 * <li>{@link CrashPoint#RECOVERY_INSERTED}, {@link CrashPoint#RECOVERY_FENCED}: the
 * document says so to all, who go on with the recovery.
 * <li>{@link CrashPoint#RECOVERY_TAKEN_BACK}: what was taken back is pending, the rest is
 * found running again; the token in the filter keeps a second recoverer from counting a
 * job twice, and {@code recovered_by} tells whose write it was where two met. Events of
 * jobs that were taken back just before the crash, or whose reply was lost, are not told.
 * <li>{@link CrashPoint#RECOVERY_ENDED}: the TTL index deletes the jobs.
 * <li>{@link CrashPoint#RECOVERY_EMPTY}: the next round removes the document; removed a
 * moment too early, a late claim is found by its job.
 * <li>{@link CrashPoint#RECOVERY_GIVEN_BACK}: the orphans that are left run under a dead
 * worker now, as all it ran.
 * </ul>
 * <b>Named locks</b> save work only; what they guard is right without them.
 */
@NullMarked
package dev.taskqueue.lease;

import dev.taskqueue.store.CrashPoint;
import org.jspecify.annotations.NullMarked;
