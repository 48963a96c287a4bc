package dev.taskqueue;

/**
 * What a submit does when another job has its unique key.
 */
public enum OnDuplicate {

	/**
	 * Nothing is submitted: the submit gives the handle of the job that has the key, and
	 * {@link JobHandle#isDuplicate()} says so.
	 */
	RETURN_FIRST,

	/** Nothing is submitted: the submit throws a {@link DuplicateJobException}. */
	THROW,

	/**
	 * The job that has the key is replaced if it is pending: under its id, one write puts
	 * in all that the new one says, and it starts anew, with no attempt behind it. One
	 * that runs, that is to be cancelled, or that has ended and whose period goes on, is
	 * left as it is; then this is {@link #RETURN_FIRST}.
	 */
	REPLACE

}
