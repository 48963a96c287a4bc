/**
 * Makes a job durable: one by one grouped, in bulk, inside a transaction.
 * <p>
 * <b>Authority.</b> A job exists when the majority of the servers acknowledged its
 * document; before that a submit does not return. Nothing is kept on this node.
 * <p>
 * <b>Group commit.</b> While one insert is under way, the submits that come meanwhile
 * queue up, and one of them then writes for all
 * ({@link dev.taskqueue.submit.GroupCommit}; of more than 32 submitters two groups are
 * under way, {@link dev.taskqueue.submit.PairedCommit}). No thread is needed for that:
 * the first in the queue leads, the others wait for it. Each job meets its own limit
 * before it joins, and what the server says of one document is told to that document's
 * submitter.
 * <p>
 * <b>Born claimed.</b> A due job of a function that the worker of this process runs is
 * inserted as running, under that worker and a token, if the worker knows of no job that
 * waits and has a place for it ({@link dev.taskqueue.submit.LocalWorker}): one write and
 * two trips less. The promise is the same, for a job that runs under a worker is taken
 * back when that worker is lost. The place and the token are kept before the insert is
 * sent. Once the job is durable it begins; when it was refused the place is free again;
 * when nobody knows, nobody runs it here, and the worker gives it back should it exist.
 * Only under an id that was made here: what a caller's own id stands for may be another
 * job, which runs already. Not in a transaction: until its commit nothing may begin.
 * <p>
 * <b>Unknown outcomes.</b> After a lost reply, or one without the majority's word, the
 * same document with the same {@code _id} is sent again until the time is up. Then:
 * <ul>
 * <li>a duplicate of an id that this package made is our own first insert: the job
 * exists. The server answers it only after the majority has what it has, as for any
 * write;</li>
 * <li>a duplicate of a caller's id is read back: the same function, arguments and queue
 * are the same job (a second submit of it is no second job), all else is refused;</li>
 * <li>an id that is a duplicate and then cannot be found (retention took that job) is
 * sent again.</li>
 * </ul>
 * <p>
 * <b>Unique keys.</b> The unique index on {@code unique_key} decides, and nothing that
 * this node knows. A document that the server refuses as a duplicate is looked up, by its
 * id and then by its key: so its own first insert is told from another job with the key.
 * That one is given, or named in an exception, or replaced, which is one write that
 * matches it as pending. The end of a job frees its key
 * ({@link dev.taskqueue.store.UniqueKey}); a job that has ended and has its key yet,
 * since its period is over or since another program ended it, is freed of it by the
 * submit that meets it. A key that is free by the time of the look is tried again at
 * once. Whether the index is there is asked before the first key.
 * <p>
 * <b>Submits that nobody waits for</b> are handed over to one thread
 * ({@link dev.taskqueue.submit.AsyncSubmits}), which writes them as a bulk and says of
 * each what became of it. They are nowhere but in this process until then, so a kill
 * loses them; their futures have not completed.
 * <p>
 * <b>Transactions.</b> Inside a MongoDB transaction the insert takes part in it and is
 * not tried again: that is up to whoever runs the transaction. What would abort it for a
 * duplicate is looked up first. Wake-up and event come after the commit.
 * <p>
 * <b>Crash points.</b> Nothing is left that somebody has to mend; what counts is whether
 * the job exists, and that a second submit with the same id of the caller's own makes no
 * second job.
 * <ul>
 * <li>{@link CrashPoint#SUBMIT_GATHERED}: no job, and nobody was told of one.
 * <li>{@link CrashPoint#SUBMIT_INSERTED}, killed on the way to the server or back too:
 * the job exists and runs, though its submitter was not told; one that was born claimed
 * when recovery has taken it back.
 * <li>{@link CrashPoint#SUBMIT_UNKNOWN}: the same, or no job.
 * <li>{@link CrashPoint#SUBMIT_BATCH_INSERTED}: the jobs of this batch of a bulk and of
 * those before it run, all others do not exist.
 * <li>{@link CrashPoint#SUBMIT_JOINED}: no job. The server ends the transaction when its
 * life time is over (a minute, or half of one more); until then a submit of the same id
 * waits.
 * <li>{@link CrashPoint#SUBMIT_DURABLE}, which is after the commit in a transaction: the
 * job is found by the next poll of any node, or by recovery if it was born claimed.
 * </ul>
 * A leader that dies by an {@link java.lang.Error} leaves its group to the next in the
 * queue, which sends it again.
 */
@NullMarked
package dev.taskqueue.submit;

import dev.taskqueue.store.CrashPoint;
import org.jspecify.annotations.NullMarked;
