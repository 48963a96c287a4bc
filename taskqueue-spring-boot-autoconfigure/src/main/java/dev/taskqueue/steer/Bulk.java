package dev.taskqueue.steer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoWriteException;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import dev.taskqueue.JobState;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import org.bson.Document;
import org.bson.conversions.Bson;

/**
 * Decides about a batch of jobs with a few writes, whatever others do to them meanwhile.
 */
final class Bulk {

	/** So often a job may slip from pending to running and back between two writes. */
	private static final int ROUNDS = 20;

	private static final Bson REQUEST = new Document("$set", new Document(JobDocument.CANCEL_REQUESTED, true));

	private final JobWrites writes;

	private final SteeredWorker worker;

	Bulk(JobWrites writes, SteeredWorker worker) {
		this.writes = writes;
		this.worker = worker;
	}

	/** Those that are cancelled, or whose worker is told. */
	long cancel(List<JobDocument> batch) {
		long done = 0;
		List<JobDocument> left = batch;
		for (int round = 0; round < ROUNDS && !left.isEmpty(); round++) {
			long before = done;
			done += this.writes.cancelPending(left) + request(ids(left));
			left = (done - before == left.size()) ? List.of() : slippedAmong(left);
		}
		return done;
	}

	private long request(List<Object> ids) {
		long told = this.writes.jobs()
			.updateMany(Filters.and(Filters.in(JobDocument.ID, ids), JobWrites.is(JobState.RUNNING),
					Filters.ne(JobDocument.CANCEL_REQUESTED, true)), REQUEST, JobWrites.BY_ID)
			.getModifiedCount();
		if (told > 0) {
			this.worker.lookForCancellations();
		}
		return told;
	}

	/** What began, or was given back, between the two writes. */
	private List<JobDocument> slippedAmong(List<JobDocument> jobs) {
		Set<Object> slipped = new HashSet<>();
		this.writes.jobs()
			.find(Filters.and(Filters.in(JobDocument.ID, ids(jobs)),
					Filters.in(JobDocument.STATE, JobState.PENDING.text(), JobState.RUNNING.text()),
					Filters.nor(Filters.and(JobWrites.is(JobState.RUNNING),
							Filters.eq(JobDocument.CANCEL_REQUESTED, true)))))
			.hint(Indexes.BY_ID)
			.projection(Projections.include(JobDocument.ID))
			.map(JobDocument::new)
			.forEach((job) -> slipped.add(job.id()));
		return jobs.stream().filter((job) -> slipped.contains(job.id())).toList();
	}

	/** Those that are pending again. */
	long retry(List<JobDocument> batch) {
		Bson retried = Filters.and(Filters.in(JobDocument.ID, ids(batch)),
				Filters.in(JobDocument.STATE, JobWrites.RETRIED.stream().map(JobState::text).toList()));
		Bson hasKey = Filters.exists(JobDocument.ENDED_KEY);
		long done = this.writes.jobs()
			.updateMany(Filters.and(retried, Filters.exists(JobDocument.ENDED_KEY, false)), this.writes.pendingAgain(),
					JobWrites.BY_ID)
			.getModifiedCount();
		if (done < batch.size()) {
			// one by one: where another job has the key, it stays as it is
			List<JobDocument> keyed = this.writes.jobs()
				.find(Filters.and(retried, hasKey))
				.hint(Indexes.BY_ID)
				.projection(Projections.include(JobDocument.ID))
				.map(JobDocument::new)
				.into(new ArrayList<>());
			done += keyed.stream().filter((job) -> retry(Filters.and(job.filter(), hasKey, retried))).count();
		}
		batch.stream().map(JobWrites::queue).distinct().forEach(this.worker::wakeUp);
		return done;
	}

	private boolean retry(Bson job) {
		try {
			return this.writes.jobs().updateOne(job, this.writes.pendingAgain()).getModifiedCount() > 0;
		}
		catch (MongoWriteException ex) {
			if (ex.getError().getCategory() != ErrorCategory.DUPLICATE_KEY) {
				throw ex;
			}
			return false;
		}
	}

	/** Those that are gone. */
	long delete(List<JobDocument> batch) {
		return this.writes.delete(ids(batch));
	}

	private static List<Object> ids(Collection<JobDocument> jobs) {
		return jobs.stream().map(JobDocument::id).toList();
	}

}
