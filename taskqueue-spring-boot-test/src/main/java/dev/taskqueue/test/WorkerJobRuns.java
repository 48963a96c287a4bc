package dev.taskqueue.test;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.mongodb.client.model.Filters;
import dev.taskqueue.Job;
import dev.taskqueue.JobEvent;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.autoconfigure.TaskQueueProperties;
import dev.taskqueue.store.TaskQueueDatabase;

import org.springframework.context.event.EventListener;

/**
 * On MongoDB: the application's own worker and scheduler run what is due, and are waited
 * for. What they take for due follows the moved clock. The jobs are those of which this
 * application has told since the last reset.
 */
final class WorkerJobRuns implements JobRuns {

	/** A clock that was moved is noticed by the scheduler within five seconds. */
	private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(50);

	/** No function has this name. */
	private static final String NOBODY = "taskqueue-tester";

	private final TaskQueue queue;

	private final TaskQueueDatabase database;

	private final Clock clock;

	private final TaskQueueProperties properties;

	private final Set<String> ids = Collections.synchronizedSet(new LinkedHashSet<>());

	private final AtomicInteger attempts = new AtomicInteger();

	WorkerJobRuns(TaskQueue queue, TaskQueueDatabase database, Clock clock, TaskQueueProperties properties) {
		this.queue = queue;
		this.database = database;
		this.clock = clock;
		this.properties = properties;
	}

	@EventListener
	void told(JobEvent event) {
		this.ids.add(event.jobId());
		if (event instanceof JobEvent.Executing) {
			this.attempts.incrementAndGet();
		}
	}

	@Override
	public List<Job> jobs() {
		List<String> known;
		synchronized (this.ids) {
			known = new ArrayList<>(this.ids);
		}
		return known.stream().map(this.queue::find).flatMap(Optional::stream).toList();
	}

	@Override
	public List<Job> scheduled() {
		return list(JobQuery.all().scheduled());
	}

	@Override
	public int runDue(int most) {
		if (!this.properties.getWorker().isEnabled()) {
			throw new IllegalStateException(
					"taskqueue.worker.enabled is 'false', and in the mode normal jobs are run by "
							+ "the application's worker. Leave it on in this test, or use the mode inline.");
		}
		int before = this.attempts.get();
		long deadline = System.nanoTime() + PATIENCE;
		Look look = look(deadline);
		while (!look.isAtRest()) {
			if (this.attempts.get() - before > most) {
				throw new IllegalStateException("Jobs are still due after " + most + " attempts: " + look
						+ ". Do they, or those that they submit, submit themselves again without a delay?");
			}
			if (System.nanoTime() - deadline > 0) {
				throw new IllegalStateException(
						"Not all that is due has run within " + TimeUnit.NANOSECONDS.toSeconds(PATIENCE) + " s: " + look
								+ ". Has this application the function, is the queue paused, or does a job not end?");
			}
			LockSupport.parkNanos(this, PAUSE);
			look = look(deadline);
		}
		return this.attempts.get() - before;
	}

	@Override
	public void hold(boolean held) {
		throw new IllegalStateException(
				"In the mode normal the application's worker runs jobs as they come due. To have "
						+ "them run when the test says so, use @AutoConfigureTaskQueueTester without a mode, or pause the queue.");
	}

	/** The scheduler has noted until when nothing is due. */
	@Override
	public boolean reset() {
		this.ids.clear();
		return false;
	}

	/**
	 * Looks for what is not at rest. Jobs move meanwhile, so the order counts: one that
	 * ran at first is met, and so is one that it has submitted; one that begins in
	 * between is counted, and one that waits for another attempt by then is not due.
	 */
	private Look look(long deadline) {
		int before = this.attempts.get();
		try {
			List<Job> moving = new ArrayList<>(list(JobQuery.all().state(JobState.RUNNING)));
			List<Job> pending = list(JobQuery.all().state(JobState.PENDING));
			Set<String> scheduled = scheduled().stream().map(Job::id).collect(Collectors.toSet());
			moving.addAll(list(JobQuery.all().state(JobState.RUNNING)));
			pending.stream().filter((job) -> !scheduled.contains(job.id())).forEach(moving::add);
			if (!moving.isEmpty()) {
				// changes nothing, and has the worker look at all queues: its clock was
				// moved
				this.queue.restore(NOBODY);
			}
			return new Look(moving, hasDueRow(), this.attempts.get() != before);
		}
		catch (TaskQueueException ex) {
			if (System.nanoTime() - deadline > 0) {
				throw ex;
			}
			// the worker has not made the indexes yet
			return new Look(List.of(), false, true);
		}
	}

	private List<Job> list(JobQuery query) {
		try (Stream<Job> jobs = this.queue.query(query)) {
			return jobs.toList();
		}
	}

	private boolean hasDueRow() {
		Instant now = this.clock.instant();
		return this.properties.getCrontab().isEnabled() && this.database.crontab()
			.find(Filters.and(Filters.eq("is_done", false), Filters.exists("error", false),
					Filters.ne("enabled", false),
					Filters.or(Filters.lte("time", now.getEpochSecond()), Filters.lte("time", Date.from(now)))))
			.first() != null;
	}

	/**
	 * What was found.
	 *
	 * @param jobs that run or are due
	 * @param dueRow whether a row of the crontab is due
	 * @param begun whether an attempt began meanwhile
	 */
	private record Look(List<Job> jobs, boolean dueRow, boolean begun) {

		boolean isAtRest() {
			return this.jobs.isEmpty() && !this.dueRow && !this.begun;
		}

		@Override
		public String toString() {
			return JobTexts.of(this.jobs) + (this.dueRow ? ", and rows of the crontab" : "");
		}

	}

}
