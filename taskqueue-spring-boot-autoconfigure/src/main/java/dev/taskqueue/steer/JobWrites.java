package dev.taskqueue.steer;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.UpdateOptions;
import dev.taskqueue.JobEvent;
import dev.taskqueue.JobState;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.UniqueKey;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reads and writes that the ways of steering share. Each write names the state that
 * was read.
 */
final class JobWrites {

	static final UpdateOptions BY_ID = new UpdateOptions().hint(Indexes.BY_ID);

	/**
	 * A job that moves each time between a look and a write: nobody sees so many in a
	 * row.
	 */
	static final int MOST_TRIES = 100;

	/** The ends after which a job may run again. */
	static final Set<JobState> RETRIED = EnumSet.of(JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED);

	private static final Logger logger = LoggerFactory.getLogger(JobWrites.class);

	/** How long the job of a row guards its slot. */
	private static final Duration GUARD = Retention.guardingSlot(Duration.ZERO);

	private static final Document AFTER_AN_END = new Document(JobDocument.FINISHED_AT, "")
		.append(JobDocument.DELETE_AT, "")
		.append(JobDocument.ATTEMPT, "")
		.append(JobDocument.RECOVERIES, "")
		.append(JobDocument.CANCEL_REQUESTED, "")
		.append(JobDocument.EXPIRES_AT, "");

	private static final List<String> FIELDS = List.of(JobDocument.FUNCTION, JobDocument.QUEUE, JobDocument.STATE,
			JobDocument.RUN_AT, JobDocument.CREATED_AT, JobDocument.ORIGIN, JobDocument.UNIQUE_KEY,
			JobDocument.UNIQUE_UNTIL, JobDocument.ENDED_KEY);

	private static final List<String> ARGUMENTS = List.of(JobDocument.PARAMS, JobDocument.KWARGS);

	private static final List<String> STATE = List.of(JobDocument.STATE);

	/** Each change of a pending job sets another token. */
	private static final List<String> STATE_AND_KEY = List.of(JobDocument.STATE, JobDocument.CLAIM,
			JobDocument.UNIQUE_KEY);

	private final MongoCollection<Document> jobs;

	private final Clock clock;

	private final Retention retention;

	private final Consumer<JobEvent> events;

	JobWrites(MongoCollection<Document> jobs, Clock clock, Retention retention, Consumer<JobEvent> events) {
		this.jobs = jobs;
		this.clock = clock;
		this.retention = retention;
		this.events = events;
	}

	MongoCollection<Document> jobs() {
		return this.jobs;
	}

	Instant now() {
		return this.clock.instant();
	}

	/**
	 * Reads what is needed to decide.
	 * @param id in text form
	 * @return the job, or null
	 */
	@Nullable FoundJob find(String id) {
		return find(id, Projections.include(FIELDS), STATE);
	}

	/**
	 * The same with the arguments; a write that follows from them must find the job as it
	 * was read.
	 * @param id in text form
	 * @return the job, or null
	 */
	@Nullable FoundJob findWithArguments(String id) {
		return find(id,
				Projections
					.include(Stream.of(FIELDS, ARGUMENTS, STATE_AND_KEY).flatMap(List::stream).distinct().toList()),
				STATE_AND_KEY);
	}

	private @Nullable FoundJob find(String id, Bson fields, List<String> fence) {
		for (BsonValue value : JobDocument.idsOf(id)) {
			Document found = this.jobs.find(Filters.eq(JobDocument.ID, value)).projection(fields).first();
			if (found != null) {
				return new FoundJob(value, new JobDocument(found), fence);
			}
		}
		return null;
	}

	boolean update(FoundJob job, Bson update) {
		return this.jobs.updateOne(job.asRead(), update, BY_ID).getMatchedCount() > 0;
	}

	/**
	 * Makes a job pending that has ended: it is due now, its attempts are counted anew,
	 * and the last error stays until another attempt fails.
	 */
	Document pendingAgain() {
		return new Document("$set",
				new Document(JobDocument.STATE, JobState.PENDING.text()).append(JobDocument.RUN_AT, Date.from(now())))
			.append("$unset", AFTER_AN_END)
			.append("$rename", new Document(JobDocument.ENDED_KEY, JobDocument.UNIQUE_KEY));
	}

	boolean delete(FoundJob job) {
		return delete(List.of(job.job().id()), job.job().asRead(JobDocument.STATE)) > 0;
	}

	/**
	 * Deletes jobs that do not run.
	 * @return how many
	 */
	long delete(List<Object> ids) {
		return delete(ids, Filters.ne(JobDocument.STATE, JobState.RUNNING.text()));
	}

	/**
	 * The id of a row's job keeps a scheduler that stalled from dispatching its slot
	 * again: a young one ends now and is deleted later.
	 */
	private long delete(List<Object> ids, Bson state) {
		Date now = Date.from(now());
		Bson wanted = Filters.and(Filters.in(JobDocument.ID, ids), state);
		Bson guards = Filters.and(Filters.exists(JobDocument.ORIGIN),
				Filters.gt(JobDocument.CREATED_AT, Date.from(now.toInstant().minus(GUARD))));
		long deleted = this.jobs.deleteMany(Filters.and(wanted, Filters.nor(guards))).getDeletedCount();
		if (deleted == ids.size()) {
			return deleted;
		}
		Date later = Date.from(now.toInstant().plus(GUARD));
		long ended = this.jobs
			.updateMany(Filters.and(wanted, guards, Filters.ne(JobDocument.STATE, JobState.PENDING.text())),
					new Document("$set", new Document(JobDocument.DELETE_AT, later)), BY_ID)
			.getMatchedCount();
		long pending = this.jobs
			.updateMany(Filters.and(wanted, guards, is(JobState.PENDING)), new Document("$set",
					new Document(JobDocument.STATE, JobState.CANCELLED.text()).append(JobDocument.FINISHED_AT, now)
						.append(JobDocument.DELETE_AT, later))
				.append("$rename", new Document(JobDocument.UNIQUE_KEY, JobDocument.ENDED_KEY)), BY_ID)
			.getModifiedCount();
		return deleted + pending + ended;
	}

