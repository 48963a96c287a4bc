package dev.taskqueue.trial;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.function.Consumer;

import dev.taskqueue.CancelResult;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.history.Entry.CancelAnswered;
import dev.taskqueue.history.Entry.Cancelling;
import dev.taskqueue.history.Entry.Order;
import dev.taskqueue.history.Entry.Ordered;
import dev.taskqueue.history.Entry.Ordering;
import dev.taskqueue.history.HistoryFile;
import dev.taskqueue.steer.Steering;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.Steerings;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * What people decide while jobs run: a queue is paused, a function revoked, jobs are
 * cancelled that wait, run or are on their way. What was decided and what was answered is
 * written down.
 */
final class Decisions {

	private static final Duration TAKEN_BACK = Duration.ofMinutes(1);

	private final Trial trial;

	private final HistoryFile history;

	private final Duration hearing;

	private final Steering steering;

	/** Those that were not cancelled yet. */
	private final List<String> jobs = new ArrayList<>();

	Decisions(Trial trial, HistoryFile history, Duration hearing) {
		this.trial = trial;
		this.history = history;
		this.hearing = hearing;
		this.steering = Steerings.on(
				new TaskQueueDatabase(trial.database(), "taskqueue_", "crontab_jobs", Trial.PATIENCE),
				Clock.systemUTC());
		order(Order.PAUSE, WorkerApplication.PAUSABLE_QUEUE, this.steering::pause);
		order(Order.REVOKE, Functions.REVOCABLE, (function) -> this.steering.revoke(function, null));
	}

	/** Submits some jobs, and cancels half of those that were not cancelled yet. */
	void cancelSome() {
		submit(Functions.WORK, 3000, new Document());
		submit(Functions.WORK, 3000, new Document("run_at", Date.from(Instant.now().plusSeconds(4))));
		submit(Functions.WORK, 0, new Document());
		submit(Functions.WORK, 0, new Document("queue", WorkerApplication.PAUSABLE_QUEUE));
		submit(Functions.REVOCABLE, 0, new Document());
		Collections.shuffle(this.jobs, this.trial.random());
		List<String> chosen = this.jobs.subList(0, this.jobs.size() / 2);
		chosen.forEach(this::cancel);
		chosen.clear();
	}

	private void submit(String function, int millis, Document fields) {
		this.jobs.add(this.trial.submit(function, millis, 0, fields));
	}

	private void cancel(String job) {
		this.history.append(new Cancelling(HistoryFile.now(), Trial.LEADER, job));
		@Nullable CancelResult result = null;
		try {
			result = this.steering.cancel(job);
		}
		catch (TaskQueueException ex) {
			// nobody knows
		}
		this.history.append(new CancelAnswered(HistoryFile.now(), Trial.LEADER, job, result));
	}

	/** Resumes the queue and restores the function, as often as it takes. */
	void takeBack() {
		Trial.await("the queue to be resumed", TAKEN_BACK,
				() -> order(Order.RESUME, WorkerApplication.PAUSABLE_QUEUE, this.steering::resume));
		Trial.await("the function to be restored", TAKEN_BACK,
				() -> order(Order.RESTORE, Functions.REVOCABLE, this.steering::restore));
	}

	private boolean order(Order order, String target, Consumer<String> give) {
		this.history.append(new Ordering(HistoryFile.now(), Trial.LEADER, order, target));
		try {
			give.accept(target);
		}
		catch (TaskQueueException ex) {
			System.out.println("TRIAL no server did this: " + ex.getMessage());
			return false;
		}
		long now = HistoryFile.now();
		this.history.append(new Ordered(now, Trial.LEADER, order, target, now + this.hearing.toNanos()));
		return true;
	}

}
