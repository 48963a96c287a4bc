package dev.taskqueue.claim;

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
import org.bson.BsonType;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * What the claimer asks of the store. Every question is hinted: without the hint the
 * planner takes another index, and a claim is ten times slower.
 */
final class ClaimQuery {

	private static final Bson PENDING = Filters.eq(JobDocument.STATE, JobState.PENDING.text());

	/** An array compares as its elements, so it would be found as each of them. */
	private static final Bson NO_LIST = Filters.not(Filters.type(JobDocument.QUEUE, BsonType.ARRAY));

	/** For {@link #findDue}: jobs of whatever function. */
	static final Bson ANY_FUNCTION = Filters.empty();

	private static final Bson CLAIM_ORDER = Sorts.orderBy(Sorts.descending(JobDocument.PRIORITY),
			Sorts.ascending(JobDocument.RUN_AT));

	private final MongoCollection<Document> jobs;

	ClaimQuery(MongoCollection<Document> jobs) {
		this.jobs = jobs;
	}

	/**
	 * Due jobs in the order of the index.
	 * @param queue the queue
	 * @param after only those that became due after this, or null for all
	 * @param now the server's time
	 * @param functions which functions are wanted
	 * @param limit the most
	 */
	List<JobDocument> findDue(String queue, @Nullable Instant after, Instant now, Bson functions, int limit) {
		List<JobDocument> due = new ArrayList<>(limit);
		this.jobs.find(dueFilter(queue, after, now, functions))
			.sort(CLAIM_ORDER)
			.hint(Indexes.CLAIM)
			.limit(limit)
			.batchSize(limit + 1)
			.map(JobDocument::new)
			.into(due);
		return due;
	}

	/**
	 * When the next job becomes due.
	 * @param queue the queue
	 * @param now the server's time
	 * @param horizon looks no further ahead, so that few index entries are read however
	 * many jobs are scheduled
	 * @return the moment, or null for none before the horizon
	 */
	@Nullable Instant findNextDue(String queue, Instant now, Instant horizon) {
		Document next = this.jobs
			.find(Filters.and(Filters.eq(JobDocument.QUEUE, queue), PENDING,
					Filters.gt(JobDocument.RUN_AT, Date.from(now)),
					Filters.lte(JobDocument.RUN_AT, Date.from(horizon))))
			.sort(Sorts.ascending(JobDocument.RUN_AT))
			.hint(Indexes.CLAIM)
			.projection(Projections.fields(Projections.include(JobDocument.RUN_AT), Projections.excludeId()))
			.limit(1)
			.first();
		return (next != null && next.get(JobDocument.RUN_AT) instanceof Date date) ? date.toInstant() : null;
	}

	/**
	 * Takes jobs.
	 * @return how many were taken; the others were taken, moved or changed by others
	 */
	long claim(Collection<Object> ids, String worker, String token, Instant now) {
		Date date = Date.from(now);
		return this.jobs
			.updateMany(Filters.and(Filters.in(JobDocument.ID, ids), PENDING, Filters.lte(JobDocument.RUN_AT, date)),
					Updates.combine(Updates.set(JobDocument.STATE, JobState.RUNNING.text()),
							Updates.set(JobDocument.WORKER, worker), Updates.set(JobDocument.CLAIM, token),
							Updates.set(JobDocument.CLAIMED_AT, date), Updates.inc(JobDocument.ATTEMPT, 1)),
					new UpdateOptions().hint(Indexes.BY_ID))
			.getModifiedCount();
	}

	/**
	 * What a token holds.
	 * @return the jobs, as they were before the claim: it is not in their attempts
	 */
	List<JobDocument> findClaimed(Collection<Object> ids, String token) {
		List<JobDocument> claimed = new ArrayList<>(ids.size());
		this.jobs
			.find(Filters.and(Filters.in(JobDocument.ID, ids), Filters.eq(JobDocument.CLAIM, token),
					Filters.eq(JobDocument.STATE, JobState.RUNNING.text())))
			.hint(Indexes.BY_ID)
			.batchSize(ids.size() + 1)
			.forEach((document) -> {
				document.computeIfPresent(JobDocument.ATTEMPT,
						(field, attempt) -> (attempt instanceof Number number) ? number.intValue() - 1 : attempt);
				claimed.add(new JobDocument(document));
			});
		return claimed;
	}

	/**
	 * The next queue in the order of the index that has pending jobs.
	 * @param after the name of the one before, or null for the first
	 * @return a name, or null after the last
	 */
	@Nullable String findQueue(@Nullable String after) {
		Document next = this.jobs
			.find(Filters.and(PENDING, NO_LIST, Filters.gt(JobDocument.QUEUE, (after != null) ? after : "")))
			.sort(Indexes.CLAIM)
			.hint(Indexes.CLAIM)
			.projection(Projections.fields(Projections.include(JobDocument.QUEUE), Projections.excludeId()))
			.limit(1)
			.first();
		return (next != null && next.get(JobDocument.QUEUE) instanceof String queue) ? queue : null;
	}

	/**
	 * How the server would find due jobs.
	 * @return the winning plan
	 */
	Document explain() {
		return this.jobs.find(dueFilter(JobDocument.DEFAULT_QUEUE, null, Instant.EPOCH, ANY_FUNCTION))
			.sort(CLAIM_ORDER)
			.hint(Indexes.CLAIM)
			.explain();
	}

	private static Bson dueFilter(String queue, @Nullable Instant after, Instant now, Bson functions) {
		Bson due = Filters.lte(JobDocument.RUN_AT, Date.from(now));
		if (after != null) {
			due = Filters.and(due, Filters.gt(JobDocument.RUN_AT, Date.from(after)));
		}
		return Filters.and(Filters.eq(JobDocument.QUEUE, queue), PENDING, due, functions,
				Filters.ne(JobDocument.ID, null));
	}

}
