package dev.taskqueue;

/**
 * When a submit takes place that is made in a transaction of another kind than MongoDB's,
 * such as one of JDBC. Outside of transactions it takes place at once in any case, and in
 * a MongoDB transaction on the queue's database it is part of that.
 */
public enum SubmitTime {

	/**
	 * At once: the job may run before the commit, and a rollback does not take it back.
	 * What was acknowledged is never lost. A crash before the commit leaves the job
	 * without the data it is about.
	 */
	NOW,

	/**
	 * After the commit; not at all where that does not come. The job finds what was
	 * committed. A crash between the commit and the submit loses the job, and so does a
	 * store that does not take it then, which whoever commits is told by an exception.
	 */
	AFTER_COMMIT

}
