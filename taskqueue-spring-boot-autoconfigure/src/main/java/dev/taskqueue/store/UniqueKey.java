package dev.taskqueue.store;

import java.time.Instant;
import java.util.Date;

import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * What the end of a job means for its unique key. While a job is pending or running, the
 * unique index holds its key. With its end the field gets another name, which frees the
 * key; but a job whose key is held for a period keeps it, and is kept itself, until that
 * is over. What every other job's end writes stays as it is.
 */
public final class UniqueKey {

	private UniqueKey() {
	}

	/**
	 * Whether a job has a key.
	 * @param job the job, as read with both fields of the key
	 * @return true if so; then its end is written apart from others
	 */
	public static boolean isIn(Document job) {
		return job.containsKey(JobDocument.UNIQUE_KEY);
	}

	/**
	 * Whether a job holds its key beyond its end, so that it must not be deleted yet.
	 * @param job the job, as read with both fields of the key
	 * @param now the server's time
	 * @return false for a job without a key
	 */
	public static boolean isHeldAt(Document job, Instant now) {
		Instant until = instant(job, JobDocument.UNIQUE_UNTIL);
		return isIn(job) && until != null && until.isAfter(now);
	}

	/**
	 * Adds to the end of a job what becomes of its key.
	 * @param job the job, as read with both fields of the key
	 * @param update its end, with {@code $set}; changed if the job has a key
	 * @return the update
	 */
	public static Document end(Document job, Document update) {
		if (!isIn(job)) {
			return update;
		}
		Document set = update.get("$set", Document.class);
		Instant until = instant(job, JobDocument.UNIQUE_UNTIL);
		Instant finishedAt = instant(set, JobDocument.FINISHED_AT);
		if (until == null || (finishedAt != null && !until.isAfter(finishedAt))) {
			return update.append("$rename", new Document(JobDocument.UNIQUE_KEY, JobDocument.ENDED_KEY));
		}
		// where there is no room for a time, who needs the key next frees it
		Instant deleteAt = instant(set, JobDocument.DELETE_AT);
		if (deleteAt != null && deleteAt.isBefore(until)) {
			set.append(JobDocument.DELETE_AT, Date.from(until));
		}
		return update;
	}

	private static @Nullable Instant instant(Document document, String field) {
		return (document.get(field) instanceof Date date) ? date.toInstant() : null;
	}

}
