package dev.taskqueue.submit;

import java.util.Objects;
import java.util.function.Supplier;

import dev.taskqueue.JobState;
import dev.taskqueue.OnDuplicate;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.submit.LocalWorker.Place;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job that is inserted as claimed by the worker of this process, which keeps a place
 * for it. Either {@link #begin} or {@link #giveUp} is called, once.
 */
public final class BornClaimed {

	private static final Logger logger = LoggerFactory.getLogger(BornClaimed.class);

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
		boolean mayReplace = submission.onDuplicate() == OnDuplicate.REPLACE && job.containsKey(JobDocument.UNIQUE_KEY);
		return (!mayReplace && job.get(JobDocument.ID) instanceof ObjectId) ? of(job, worker) : null;
	}

	/**
	 * Claims a job that is not inserted yet, if that is possible.
	 * @param job as it would be inserted to wait for its turn; under its id there is no
	 * other job than itself
	 * @param worker the worker of this process
	 * @return null where it must wait for its turn
	 */
	public static @Nullable BornClaimed of(Document job, LocalWorker worker) {
		if (!NewJob.isDue(job) || !(job.get(JobDocument.FUNCTION) instanceof String function)
				|| !(job.get(JobDocument.QUEUE) instanceof String queue)) {
			return null;
		}
		Place place = worker.reserve(queue, function);
		return (place != null) ? new BornClaimed(job, place) : null;
	}

	/**
	 * The job as it is to be inserted.
	 * @return a new document
	 */
	public Document document() {
		return new Document(this.job).append(JobDocument.STATE, JobState.RUNNING.text())
			.append(JobDocument.WORKER, this.place.worker())
			.append(JobDocument.CLAIM, this.place.token())
			.append(JobDocument.CLAIMED_AT, this.job.get(JobDocument.CREATED_AT))
			.append(JobDocument.ATTEMPT, 1);
	}

	/**
	 * Has it run: it is durable. Where nothing can be made of it, the worker gives it
	 * back.
	 * @param stored the job as the store returns it, with or without what the claim added
	 */
	public void begin(Supplier<Document> stored) {
		try {
			this.place.begin(new Document(stored.get()).append(JobDocument.ATTEMPT, 0));
		}
		catch (RuntimeException | Error ex) {
			logger.warn("Job {} was submitted and cannot begin here, so it is given back", this.job.get(JobDocument.ID),
					ex);
			giveUp(true);
		}
	}

	/**
	 * It was not taken.
	 * @param mayExist whether it may be inserted all the same
	 */
	public void giveUp(boolean mayExist) {
		this.place.giveUp(Objects.requireNonNull(this.job.get(JobDocument.ID)), mayExist);
	}

}
