package dev.taskqueue.lock;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import dev.taskqueue.JobState;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.LockWait;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The lines of jobs that wait for a lock, by their index.
 */
final class WaitingJobs {

	private static final Bson PENDING = Filters.eq(JobDocument.STATE, JobState.PENDING.text());

	private static final UpdateOptions BY_ID = new UpdateOptions().hint(Indexes.BY_ID);

	private final MongoCollection<Document> jobs;

	WaitingJobs(MongoCollection<Document> jobs) {
		this.jobs = jobs;
	}

	/**
	 * The one that has waited longest.
	 * @param paused queues that come last
	 * @return the job, or null where none waits
	 */
	@Nullable JobDocument first(String lock, Collection<String> paused) {
		Bson line = Filters.and(PENDING, Filters.eq(LockWait.LOCK, lock));
		JobDocument first = paused.isEmpty() ? null : find(Filters.and(line, Filters.nin(JobDocument.QUEUE, paused)));
		return (first != null) ? first : find(line);
	}

	private @Nullable JobDocument find(Bson line) {
		return this.jobs.find(line)
			.sort(Sorts.ascending(LockWait.LOCK, LockWait.SINCE, JobDocument.ID))
			.hint(Indexes.WAITING)
			.projection(Projections.include(JobDocument.QUEUE, JobDocument.RUN_AT, JobDocument.WAITS))
			.limit(1)
			.map(JobDocument::new)
			.first();
	}

	/**
	 * Makes a job due that waits, at its old place.
	 * @param job as read
	 * @return false if it does not wait any more
	 */
	boolean wake(JobDocument job) {
		Instant since = LockWait.read(job.document()).since();
		return leave(job, (since != null) ? Updates.set(JobDocument.RUN_AT, Date.from(since))
				: Updates.currentDate(JobDocument.RUN_AT));
	}

	/**
	 * Takes a job out of the line that was moved.
	 * @param job as read
	 */
	void forget(JobDocument job) {
		leave(job, Updates.combine());
	}

	private boolean leave(JobDocument job, Bson change) {
		Bson asRead = Filters.and(job.filter(), PENDING, Filters.exists(LockWait.LOCK), job.asRead(JobDocument.RUN_AT));
		// as whoever changes a pending job: other nodes hear of it by the new token
		return this.jobs.updateOne(asRead, Updates.combine(change,
				Updates.set(JobDocument.CLAIM, new ObjectId().toHexString()), Updates.unset(JobDocument.WAITS)), BY_ID)
			.getModifiedCount() > 0;
	}

	/**
	 * Takes a job out of the line that was claimed without being woken, and has its lock.
	 */
	void left(JobDocument job, String claim) {
		this.jobs.updateOne(Filters.and(job.filter(), Filters.eq(JobDocument.STATE, JobState.RUNNING.text()),
				Filters.eq(JobDocument.CLAIM, claim)), Updates.unset(JobDocument.WAITS), BY_ID);
	}

	/**
	 * Names of locks that some job waits for, in order: one step in the index for each.
	 * @param after the last one before
	 */
	List<String> names(String after, int limit) {
		List<String> names = new ArrayList<>();
		String last = after;
		while (names.size() < limit) {
			Document next = this.jobs.find(Filters.and(PENDING, Filters.gt(LockWait.LOCK, last)))
				.sort(Sorts.ascending(LockWait.LOCK, LockWait.SINCE, JobDocument.ID))
				.hint(Indexes.WAITING)
				.projection(Projections.include(LockWait.LOCK))
				.limit(1)
				.first();
			String name = (next != null) ? LockWait.read(next).lock() : "";
			if (name.isEmpty()) {
				// none, or what compares as a text and is none
				break;
			}
			names.add(name);
			last = name;
		}
		return names;
	}

}
