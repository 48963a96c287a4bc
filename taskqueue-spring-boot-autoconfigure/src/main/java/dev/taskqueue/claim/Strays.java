package dev.taskqueue.claim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.function.Consumer;

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

	/** The complement of all texts and of all dates: two ranges of the index each. */
	private static final Bson NO_TEXT = Filters.not(Filters.gte(JobDocument.QUEUE, ""));

	private static final Bson NO_FUNCTION = Filters.and(Filters.gte(JobDocument.QUEUE, ""),
			Filters.not(Filters.gte(JobDocument.FUNCTION, "")));

	private static final Bson NO_DATE = Filters.and(Filters.gte(JobDocument.QUEUE, ""),
			Filters.not(Filters.gte(JobDocument.RUN_AT, Date.from(Instant.ofEpochMilli(Long.MIN_VALUE)))));

	private final MongoCollection<Document> jobs;

	private final Bson known;

	private final Duration retention;

	Strays(MongoCollection<Document> jobs, Collection<String> functions, Duration retention) {
		this.jobs = jobs;
		this.known = Filters.in(JobDocument.FUNCTION, functions);
		this.retention = retention;
	}

	/** Looks for documents that no claim would find, a portion of them. */
	void mend(Instant now) {
		find(NO_TEXT, (job) -> mend(job, JobDocument.QUEUE, JobDocument.DEFAULT_QUEUE, "the name of a queue", now));
		find(NO_FUNCTION, (job) -> setAside(job, new UnreadableDocumentException(JobDocument.FUNCTION,
				job.document().get(JobDocument.FUNCTION), "the name of a function"), now));
		// of names that nobody here knows there may be any number
		find(Filters.and(this.known, NO_DATE), (job) -> mend(job, JobDocument.RUN_AT, Date.from(now), "a date", now));
	}

	/**
	 * Ends a job that cannot be claimed.
	 * @param job as read
	 * @param problem what is wrong with it
	 * @param now the server's time
	 */
	void setAside(JobDocument job, UnreadableDocumentException problem, Instant now) {
		JobError error = new JobError(JobError.Reason.UNREADABLE, null, String.valueOf(problem.getMessage()), null, 0,
				now);
		logger.warn("Job {} cannot be read and is set aside as failed: {}", job.idText(), problem.getMessage());
		Bson asRead = Filters.and(Filters.eq(JobDocument.ID, job.id()),
				Filters.eq(JobDocument.STATE, JobState.PENDING.text()));
		if (this.retention.isZero()) {
			this.jobs.deleteOne(asRead);
		}
		else {
			this.jobs.updateOne(asRead,
					Updates.combine(Updates.set(JobDocument.STATE, JobState.FAILED.text()),
							Updates.set(JobDocument.ERROR, JobDocument.writeError(error)),
							Updates.set(JobDocument.FINISHED_AT, Date.from(now)),
							Updates.set(JobDocument.DELETE_AT, Date.from(now.plus(this.retention)))));
		}
		CrashPoint.CLAIM_SET_ASIDE.reached();
	}

	private void mend(JobDocument job, String field, Object absent, String expected, Instant now) {
		Object value = job.document().get(field);
		if (value != null) {
			setAside(job, new UnreadableDocumentException(field, value, expected), now);
			return;
		}
		this.jobs.updateOne(Filters.and(Filters.eq(JobDocument.ID, job.id()), Filters.eq(field, null),
				Filters.eq(JobDocument.STATE, JobState.PENDING.text())), Updates.set(field, absent));
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
