package dev.taskqueue.claim;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Date;
import java.util.List;

import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import dev.taskqueue.JobState;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * What the claimer asks of the store. Every question is hinted: without the hint the
 * planner takes another index, and a claim is ten times slower. None reads jobs of
 * functions that this worker does not have, however many lie in between.
 */
final class ClaimQuery {

	private static final Bson PENDING = Filters.eq(JobDocument.STATE, JobState.PENDING.text());

	/**
	 * For so many functions at a time the server merges the jobs in order from the index,
	 * a cursor for each; above 200 it would read and sort them all.
	 */
	private static final int FUNCTIONS_AT_A_TIME = 100;

	private static final Bson CLAIM_ORDER = Sorts.orderBy(Sorts.descending(JobDocument.PRIORITY),
			Sorts.ascending(JobDocument.RUN_AT));

	/** The same order, for what several queries found. */
	static final Comparator<JobDocument> IN_CLAIM_ORDER = Comparator.comparing(JobDocument::document,
			Comparator.comparingDouble(ClaimQuery::priority).reversed().thenComparing(ClaimQuery::runAt));

	private final MongoCollection<Document> jobs;

	private final Collection<String> functions;

	/**
	 * Creates one.
	 * @param jobs the jobs
	 * @param functions what this worker can run at each moment: other jobs are never read
	 */
	ClaimQuery(MongoCollection<Document> jobs, Collection<String> functions) {
		this.jobs = jobs;
		this.functions = functions;
	}

	/**
	 * Due jobs that this worker can run, by priority and then by time.
	 * @param queue the queue
	 * @param now the server's time
	 * @param limit the most
	 * @param without filters of jobs that are not wanted
	 */
	List<JobDocument> findDue(String queue, Instant now, int limit, List<Bson> without) {
		List<JobDocument> due = new ArrayList<>(limit);
		List<String> functions = List.copyOf(this.functions);
		for (int from = 0; from < functions.size(); from += FUNCTIONS_AT_A_TIME) {
			findDue(queue, portion(functions, from), now, without).limit(limit)
				.batchSize(limit + 1)
				.map(JobDocument::new)
				.into(due);
		}
		if (functions.size() > FUNCTIONS_AT_A_TIME) {
			due.sort(IN_CLAIM_ORDER);
		}
		return due.stream().limit(limit).toList();
	}

	/**
	 * When the next job becomes due that this worker can run.
	 * @param queue the queue
	 * @param now the server's time
	 * @param horizon looks no further ahead, so that few index entries are read however
	 * many jobs are scheduled
	 * @return the moment, or null for none before the horizon
	 */
	@Nullable Instant findNextDue(String queue, Instant now, Instant horizon) {
		Document next = this.jobs
			.find(Filters.and(Filters.eq(JobDocument.QUEUE, queue), PENDING,
					Filters.in(JobDocument.FUNCTION, List.copyOf(this.functions)),
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
	 * Whether a job is due, or will be, that this worker can run.
	 * @param queue the queue
	 * @param horizon up to then
	 * @param without filters of jobs that are not wanted
	 */
	boolean isDueBy(String queue, Instant horizon, List<Bson> without) {
		Bson due = Filters.and(Filters.eq(JobDocument.QUEUE, queue), PENDING,
				Filters.in(JobDocument.FUNCTION, List.copyOf(this.functions)),
				Filters.lte(JobDocument.RUN_AT, Date.from(horizon)));
		return this.jobs.find(without.isEmpty() ? due : Filters.and(due, Filters.nor(without)))
			.hint(Indexes.CLAIM)
			.projection(Projections.include(JobDocument.ID))
			.limit(1)
			.first() != null;
	}

	/**
	 * Takes jobs.
	 * @param neverClaimed whether none of them had a token when it was read: then none
	 * may have one now. Who changes a pending job gives it a token, so that no claim runs
	 * what the job was before
	 * @return how many were taken; the others were taken, moved or changed by others
	 */
	long claim(Collection<Object> ids, String worker, String token, Instant now, boolean neverClaimed) {
		Date date = Date.from(now);
		Bson due = Filters.and(Filters.in(JobDocument.ID, ids), PENDING, Filters.lte(JobDocument.RUN_AT, date));
		return this.jobs.updateMany(neverClaimed ? Filters.and(due, Filters.eq(JobDocument.CLAIM, null)) : due,
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
	 * A pending job of the next queue in the order of the index that has some which this
	 * worker can run.
	 * @param after the name of the one before, or null for the first
	 * @param without filters of jobs that are not wanted
	 * @return a job with its id and its queue, or null after the last
	 */
	@Nullable JobDocument findInNextQueue(@Nullable String after, List<Bson> without) {
		Bson later = (after != null) ? Filters.gt(JobDocument.QUEUE, after) : Filters.gte(JobDocument.QUEUE, "");
		Bson next = Filters.and(PENDING, later, Filters.in(JobDocument.FUNCTION, List.copyOf(this.functions)));
		return this.jobs.find(without.isEmpty() ? next : Filters.and(next, Filters.nor(without)))
			.sort(Indexes.CLAIM)
			.hint(Indexes.CLAIM)
			.projection(Projections.include(JobDocument.QUEUE))
			.limit(1)
			.map(JobDocument::new)
			.first();
	}

	/**
	 * How the server would find due jobs.
	 * @return the winning plan, or null where this worker can run none
	 */
	@Nullable Document explain() {
		List<String> functions = List.copyOf(this.functions);
		if (functions.isEmpty()) {
			return null;
		}
		return findDue(JobDocument.DEFAULT_QUEUE, portion(functions, 0), Instant.EPOCH, List.of()).explain();
	}

	private FindIterable<Document> findDue(String queue, List<String> functions, Instant now, List<Bson> without) {
		Bson due = Filters.and(Filters.eq(JobDocument.QUEUE, queue), PENDING,
				Filters.lte(JobDocument.RUN_AT, Date.from(now)), Filters.in(JobDocument.FUNCTION, functions),
				Filters.ne(JobDocument.ID, null));
		return this.jobs.find(without.isEmpty() ? due : Filters.and(due, Filters.nor(without)))
			.sort(CLAIM_ORDER)
			.hint(Indexes.CLAIM);
	}

	private static List<String> portion(List<String> functions, int from) {
		return functions.subList(from, Math.min(from + FUNCTIONS_AT_A_TIME, functions.size()));
	}

	/** No priority ranks lowest and one that is no number highest, as in the index. */
	static double priority(Document job) {
		Object priority = job.get(JobDocument.PRIORITY);
		if (priority instanceof Number number) {
			return number.doubleValue();
		}
		return (priority != null) ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
	}

	/**
	 * An array is found by its elements; where it stands in the order does not matter.
	 */
	private static Date runAt(Document job) {
		return (job.get(JobDocument.RUN_AT) instanceof Date date) ? date : Date.from(Instant.EPOCH);
	}

}
