package dev.taskqueue.lease;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateOptions;
import dev.taskqueue.JobState;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.store.UniqueKey;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jobs that run by the store's word under a worker that lives and does not run them: its
 * claim was done and the reply was lost.
 */
final class Orphans {

	private static final Logger logger = LoggerFactory.getLogger(Orphans.class);

	/** Far more than a worker runs at a time. */
	private static final int MOST = 10_000;

	private final TaskQueueDatabase database;

	private final ServerClock clock;

	private final Retention retention;

	private final BiPredicate<String, Object> isHeld;

	Orphans(TaskQueueDatabase database, ServerClock clock, Retention retention, BiPredicate<String, Object> isHeld) {
		this.database = database;
		this.clock = clock;
		this.retention = retention;
		this.isHeld = isHeld;
	}

	/**
	 * Gives back what this worker does not hold.
	 * @param worker this worker
	 * @return how many jobs were given back or ended cancelled
	 */
	long giveBack(String worker) {
		// The store first, the tokens after: a token that the store shows was registered
		// before its command was sent, so an unknown one is over, not yet to come.
		Map<String, List<Document>> byToken = new HashMap<>();
		for (Document job : RunningJobs.portion(this.database, worker, List.of(), MOST, JobDocument.CLAIM,
				JobDocument.UNIQUE_KEY, JobDocument.UNIQUE_UNTIL)) {
			JobDocument running = new JobDocument(job);
			String token = running.claim();
			Object id = running.id();
			if (token != null && !this.isHeld.test(token, id)) {
				byToken.computeIfAbsent(token, (key) -> new ArrayList<>()).add(job);
			}
		}
		long given = 0;
		for (Map.Entry<String, List<Document>> claim : byToken.entrySet()) {
			given += giveBack(worker, claim.getKey(), claim.getValue());
		}
		if (given > 0) {
			logger.info("Gave back {} jobs that worker '{}' had claimed without hearing of it", given, worker);
		}
		return given;
	}

	private long giveBack(String worker, String token, List<Document> jobs) {
		long given = update(Filters.and(held(worker, token, ids(jobs)), Filters.ne(JobDocument.CANCEL_REQUESTED, true)),
				new Document("$set", new Document(JobDocument.STATE, JobState.PENDING.text())).append("$inc",
						new Document(JobDocument.ATTEMPT, -1)));
		CrashPoint.RECOVERY_GIVEN_BACK.reached();
		if (given == jobs.size()) {
			return given;
		}
		List<Document> plain = new ArrayList<>();
		for (Document job : jobs) {
			if (UniqueKey.isIn(job)) {
				given += cancel(worker, token, List.of(job));
			}
			else {
				plain.add(job);
			}
		}
		return plain.isEmpty() ? given : given + cancel(worker, token, plain);
	}

	private long cancel(String worker, String token, List<Document> jobs) {
		Ending ending = Ending.of(JobState.CANCELLED, this.clock.instant(), this.retention);
		long cancelled = update(
				Filters.and(held(worker, token, ids(jobs)), Filters.eq(JobDocument.CANCEL_REQUESTED, true)),
				UniqueKey.end(jobs.get(0), new Document("$set", ending.set())));
		if (cancelled > 0 && !UniqueKey.isHeldAt(jobs.get(0), ending.at())) {
			ending.deleteIfNotKept(this.database, ids(jobs), token);
		}
		return cancelled;
	}

	private static List<Object> ids(List<Document> jobs) {
		return jobs.stream().map((job) -> new JobDocument(job).id()).toList();
	}

	private static Bson held(String worker, String token, List<Object> ids) {
		return Filters.and(Filters.in(JobDocument.ID, ids), RunningJobs.RUNNING, Filters.eq(JobDocument.CLAIM, token),
				Filters.eq(JobDocument.WORKER, worker));
	}

	private long update(Bson filter, Document change) {
		return this.database.jobs()
			.updateMany(filter, change, new UpdateOptions().hint(Indexes.BY_ID))
			.getModifiedCount();
	}

}
