package dev.taskqueue.steer;

import java.util.List;

import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.ReturnDocument;
import dev.taskqueue.CancelResult;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.steer.JobWrites.FoundJob;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import org.bson.Document;

/**
 * Cancels jobs: the pending ones by their end, the running ones by a word to their
 * worker.
 */
final class Cancelling {

	private static final Document REQUEST = new Document("$set", new Document(JobDocument.CANCEL_REQUESTED, true));

	private static final FindOneAndUpdateOptions WHO_RUNS_IT = new FindOneAndUpdateOptions()
		.projection(Projections.include(JobDocument.CLAIM))
		.returnDocument(ReturnDocument.AFTER)
		.hint(Indexes.BY_ID);

	private final JobWrites writes;

	private final SteeredWorker worker;

	Cancelling(JobWrites writes, SteeredWorker worker) {
		this.writes = writes;
		this.worker = worker;
	}

	CancelResult cancel(String id) {
		for (int tries = 0; tries < JobWrites.MOST_TRIES; tries++) {
			FoundJob found = this.writes.find(id);
			if (found == null) {
				return CancelResult.UNKNOWN;
			}
			switch (found.state()) {
				case PENDING -> {
					if (this.writes.cancelPending(List.of(found.job())) > 0) {
						return CancelResult.CANCELLED;
					}
				}
				case RUNNING -> {
					if (request(found)) {
						return CancelResult.REQUESTED;
					}
				}
				default -> {
					return CancelResult.ENDED;
				}
			}
		}
		throw new TaskQueueException("Job " + id + " was not cancelled: it moved between pending and running "
				+ JobWrites.MOST_TRIES + " times meanwhile. Try again.");
	}

	private boolean request(FoundJob found) {
		Document running = this.writes.jobs().findOneAndUpdate(found.asRead(), REQUEST, WHO_RUNS_IT);
		if (running == null) {
			return false;
		}
		JobDocument job = new JobDocument(running);
		this.worker.cancel(job.id(), job.claim());
		return true;
	}

}
