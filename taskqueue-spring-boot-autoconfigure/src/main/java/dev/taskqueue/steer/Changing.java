package dev.taskqueue.steer;

import java.time.Instant;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoWriteException;
import dev.taskqueue.JobState;
import dev.taskqueue.JobStateException;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.steer.JobWrites.FoundJob;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.UniqueKey;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Changes single jobs: runs them again, moves, edits and deletes them.
 */
final class Changing {

	private static final Set<JobState> PENDING = EnumSet.of(JobState.PENDING);

	private static final Set<JobState> NOT_RUNNING = EnumSet.complementOf(EnumSet.of(JobState.RUNNING));

	private static final String IS_PENDING = "Only a pending job can be. Cancel it and submit another";

	private final JobWrites writes;

	private final SteeredWorker worker;

	Changing(JobWrites writes, SteeredWorker worker) {
		this.writes = writes;
		this.worker = worker;
	}

	boolean retry(String id) {
		return change(id, "retried", JobWrites.RETRIED, "Only one that failed, was cancelled or expired can be",
				(job) -> this.writes.pendingAgain(), null);
	}

	boolean runNow(String id) {
		Date now = Date.from(this.writes.now());
		return change(id, "run now", PENDING, IS_PENDING, (job) -> (job.runAt() != null && job.runAt().after(now))
				? moved(new Document(JobDocument.RUN_AT, now)) : null, null);
	}

	boolean reschedule(String id, Instant at) {
		Document set = new Document(JobDocument.RUN_AT, date(at));
		return change(id, "rescheduled", PENDING, IS_PENDING, (job) -> moved(set), null);
	}

	boolean edit(String id, Document set, Function<Document, @Nullable String> key) {
		String queue = (set.get(JobDocument.QUEUE) instanceof String name) ? name : null;
		if (!set.containsKey(JobDocument.PARAMS) && !set.containsKey(JobDocument.KWARGS)) {
			return change(id, "edited", PENDING, IS_PENDING, (job) -> moved(set), queue);
		}
		return change(this.writes::findWithArguments, id, "edited", PENDING, IS_PENDING,
				(job) -> moved(withKey(set, key.apply(job.job().document()))), queue);
	}

	private Document withKey(Document set, @Nullable String key) {
		if (key == null) {
			return set;
		}
		UniqueKey.requireEnforced(this.writes.jobs());
		return new Document(set).append(JobDocument.UNIQUE_KEY, key);
	}

	boolean delete(String id) {
		for (int tries = 0; tries < JobWrites.MOST_TRIES; tries++) {
			FoundJob found = this.writes.find(id);
			if (found == null) {
				return false;
			}
			check(id, found, "deleted", NOT_RUNNING, "Cancel it first");
			if (this.writes.delete(found)) {
				return true;
			}
		}
		throw restless(id, "deleted");
	}

	/**
	 * A claim that read the job before it was changed must not run what it was: the token
	 * keeps it from matching.
	 */
	private static Document moved(Document set) {
		return new Document("$set", new Document(set).append(JobDocument.CLAIM, new ObjectId().toHexString()));
	}

	/**
	 * Changes a job.
	 * @param update what is to be written; it gives null where nothing need be
	 * @param queue where it is then, or null for where it was
	 * @return false if there is no such job
	 */
	private boolean change(String id, String done, Set<JobState> states, String remedy,
			Function<FoundJob, @Nullable Document> update, @Nullable String queue) {
		return change(this.writes::find, id, done, states, remedy, update, queue);
	}

	private boolean change(Function<String, @Nullable FoundJob> find, String id, String done, Set<JobState> states,
			String remedy, Function<FoundJob, @Nullable Document> update, @Nullable String queue) {
		for (int tries = 0; tries < JobWrites.MOST_TRIES; tries++) {
			FoundJob found = find.apply(id);
			if (found == null) {
				return false;
			}
			check(id, found, done, states, remedy);
			Document change = update.apply(found);
			if (change == null || update(id, found, done, change)) {
				this.worker.wakeUp((queue != null) ? queue : found.queue());
				return true;
			}
		}
		throw restless(id, done);
	}

	private boolean update(String id, FoundJob found, String done, Document change) {
		try {
			return this.writes.update(found, change);
		}
		catch (MongoWriteException ex) {
			if (ex.getError().getCategory() != ErrorCategory.DUPLICATE_KEY) {
				throw ex;
			}
			requireFree(id, found, done, change);
			return false;
		}
	}

	/** Returns if the key is free, or was freed by it. */
	private void requireFree(String id, FoundJob found, String done, Document change) {
		Object key = change.get("$set", Document.class)
			.getOrDefault(JobDocument.UNIQUE_KEY, found.job().document().get(JobDocument.ENDED_KEY));
		// another program's job may have several
		List<?> keys = (key instanceof List<?> several) ? several : List.of(String.valueOf(key));
		Document holder = UniqueKey.findHolders(this.writes.jobs(), keys.stream().map(String::valueOf).toList())
			.values()
			.stream()
			.findFirst()
			.orElse(null);
		if (holder == null) {
			return;
		}
		if (UniqueKey.isFreeAt(holder, this.writes.now())) {
			UniqueKey.free(this.writes.jobs(), holder);
			return;
		}
		throw new JobStateException(id, found.state(),
				"Job " + id + " is " + found.state().text() + ", and cannot be " + done + " while job "
						+ new JobDocument(holder).idText() + " has the unique key '" + key
						+ "'. Wait until that is free, or cancel that job.");
	}

	private static void check(String id, FoundJob found, String done, Set<JobState> states, String remedy) {
		if (!states.contains(found.state())) {
			throw new JobStateException(id, found.state(),
					"Job " + id + " is " + found.state().text() + ", so it cannot be " + done + ". " + remedy + ".");
		}
	}

	private static TaskQueueException restless(String id, String done) {
		return new TaskQueueException("Job " + id + " was not " + done + ": its state changed " + JobWrites.MOST_TRIES
				+ " times meanwhile. Try again.");
	}

	private static Date date(Instant at) {
		try {
			return Date.from(at);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(
					"at is '" + at + "', expected a time that a date can hold. Correct the call.", ex);
		}
	}

}
