package dev.taskqueue.submit;

import java.util.Objects;

import dev.taskqueue.JobState;
import dev.taskqueue.OnDuplicate;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.submit.LocalWorker.Place;
import org.bson.Document;
import org.bson.codecs.Codec;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A job that is inserted as claimed by the worker of this process, which keeps a place
 * for it.
 */
final class BornClaimed {

	private final Document job;

	private final Place place;

	private BornClaimed(Document job, Place place) {
		this.job = job;
		this.place = place;
	}

	/**
	 * Claims a job that is not inserted yet, if that is possible.
	 * @param submission as it would be inserted to wait for its turn
	 * @param worker the worker of this process
	 * @return null where it must wait for its turn
	 */
	static @Nullable BornClaimed of(Submission submission, LocalWorker worker) {
		Document job = submission.job();
		// under an id of the caller's own another job may run already, and what replaces
		// another has no claim of its own
		if ((submission.onDuplicate() == OnDuplicate.REPLACE && job.containsKey(JobDocument.UNIQUE_KEY))
				|| !(job.get(JobDocument.ID) instanceof ObjectId) || !NewJob.isDue(job)
				|| !(job.get(JobDocument.FUNCTION) instanceof String function)
				|| !(job.get(JobDocument.QUEUE) instanceof String queue)) {
			return null;
		}
		Place place = worker.reserve(queue, function);
		return (place != null) ? new BornClaimed(job, place) : null;
	}

	/** The job as it is to be inserted. */
	Document document() {
		return new Document(this.job).append(JobDocument.STATE, JobState.RUNNING.text())
			.append(JobDocument.WORKER, this.place.worker())
			.append(JobDocument.CLAIM, this.place.token())
			.append(JobDocument.CLAIMED_AT, this.job.get(JobDocument.RUN_AT))
			.append(JobDocument.ATTEMPT, 1);
	}

	/**
	 * Has it run, as it was inserted and read back.
	 * @param inserted the job, taken
	 * @param codec of the store
	 */
	void begin(NewJob inserted, Codec<Document> codec) {
		Document read = inserted.document().decode(codec);
		read.put(JobDocument.ATTEMPT, 0);
		this.place.begin(read);
	}

	/**
	 * It was not taken.
	 * @param mayExist whether it may be inserted all the same
	 */
	void giveUp(boolean mayExist) {
		this.place.giveUp(Objects.requireNonNull(this.job.get(JobDocument.ID)), mayExist);
	}

}
