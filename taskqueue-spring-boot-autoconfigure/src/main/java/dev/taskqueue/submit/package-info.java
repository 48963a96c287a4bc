/**
 * Makes a job durable: one by one grouped, in bulk, inside a transaction.
 * <p>
 * <b>Authority.</b> A job exists when the majority of the servers acknowledged its
 * document; before that a submit does not return. Nothing is kept on this node.
 * <p>
 * <b>Group commit.</b> While one insert is under way, the submits that come meanwhile
 * queue up, and one of them then writes for all
 * ({@link dev.taskqueue.submit.GroupCommit}). No thread is needed for that: the first in
 * the queue leads, the others wait for it. Each job meets its own limit before it joins,
 * and what the server says of one document is told to that document's submitter.
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
 * <b>Crash points.</b> Killed before the insert reached the server: no job, and nobody
 * was told of one. Killed after it and before the reply: the job exists and runs, though
 * its submitter was not told; a submitter that may not do it twice gives an id of its
 * own. Killed after the reply and before the wake-up of the claimer: the job is found by
 * the next poll of any node. A leader that dies by an {@link java.lang.Error} leaves its
 * group to the next in the queue, which sends it again.
 * <p>
 * <b>Transactions.</b> Inside a MongoDB transaction the insert takes part in it and is
 * not tried again: that is up to whoever runs the transaction. What would abort it for a
 * duplicate is looked up first. Wake-up and event come after the commit; killed between,
 * the next poll finds the job.
 */
@NullMarked
package dev.taskqueue.submit;

import org.jspecify.annotations.NullMarked;
