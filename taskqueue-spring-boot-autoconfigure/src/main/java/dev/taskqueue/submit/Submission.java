package dev.taskqueue.submit;

import dev.taskqueue.OnDuplicate;
import dev.taskqueue.SubmitTime;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * A job that is to be submitted.
 *
 * @param job the document; an {@code _id} that is an {@code ObjectId} must have been made
 * for this submit
 * @param onDuplicate what to do when another job has its unique key
 * @param time when to submit it in a transaction of another kind than MongoDB's; null for
 * the general rule
 */
public record Submission(Document job, OnDuplicate onDuplicate, @Nullable SubmitTime time) {

	/**
	 * Creates one that leaves a job with the same unique key as it is.
	 * @param job the document
	 */
	public Submission(Document job) {
		this(job, OnDuplicate.RETURN_FIRST);
	}

	/**
	 * Creates one that follows the general rule in transactions.
	 * @param job the document
	 * @param onDuplicate what to do when another job has its unique key
	 */
	public Submission(Document job, OnDuplicate onDuplicate) {
		this(job, onDuplicate, null);
	}

}
