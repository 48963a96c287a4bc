/**
 * Due rows of {@code crontab_jobs} become jobs, exactly once; rows that are not in order
 * get an {@code error} that says why.
 * <p>
 * <b>A row</b> is undone ({@code is_done: false}) and in order, undone with an
 * {@code error}, or done. Each of the first two has an index of its own
 * ({@code DUE_ROWS}, {@code ERROR_ROWS}), so that the look for due rows, several times a
 * minute, passes no row that is not in order; rows with an error are looked at when they
 * change and once a minute (where changes are told, for two minutes after one, and each
 * ten minutes), those that are too late only when they change.
 * <p>
 * <b>A recurring row</b> ({@code cron} or {@code every}) stays undone. {@code time} is
 * its next slot, {@code next} tells what it and those behind it follow from: by that an
 * owner's change of the schedule is seen, and such rows have an index of their own
 * ({@code RECURRING_ROWS}) for servers that tell of no changes.
 * <p>
 * <b>Many rows.</b> A million due rows take minutes, and a million inserted ones are as
 * many changes. So each pass takes a portion of the due rows with a number as time, one
 * of those with a date, one of those that changed and one of those that fell due since;
 * the mending waits until no row is due. After each pass the scheduler rests almost as
 * long as it took, since all others wait for the same server.
 * <p>
 * <b>Periodic jobs</b> are recurring rows whose {@code _id} follows from a name, so that
 * all nodes mean the same one. {@code source} says who asks for it, {@code declared} what
 * that source said last: only what it says otherwise is written, so a hand's change
 * stays. A row that no live worker asks for is disabled instead of run: each worker's
 * document tells what it asks for ({@link PeriodicSources#keys()}), and is written before
 * the rows are. A node that starts sets {@code declared_at}, which a write that disables
 * must find as read: so what comes back in the same moment is not disabled for good.
 * <p>
 * <b>While the last job goes on</b> ({@code while_running} other than {@code run}), its
 * state is looked up by the row's {@code job_id}, once a portion. Such a row takes one
 * slot a look, since that job goes on then. {@code queue} leaves the row due, and the
 * rounds do not rest; {@code skip} moves the time on by a mark like any other;
 * {@code cancel} comes before the insert, so a crash in between leaves the row due beside
 * a cancelled job. What is looked up may end or begin again in the next moment: two of a
 * row may overlap that way only where somebody has an ended one retried.
 * <p>
 * <b>Authority.</b> Due is what the server's clock says. Whether a slot was dispatched is
 * decided by the unique {@code _id} of its job, which derives from the row's {@code _id},
 * {@code time} and {@code job_id} as read. The lock of the scheduler saves work only: two
 * schedulers at once insert the same ids.
 * <p>
 * <b>The two writes</b> of a portion, in this order:
 * <ol>
 * <li>the jobs are inserted. A duplicate {@code _id} is a job that was there already;
 * <li>the rows are marked. A mark matches the row byte for byte, {@code job_id} included,
 * and sets {@code is_done}, or the next {@code time}, and {@code job_id} in one step.
 * </ol>
 * The other order would lose the job of a crash in between.
 * <p>
 * <b>Born claimed.</b> The job of a row is inserted as running where this process's
 * worker keeps a place for it ({@link dev.taskqueue.submit.BornClaimed}): those first
 * that come first in their queue, and none with a key, whose insert may have to wait. It
 * begins when it is durable. What was there already was inserted by somebody else, or by
 * an insert of ours whose reply was lost: it does not begin here, and the worker gives it
 * back should it have our token.
 * <p>
 * <b>Unique keys.</b> A row that has none gets that of its function, as a submit by this
 * node would. A job whose key another one has is not inserted. The error of an insert
 * names one index only, so whether it was the job's own first insert is looked up by its
 * id, and who has the key by that; what has ended and has its key yet is freed of it, as
 * by a submit. A one-time row waits with an {@code error}, for which it is looked at each
 * minute; a recurring one leaves that slot out, and of its missed slots takes one at a
 * time.
 * <p>
 * <b>Marked together.</b> The id of the job of a one-time row with an {@code ObjectId} is
 * the slot's second and the row's own id. So the server of a replica set can make it of
 * the row, and one statement marks all rows that are alike but for their ids. Where it
 * refuses one of them, each is marked by a statement of its own.
 * <p>
 * <b>Crash points.</b> A lost reply is the same as a crash.
 * <ul>
 * <li>{@link CrashPoint#ROW_READ}: the rows are due for the next holder.
 * <li>{@link CrashPoint#ROW_JOBS_HALVED}, {@link CrashPoint#ROW_JOBS_INSERTED}, which is
 * reached several times in a portion where rows have missed many slots: due rows, and the
 * jobs of some of them, or of some of the slots of one. The next holder derives the same
 * ids, finds the duplicates, inserts the others, and marks. Those that were born claimed
 * run when recovery has taken them back.
 * <li>{@link CrashPoint#ROW_MARKED}, with an error too: nothing is left to do.
 * </ul>
 * What guards a slot between the two writes is its job: <b>where no node dispatches for
 * longer than an ended job is kept, and other nodes run jobs all the while, the slot
 * comes twice</b>. A one-time row that is later than the longest lateness by then is not
 * run again, but gets an error though its job ran.
 * <p>
 * <b>Interleavings.</b>
 * <ul>
 * <li>Two holders take different numbers of missed slots of one row: the id of each slot
 * after the first derives from the id of the one before, as if a look had been taken for
 * each. So the second one's slots are those that the first one's successor finds.
 * <li>The owner changes the row between read and mark: the mark matches nothing, the row
 * is looked at again, nothing of the owner's is overwritten. The job of the row as it was
 * read runs: the change came too late for it.
 * <li>The owner arms a row again with the same time: {@code job_id} differs from the one
 * read before, so does the new id. A mark that was under way since before matches
 * nothing, because it has the former {@code job_id}.
 * <li>A holder stalls between read and insert, until the job that another one inserted
 * has run and is gone from the store: its id guards no longer. So rows read over 30
 * seconds ago are read again, and <b>jobs that have an {@code origin} must be kept for
 * some minutes after their end, whatever the retention is</b>.
 * <li>An error is written to a row that its owner mends in the same moment: the change is
 * heard, or the next minute finds it; the row is in order and the error is removed.
 * </ul>
 */
@NullMarked
package dev.taskqueue.crontab;

import dev.taskqueue.store.CrashPoint;
import org.jspecify.annotations.NullMarked;
