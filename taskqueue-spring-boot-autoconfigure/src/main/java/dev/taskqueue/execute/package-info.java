/**
 * One attempt of a job: reads the arguments, calls the function, watches the time and
 * says how it ended.
 * <p>
 * It writes only what the attempt says of itself, its progress and log lines: by writes
 * that match {@code _id}, {@code state: running} and {@code claim}, as all writes of an
 * attempt do, so none is done after the outcome. Each sets the whole, so to repeat one
 * changes nothing, and what is not known to be stored at the end goes with the outcome.
 * It reads only whether jobs are to be cancelled.
 * <p>
 * An attempt ends once: when its thread returns, or, if that ignores its interrupt, when
 * patience with it is over. Its outcome is then written all the same (which fences the
 * late one), while its slot stays taken until the thread ends.
 * <p>
 * <b>Cancelled.</b> An attempt whose job is to be cancelled is interrupted, at once where
 * that was said on this node or where a change stream tells of it, else within two
 * seconds. It ends cancelled, whatever it throws; if it returns all the same, its job has
 * succeeded.
 * <p>
 * <b>Crash points.</b> A process that dies here leaves the job running under its token;
 * recovery returns it to pending and takes the attempt back.
 */
@NullMarked
package dev.taskqueue.execute;

import org.jspecify.annotations.NullMarked;
