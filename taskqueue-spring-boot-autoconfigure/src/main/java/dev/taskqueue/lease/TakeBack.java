package dev.taskqueue.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

import com.mongodb.MongoWriteException;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.UpdateOptions;
import dev.taskqueue.JobError;
import dev.taskqueue.JobEvent;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the running jobs of a fenced worker back, a portion at a time. Any number of
 * nodes may do so at once: each job is taken by the one whose write matches it.
 */
final class TakeBack {

	static final int PORTION = 500;

	/** A job that took down its worker this often is not tried again. */
	static final int MOST_RECOVERIES = 3;

	/**
	 * Who took the job back last: where two do so at once, it tells whose write it was.
	 */
	static final String RECOVERED_BY = "recovered_by";

	private static final Logger logger = LoggerFactory.getLogger(TakeBack.class);

	private static final int MOST_ASIDE = 1_000;

	private final TaskQueueDatabase database;

	private final ServerClock clock;

	private final Retention retention;

	private final Supplier<String> me;

	private final Consumer<JobEvent> events;

	private final Set<Object> aside = new HashSet<>();

	TakeBack(TaskQueueDatabase database, ServerClock clock, Retention retention, Supplier<String> me,
			Consumer<JobEvent> events) {
		this.database = database;
		this.clock = clock;
		this.retention = retention;
		this.me = me;
		this.events = events;
	}

	/**
	 * Takes back one portion.
	 * @param worker a fenced worker; null for jobs that name none
	 * @return how many jobs were found, and how many of them this node took back
	 */
	Portion takeBack(@Nullable String worker) {
		List<Document> jobs = RunningJobs.portion(this.database, worker, this.aside, PORTION, JobDocument.FUNCTION,
				JobDocument.QUEUE, JobDocument.CLAIM, JobDocument.ATTEMPT, JobDocument.RECOVERIES,
				JobDocument.CANCEL_REQUESTED, JobDocument.UNIQUE_KEY, JobDocument.UNIQUE_UNTIL);
		Map<Group, List<Document>> groups = new LinkedHashMap<>();
		jobs.forEach((job) -> groups.computeIfAbsent(Group.of(job), (key) -> new ArrayList<>()).add(job));
		// so that nodes that recover the same worker help each other instead of racing
		List<Group> order = new ArrayList<>(groups.keySet());
		Collections.shuffle(order);
		int taken = 0;
		for (Group group : order) {
			taken += takeBack(worker, group, groups.getOrDefault(group, List.of()));
		}
		return new Portion(jobs.size(), taken);
	}

	/** Tries again what could not be written. */
	void forgetFailures() {
		this.aside.clear();
	}

	private int takeBack(@Nullable String worker, Group group, List<Document> jobs) {
		List<Object> ids = new ArrayList<>(jobs.size());
		jobs.forEach((job) -> ids.add(new JobDocument(job).id()));
		Bson held = Filters.and(Filters.in(JobDocument.ID, ids), RunningJobs.RUNNING,
				RunningJobs.is(JobDocument.CLAIM, group.claim), RunningJobs.heldBy(worker),
				(group.fate == JobState.CANCELLED) ? Filters.eq(JobDocument.CANCEL_REQUESTED, true)
						: Filters.ne(JobDocument.CANCEL_REQUESTED, true));
		String by = this.me.get();
		Instant now = this.clock.instant();
		Document set = new Document(JobDocument.RECOVERIES, group.recoveries + 1).append(RECOVERED_BY, by);
		JobError error = (group.fate == JobState.FAILED) ? lost(worker, group, now) : null;
		try {
			long modified = this.database.jobs()
				.updateMany(held, change(group, jobs.get(0), set, error, now), new UpdateOptions().hint(Indexes.BY_ID))
				.getModifiedCount();
			CrashPoint.RECOVERY_TAKEN_BACK.reached();
			Set<Object> mine = (modified < ids.size()) ? writtenBy(by, group, ids) : new HashSet<>(ids);
			if (group.fate.isEnd() && !UniqueKey.isHeldAt(jobs.get(0), now)) {
				Ending.of(group.fate, now, this.retention).deleteIfNotKept(this.database, ids, group.claim);
			}
			jobs.stream()
				.map(JobDocument::new)
				.filter((job) -> mine.contains(job.id()))
				.forEach((job) -> tell(job, worker, group.fate, error));
			return mine.size();
		}
		catch (MongoWriteException ex) {
			return takeBackSingly(worker, group, jobs, ex);
		}
	}