	/**
	 * Ends pending jobs as cancelled.
	 * @param jobs with function, queue and what there is of a unique key; those that are
	 * not pending are left alone
	 * @return how many were ended
	 */
	long cancelPending(Collection<JobDocument> jobs) {
		Date now = Date.from(now());
		List<JobDocument> plain = jobs.stream().filter((job) -> !UniqueKey.isIn(job.document())).toList();
		long ended = plain.isEmpty() ? 0 : cancelPending(plain, now, cancelled(now));
		for (JobDocument job : jobs) {
			if (UniqueKey.isIn(job.document())) {
				ended += cancelPending(List.of(job), now, UniqueKey.end(job.document(), cancelled(now)));
			}
		}
		return ended;
	}

	private long cancelPending(List<JobDocument> jobs, Date now, Document end) {
		List<Object> ids = jobs.stream().map(JobDocument::id).toList();
		long ended = this.jobs
			.updateMany(Filters.and(Filters.in(JobDocument.ID, ids), is(JobState.PENDING)), end, BY_ID)
			.getModifiedCount();
		if (ended == 0) {
			return 0;
		}
		Set<Object> mine = (ended == ids.size()) ? new HashSet<>(ids) : cancelledAt(now, ids);
		if (this.retention.of(JobState.CANCELLED).isZero()) {
			this.jobs.deleteMany(Filters.and(Filters.in(JobDocument.ID, mine), is(JobState.CANCELLED),
					Filters.eq(JobDocument.FINISHED_AT, now), Filters.exists(JobDocument.ORIGIN, false),
					Filters.exists(JobDocument.UNIQUE_KEY, false)));
		}
		jobs.stream().filter((job) -> mine.contains(job.id())).forEach(this::tellCancelled);
		return ended;
	}

	/**
	 * The end, written in any case before a job that is not kept is deleted, so that the
	 * TTL index deletes what a crash leaves.
	 */
	private Document cancelled(Date now) {
		Duration kept = Retention.guardingSlot(this.retention.of(JobState.CANCELLED));
		return new Document("$set",
				new Document(JobDocument.STATE, JobState.CANCELLED.text()).append(JobDocument.FINISHED_AT, now)
					.append(JobDocument.DELETE_AT, Date.from(now.toInstant().plus(kept))));
	}

	/** Fewer were ended than were sent: some had begun, or others cancelled them. */
	private Set<Object> cancelledAt(Date now, List<Object> ids) {
		Set<Object> ended = new HashSet<>();
		this.jobs
			.find(Filters.and(Filters.in(JobDocument.ID, ids), is(JobState.CANCELLED),
					Filters.eq(JobDocument.FINISHED_AT, now)))
			.hint(Indexes.BY_ID)
			.projection(Projections.include(JobDocument.ID))
			.batchSize(ids.size() + 1)
			.map(JobDocument::new)
			.forEach((job) -> ended.add(job.id()));
		return ended;
	}

	private void tellCancelled(JobDocument job) {
		tell(new JobEvent.Cancelled(job.idText(), job.text(JobDocument.FUNCTION, ""), queue(job), Duration.ZERO));
	}

	private void tell(JobEvent event) {
		try {
			this.events.accept(event);
		}
		catch (RuntimeException ex) {
			logger.warn("A listener failed at {}; the job is cancelled all the same", event, ex);
		}
	}

	static Bson is(JobState state) {
		return Filters.eq(JobDocument.STATE, state.text());
	}

	static String queue(JobDocument job) {
		String queue = job.text(JobDocument.QUEUE, "");
		return queue.isEmpty() ? JobDocument.DEFAULT_QUEUE : queue;
	}

	/**
	 * A job as it was read.
	 *
	 * @param id as it is stored
	 * @param job what was read of it
	 * @param fence the fields that a write must find as they were read
	 */
	record FoundJob(BsonValue id, JobDocument job, List<String> fence) {

		/** What is no state at all is an end: nothing runs it. */
		JobState state() {
			Object state = this.job.document().get(JobDocument.STATE);
			return Arrays.stream(JobState.values())
				.filter((known) -> known.text().equals(state))
				.findFirst()
				.orElse(JobState.FAILED);
		}

		/** Matches as long as nobody has changed what is fenced. */
		Bson asRead() {
			return Filters.and(Stream
				.concat(Stream.of(Filters.eq(JobDocument.ID, this.id)), this.fence.stream().map(this.job::asRead))
				.toList());
		}

		String queue() {
			return JobWrites.queue(this.job);
		}

		@Nullable Date runAt() {
			return (this.job.document().get(JobDocument.RUN_AT) instanceof Date date) ? date : null;
		}

	}

}
