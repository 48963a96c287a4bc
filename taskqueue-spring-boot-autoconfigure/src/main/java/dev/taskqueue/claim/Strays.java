package dev.taskqueue.claim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Updates;
import dev.taskqueue.JobError;
import dev.taskqueue.JobState;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.UniqueKey;
import dev.taskqueue.store.UnreadableDocumentException;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pending documents of other programs that no claim would ever find, or that no claim can
 * take: a missing field gets its default, a wrong one ends the job as {@code failed} with
 * the reason {@code unreadable}.
 */
final class Strays {

	private static final Logger logger = LoggerFactory.getLogger(Strays.class);

	private static final int PORTION = 1000;

	private static final int MOST_REFUSED = 1000;

	private static final Bson FAILED = Updates.set(JobDocument.STATE, JobState.FAILED.text());

	/** The complement of all texts and of all dates: two ranges of the index each. */
	private static final Bson NO_TEXT = Filters.not(Filters.gte(JobDocument.QUEUE, ""));

	private static final Bson NO_FUNCTION = Filters.and(Filters.gte(JobDocument.QUEUE, ""),
			Filters.not(Filters.gte(JobDocument.FUNCTION, "")));

	private static final Bson NO_DATE = Filters.and(Filters.gte(JobDocument.QUEUE, ""),
			Filters.not(Filters.gte(JobDocument.RUN_AT, Date.from(Instant.ofEpochMilli(Long.MIN_VALUE)))));

	private final MongoCollection<Document> jobs;

	private final Collection<String> functions;

	private final Duration retention;

	private final List<Bson> refused = new ArrayList<>();

	private final AsideLog log = new AsideLog();

	private boolean mended;

	Strays(MongoCollection<Document> jobs, Collection<String> functions, Duration retention) {
		this.jobs = jobs;
		this.functions = functions;
		this.retention = retention;
	}

	/**
	 * Looks for documents that no claim would find, a portion of them.
	 * @return whether there are some that a claim finds now
	 */
	boolean mend(Instant now) {
		this.mended = false;
		this.log.tick(now);
		// maybe they are in order by now
		this.refused.clear();
		nameless(now);
		find(NO_TEXT, (job) -> mend(job, JobDocument.QUEUE, JobDocument.DEFAULT_QUEUE, "the name of a queue", now));
		find(NO_FUNCTION, (job) -> setAside(job, new UnreadableDocumentException(JobDocument.FUNCTION,
				job.document().get(JobDocument.FUNCTION), "the name of a function"), now));
		// of names that nobody here knows there may be any number
		find(Filters.and(known(), NO_DATE), (job) -> mend(job, JobDocument.RUN_AT, Date.from(now), "a date", now));
		return this.mended;
	}

	/**
	 * Ends a job that cannot be claimed.
	 * @param job as read
	 * @param problem what is wrong with it
	 * @param now the server's time
	 * @return false where the server refuses to write it
	 */
	boolean setAside(JobDocument job, UnreadableDocumentException problem, Instant now) {
		String message = String.valueOf(problem.getMessage());
		this.log.setAside(job.idText(), message, now);
		Bson asRead = Filters.and(job.filter(), Filters.eq(JobDocument.STATE, JobState.PENDING.text()));
		boolean written = true;
		if (this.retention.isZero()) {
			this.jobs.deleteOne(asRead);
		}
		else {
			JobError error = new JobError(JobError.Reason.UNREADABLE, null, message, null, 0, now);
			Bson told = Updates.combine(FAILED, Updates.set(JobDocument.ERROR, JobDocument.writeError(error)),
					Updates.set(JobDocument.FINISHED_AT, Date.from(now)),
					Updates.set(JobDocument.DELETE_AT, Date.from(now.plus(this.retention))));
			// one of 16 MB has no room for more than the state, and one of another
			// program may have a second key, taken, behind the one that it gives up
			written = Stream
				.of(Updates.combine(told, UniqueKey.end()), told, Updates.combine(FAILED, UniqueKey.end()), FAILED)
				.anyMatch((end) -> update(asRead, end));
		}
		CrashPoint.CLAIM_SET_ASIDE.reached();
		if (!written && this.refused.size() < MOST_REFUSED) {
			this.refused.add(job.filter());
		}
		return written;
	}

	/**
	 * Finds the jobs that can be neither claimed nor set aside, since the server refuses
	 * both. A claim must pass them.
	 * @return filters, few mostly
	 */
	List<Bson> refused() {
		return this.refused;
	}

	private boolean update(Bson filter, Bson update) {
		try {
			this.jobs.updateOne(filter, update);
			return true;
		}
		catch (MongoWriteException ex) {
			if (Outage.isPassing(ex.getCode())) {
				throw ex;
			}
			return false;
		}
	}

	private Bson known() {
		return Filters.in(JobDocument.FUNCTION, List.copyOf(this.functions));
	}

	/** There is at most one, and no claim could tell it from a missing one. */
	private void nameless(Instant now) {
		JobDocument job = this.jobs
			.find(Filters.and(new Document(JobDocument.ID, null),
					Filters.eq(JobDocument.STATE, JobState.PENDING.text()), known()))
			.hint(Indexes.BY_ID)
			.map(JobDocument::new)
			.first();
		if (job != null) {
			tryTo((nameless) -> setAside(nameless,
					new UnreadableDocumentException(JobDocument.ID, null, "any value but null"), now), job);
		}
	}

	private void mend(JobDocument job, String field, Object absent, String expected, Instant now) {
		Object value = job.document().get(field);
		if (value != null) {
			setAside(job, new UnreadableDocumentException(field, value, expected), now);
			return;
		}
		this.jobs.updateOne(Filters.and(job.filter(), Filters.eq(field, null),
				Filters.eq(JobDocument.STATE, JobState.PENDING.text())), Updates.set(field, absent));
		this.mended = true;
		CrashPoint.CLAIM_MENDED.reached();
	}

	private void find(Bson condition, Consumer<JobDocument> each) {
		this.jobs.find(Filters.and(Filters.eq(JobDocument.STATE, JobState.PENDING.text()), condition))
			.hint(Indexes.CLAIM)
			.projection(Projections.include(List.of(JobDocument.QUEUE, JobDocument.FUNCTION, JobDocument.RUN_AT)))
			.limit(PORTION)
			.batchSize(PORTION + 1)
			.map(JobDocument::new)
			.into(new ArrayList<>())
			.forEach((job) -> tryTo(each, job));
	}

	/**
	 * One that the server refuses to write must not keep the others from being mended.
	 */
	private static void tryTo(Consumer<JobDocument> mend, JobDocument job) {
		try {
			mend.accept(job);
		}
		catch (MongoWriteException ex) {
			logger.debug("Job {} can be neither mended nor set aside", job.document().get(JobDocument.ID), ex);
		}
	}

}