	/** One document that cannot be written must not hold the others. */
	private int takeBackSingly(@Nullable String worker, Group group, List<Document> jobs, MongoWriteException ex) {
		if (jobs.size() > 1) {
			return jobs.stream().mapToInt((job) -> takeBack(worker, group, List.of(job))).sum();
		}
		Object id = new JobDocument(jobs.get(0)).id();
		if (this.aside.size() >= MOST_ASIDE) {
			throw ex;
		}
		this.aside.add(id);
		logger.warn("Job '{}' of the lost worker '{}' cannot be taken back and is set aside for now: {}", id, worker,
				ex.getMessage());
		return 0;
	}

	private Document change(Group group, Document first, Document set, @Nullable JobError error, Instant now) {
		if (group.fate == JobState.PENDING) {
			// the token stays: the claimer sees by it that the job was claimed before
			Document change = new Document("$set", set.append(JobDocument.STATE, JobState.PENDING.text()));
			return (group.attempt > 0) ? change.append("$inc", new Document(JobDocument.ATTEMPT, -1)) : change;
		}
		set.putAll(Ending.of(group.fate, now, this.retention).set());
		if (error != null) {
			set.append(JobDocument.ERROR, JobDocument.writeError(error));
		}
		return UniqueKey.end(first, new Document("$set", set));
	}

	/**
	 * Fewer matched than were sent: what another node took, what its own worker had
	 * finished, or what was cancelled meanwhile.
	 */
	private Set<Object> writtenBy(String by, Group group, List<Object> ids) {
		Set<Object> written = new HashSet<>();
		this.database.jobs()
			.find(Filters.and(Filters.in(JobDocument.ID, ids), Filters.eq(RECOVERED_BY, by),
					Filters.eq(JobDocument.RECOVERIES, group.recoveries + 1)))
			.hint(Indexes.BY_ID)
			.projection(Projections.include(JobDocument.ID))
			.batchSize(PORTION)
			.forEach((job) -> written.add(new JobDocument(job).id()));
		return written;
	}

	private JobError lost(@Nullable String worker, Group group, Instant now) {
		return new JobError(JobError.Reason.WORKER_LOST, null,
				"worker '" + worker + "' died or lost its lease while it ran this job, and so did " + group.recoveries
						+ " workers before it: the job may be what takes them down. Look at the log of that worker; "
						+ "when the cause is mended, retry the job.",
				null, group.attempt, now);
	}

	private void tell(JobDocument job, @Nullable String worker, JobState fate, @Nullable JobError error) {
		String function = job.text(JobDocument.FUNCTION, "");
		String queue = job.text(JobDocument.QUEUE, "");
		if (fate == JobState.CANCELLED) {
			tell(new JobEvent.Cancelled(job.idText(), function, queue, Duration.ZERO));
			return;
		}
		tell(new JobEvent.Recovered(job.idText(), function, queue, String.valueOf(worker), error));
		if (error != null) {
			tell(new JobEvent.Failed(job.idText(), function, queue, Duration.ZERO, error));
		}
	}

	private void tell(JobEvent event) {
		try {
			this.events.accept(event);
		}
		catch (RuntimeException | Error ex) {
			logger.warn("A listener failed at {}", event, ex);
		}
	}

	/**
	 * Jobs that one write takes back.
	 *
	 * @param claim the token, or null where none stands there
	 * @param fate what becomes of them
	 * @param recoveries how often they were taken back before
	 * @param attempt the attempt that is lost; 0 if that is not known
	 * @param alone the id of a job whose end is written apart from others; null mostly
	 */
	private record Group(@Nullable String claim, JobState fate, int recoveries, int attempt, @Nullable Object alone) {

		static Group of(Document document) {
			int recoveries = number(document, JobDocument.RECOVERIES);
			JobState fate = (recoveries + 1 < MOST_RECOVERIES) ? JobState.PENDING : JobState.FAILED;
			if (new JobDocument(document).isCancelRequested()) {
				fate = JobState.CANCELLED;
			}
			return new Group(new JobDocument(document).claim(), fate, recoveries,
					Math.max(0, number(document, JobDocument.ATTEMPT)),
					(fate.isEnd() && UniqueKey.isIn(document)) ? document.get(JobDocument.ID) : null);
		}

		private static int number(Document document, String field) {
			return (document.get(field) instanceof Number number) ? number.intValue() : 0;
		}

	}

	/**
	 * What came of a portion.
	 *
	 * @param found running jobs of the worker
	 * @param taken those that this node took back
	 */
	record Portion(int found, int taken) {
	}

}
