package dev.taskqueue.lock;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import dev.taskqueue.JobState;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * The documents of the locks, and whether those that they name still run.
 */
final class Holders {

	static final Duration PROMISE = Duration.ofSeconds(5);

	/** The collection has other locks too. */
	private static final String PREFIX = "job:";

	/** Behind all that begin with the prefix. */
	private static final String BEHIND = "job;";

	/** The lock changes hands between a look and a write: not so often in a row. */
	private static final int MOST_TRIES = 20;

	private static final BulkWriteOptions UNORDERED = new BulkWriteOptions().ordered(false);

	private final MongoCollection<Document> locks;

	private final MongoCollection<Document> jobs;

	private final Clock clock;

	Holders(TaskQueueDatabase database, Clock clock) {
		this.locks = database.locks();
		this.jobs = database.jobs();
		this.clock = clock;
	}

	/**
	 * Takes a lock for an attempt.
	 * @return false if another has it
	 */
	boolean take(String lock, Object job, String claim) {
		Holder mine = Holder.by(key(lock), job, claim);
		for (int tries = 0; tries < MOST_TRIES; tries++) {
			if (insert(mine)) {
				return true;
			}
			Holder holder = find(lock);
			if (holder == null) {
				continue;
			}
			if (holder.equals(mine)) {
				// the reply to the insert was lost
				return true;
			}
			if (!holder.isPromisedTo(job) && !isFree(holder)) {
				return false;
			}
			if (replace(holder, mine)) {
				return true;
			}
		}
		return false;
	}

	/** Frees locks of attempts that are over. */
	void release(Collection<Holder> over) {
		this.locks.bulkWrite(over.stream().map((holder) -> new DeleteOneModel<Document>(holder.asRead())).toList(),
				UNORDERED);
	}

	/**
	 * Promises a lock to a job.
	 * @param holder who has it, which is free; null for none
	 * @return the promise, or null if another came first
	 */
	@Nullable Holder promise(String lock, @Nullable Holder holder, Object job) {
		Holder promise = Holder.promisedTo(key(lock), job, Date.from(this.clock.instant().plus(PROMISE)));
		boolean promised = (holder != null) ? replace(holder, promise) : insert(promise);
		return promised ? promise : null;
	}

	/**
	 * Removes the document of a lock that is free.
	 * @return false if it is no longer as it was read
	 */
	boolean remove(Holder holder) {
		return this.locks.deleteOne(holder.asRead()).getDeletedCount() > 0;
	}

	@Nullable Holder find(String lock) {
		Document found = this.locks.find(Filters.eq(Holder.ID, key(lock))).first();
		return (found != null) ? Holder.of(found) : null;
	}

	/**
	 * Whether a lock may be taken from whoever its document names.
	 */
	boolean isFree(Holder holder) {
		if (holder.isPromise()) {
			return isOver(holder.until());
		}
		Bson holds = Filters.and(new Document(JobDocument.ID, new Document("$eq", holder.job())),
				Filters.eq(JobDocument.STATE, JobState.RUNNING.text()), Filters.eq(JobDocument.CLAIM, holder.claim()));
		return this.jobs.find(holds).hint(Indexes.BY_ID).projection(Projections.include(JobDocument.ID)).first() == null
				// the majority confirms what was read; changes nothing
				&& this.jobs
					.updateOne(holds, Updates.set(JobDocument.CLAIM, holder.claim()),
							new UpdateOptions().hint(Indexes.BY_ID))
					.getMatchedCount() == 0;
	}

	/** One that is further ahead than any is made is of a clock that was put back. */
	private boolean isOver(@Nullable Date promised) {
		Instant now = this.clock.instant();
		return promised == null || !promised.toInstant().isAfter(now)
				|| promised.toInstant().isAfter(now.plus(PROMISE.multipliedBy(2)));
	}

	/**
	 * Names of locks that have a document, in order.
	 * @param after the last one before
	 */
	List<String> names(String after, int limit) {
		return this.locks.find(Filters.and(Filters.gt(Holder.ID, key(after)), Filters.lt(Holder.ID, BEHIND)))
			.sort(Sorts.ascending(Holder.ID))
			.projection(Projections.include(Holder.ID))
			.limit(limit)
			.map((lock) -> lock.getString(Holder.ID).substring(PREFIX.length()))
			.into(new ArrayList<>());
	}

	private boolean insert(Holder holder) {
		try {
			this.locks.insertOne(holder.toDocument());
			return true;
		}
		catch (MongoException ex) {
			if (ErrorCategory.fromErrorCode(ex.getCode()) == ErrorCategory.DUPLICATE_KEY) {
				return false;
			}
			throw ex;
		}
	}

	private boolean replace(Holder holder, Holder next) {
		return this.locks.replaceOne(holder.asRead(), next.toDocument()).getMatchedCount() > 0;
	}

	static String key(String lock) {
		return PREFIX + lock;
	}

}
