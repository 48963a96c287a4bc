package dev.taskqueue.store;

import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.mongodb.MongoException;
import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.UpdateOptions;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueueException;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the end of a job means for its unique key. While a job is pending or running, the
 * unique index holds its key. With its end the field gets another name, which frees the
 * key; but a job whose key is held for a period keeps it, and is kept itself, until that
 * is over. What every other job's end writes stays as it is.
 */
public final class UniqueKey {

	/**
	 * So often a job is sent again whose key became free between the server's error and
	 * the look for its holder.
	 */
	public static final int TRIES = 5;

	private static final Logger logger = LoggerFactory.getLogger(UniqueKey.class);

	private static final Set<String> LIVE = Set.of(JobState.PENDING.text(), JobState.RUNNING.text());

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
	 * What frees the key of a job; one without a key stays as it is.
	 * @return the update
	 */
	public static Document end() {
		return new Document("$rename", new Document(JobDocument.UNIQUE_KEY, JobDocument.ENDED_KEY));
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
			update.putAll(end());
			return update;
		}
		// where there is no room for a time, who needs the key next frees it
		Instant deleteAt = instant(set, JobDocument.DELETE_AT);
		if (deleteAt != null && deleteAt.isBefore(until)) {
			set.append(JobDocument.DELETE_AT, Date.from(until));
		}
		return update;
	}

	/**
	 * The jobs that have some keys. Asked for by the key itself and not by what the
	 * server's error says: that names an index, which may have another name here, and the
	 * driver does not hand on its fields.
	 * @param jobs the jobs, or the view of them that a transaction has
	 * @param keys the keys
	 * @return by the key, what {@link #isFreeAt} and {@link #free} need, the state and
	 * what tells one job from another
	 */
	public static Map<Object, Document> findHolders(MongoCollection<Document> jobs, Collection<String> keys) {
		Map<Object, Document> holders = new HashMap<>();
		jobs.find(Filters.in(JobDocument.UNIQUE_KEY, keys))
			.hint(Indexes.UNIQUE)
			.projection(Projections.include(JobDocument.UNIQUE_KEY, JobDocument.UNIQUE_UNTIL, JobDocument.STATE,
					JobDocument.CREATED_AT, JobDocument.CANCEL_REQUESTED, JobDocument.ORIGIN))
			.forEach((holder) -> {
				Object key = holder.get(JobDocument.UNIQUE_KEY);
				// another program's job may have several
				(key instanceof List<?> several ? several : List.of(key)).forEach((each) -> holders.put(each, holder));
			});
		return holders;
	}

	/**
	 * Whether a job has a key that it ought to have no more: it has ended and its period
	 * is over, or another program ended it.
	 * @param holder the job
	 * @param now the server's time
	 * @return true if the key is to be freed
	 */
	public static boolean isFreeAt(Document holder, Instant now) {
		boolean isLive = holder.get(JobDocument.STATE) instanceof String state && LIVE.contains(state);
		return !isLive && !isHeldAt(holder, now);
	}

	/**
	 * Frees the key of such a job. One whose document cannot let go of it keeps it, as
	 * another program's may have a second key that is taken: who wants it meets it again.
	 * @param jobs as it was found in
	 * @param holder the job; left alone if it is not as it was read
	 */
	public static void free(MongoCollection<Document> jobs, Document holder) {
		JobDocument job = new JobDocument(holder);
		try {
			jobs.updateOne(Filters.and(job.filter(), job.asRead(JobDocument.UNIQUE_KEY), job.asRead(JobDocument.STATE)),
					end(), new UpdateOptions().hint(Indexes.BY_ID));
		}
		catch (MongoWriteException ex) {
			if (Outage.isPassing(ex.getCode())) {
				throw ex;
			}
			logger.debug("Job {} keeps its unique key", job.idText(), ex);
		}
	}

	/**
	 * Whether the server knows the index without which no key is unique but by luck.
	 * @param jobs the jobs
	 * @return true if so
	 */
	public static boolean isEnforced(MongoCollection<?> jobs) {
		if (jobs.listIndexes().first() == null) {
			// where there is no collection, the server minds no hint
			return false;
		}
		try {
			// what is listed may still be built
			jobs.find(Filters.eq(JobDocument.UNIQUE_KEY, "")).hint(Indexes.UNIQUE).first();
			return true;
		}
		catch (MongoException ex) {
			if (!Indexes.isMissed(ex)) {
				throw ex;
			}
			return false;
		}
	}

	/**
	 * Makes sure of that.
	 * @param jobs the jobs
	 * @throws TaskQueueException if the server does not know the index
	 */
	public static void requireEnforced(MongoCollection<?> jobs) {
		if (!isEnforced(jobs)) {
			throw new TaskQueueException("The index " + Indexes.UNIQUE.toBsonDocument().toJson() + " of collection '"
					+ jobs.getNamespace().getCollectionName() + "' is not there (yet), without which no key is unique. "
					+ "A worker creates it when it starts, unless taskqueue.mongodb.create-indexes is false.");
		}
	}

	/**
	 * Frees the key of a job that is not in the store, unless it is held for a period.
	 * @param job the job as it has ended; changed
	 * @param finishedAt when it ended
	 */
	public static void end(Document job, Instant finishedAt) {
		if (isIn(job) && !isHeldAt(job, finishedAt)) {
			job.append(JobDocument.ENDED_KEY, job.remove(JobDocument.UNIQUE_KEY));
		}
	}

	private static @Nullable Instant instant(Document document, String field) {
		return (document.get(field) instanceof Date date) ? date.toInstant() : null;
	}

}
