package dev.taskqueue;

/**
 * A job was not submitted since another one has its unique key. Thrown where that was
 * asked for by {@link OnDuplicate#THROW}, and by {@link PeriodicJobs#trigger}.
 */
public class DuplicateJobException extends TaskQueueException {

	private final String uniqueKey;

	private final String firstId;

	/**
	 * Creates one.
	 * @param message what happened
	 * @param uniqueKey the key
	 * @param firstId the id of the job that has the key, in text form
	 */
	public DuplicateJobException(String message, String uniqueKey, String firstId) {
		super(message);
		this.uniqueKey = uniqueKey;
		this.firstId = firstId;
	}

	/**
	 * The key that both jobs have.
	 * @return the key
	 */
	public String getUniqueKey() {
		return this.uniqueKey;
	}

	/**
	 * The job that has the key.
	 * @return its id in text form
	 */
	public String getFirstId() {
		return this.firstId;
	}

}
