package dev.taskqueue.inline;

import dev.taskqueue.SubmitTime;
import org.jspecify.annotations.Nullable;

/**
 * The transaction of the current thread, if it has one.
 */
public interface InlineTransactions {

	/**
	 * Whether there is one of MongoDB, in which a job would take part.
	 * @return false also in one of another kind
	 */
	boolean isMongo();

	/**
	 * Whether a submit has to wait for the commit of a transaction of another kind.
	 * @param time what the job says, or null for the general rule
	 * @return false also where there is no transaction
	 */
	boolean isToWait(@Nullable SubmitTime time);

	/**
	 * Does something when the current transaction has committed, and never if it does
	 * not.
	 * @param action what to do; finds no transaction in its thread. What it throws goes
	 * to whoever commits
	 */
	void afterCommit(Runnable action);

}
