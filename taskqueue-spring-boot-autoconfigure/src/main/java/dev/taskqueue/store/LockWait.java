package dev.taskqueue.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;

import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * What a pending job says of the lock that it waits for, in its field
 * {@link JobDocument#WAITS}. Meanwhile its {@code run_at} lies far ahead, so that no
 * claim reads it.
 *
 * @param lock the name of the lock
 * @param since its {@code run_at} before it waited: its place in the line, and what it
 * gets back; null where another program wrote what is no time
 * @param until its {@code run_at} while it waits. With another one it was moved, and is
 * no longer in the line; null as above
 */
public record LockWait(String lock, @Nullable Instant since, @Nullable Instant until) {

	/** The name of the lock, as a path. */
	public static final String LOCK = JobDocument.WAITS + ".lock";

	/** The place in the line, as a path. */
	public static final String SINCE = JobDocument.WAITS + ".since";

	/**
	 * A job that nobody wakes is due again after this time, whatever went wrong: it costs
	 * a claim and puts it back to its place.
	 */
	private static final Duration LONGEST = Duration.ofHours(1);

	/**
	 * The wait of a job that found its lock held.
	 * @param job as it was claimed
	 * @param lock the name of the lock
	 * @param now the server's time
	 * @return the wait; it keeps the place of one before
	 */
	public static LockWait of(JobDocument job, String lock, Instant now) {
		Instant runAt = instant(job.document(), JobDocument.RUN_AT);
		Instant since = (runAt != null) ? runAt : now;
		Instant before = read(job.document()).since();
		return new LockWait(lock, (before != null && before.isBefore(since)) ? before : since, now.plus(LONGEST));
	}

	/**
	 * Reads the field of a job.
	 * @param job the job
	 * @return the wait; an empty name and no times where there is none
	 */
	public static LockWait read(Document job) {
		Document waits = (job.get(JobDocument.WAITS) instanceof Document field) ? field : new Document();
		return new LockWait((waits.get("lock") instanceof String lock) ? lock : "", instant(waits, "since"),
				instant(waits, "until"));
	}

	/**
	 * Whether a job has another time than that of its wait.
	 * @param job the job
	 * @return true if somebody gave it one
	 */
	public boolean wasMoved(Document job) {
		return this.until == null || !this.until.equals(instant(job, JobDocument.RUN_AT));
	}

	/**
	 * What the job is given when it begins to wait.
	 * @return the fields
	 */
	public Document fields() {
		return new Document(JobDocument.RUN_AT, date(this.until)).append(JobDocument.WAITS,
				new Document("lock", this.lock).append("since", date(this.since)).append("until", date(this.until)));
	}

	private static @Nullable Date date(@Nullable Instant instant) {
		return (instant != null) ? Date.from(instant) : null;
	}

	private static @Nullable Instant instant(Document document, String field) {
		return (document.get(field) instanceof Date date) ? date.toInstant() : null;
	}

}
