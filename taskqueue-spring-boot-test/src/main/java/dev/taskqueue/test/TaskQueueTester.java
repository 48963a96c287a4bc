package dev.taskqueue.test;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import dev.taskqueue.Job;
import dev.taskqueue.JobGoneException;
import dev.taskqueue.JobHandle;
import dev.taskqueue.TaskQueue;
import org.assertj.core.api.AssertProvider;
import org.jspecify.annotations.Nullable;

/**
 * Runs jobs when a test says so, moves the clock, and tells what was submitted:
 * {@code assertThat(tester).hasEnqueued("send_mail").withArgs("you@example.com")}. The
 * bean to inject in a test with {@link AutoConfigureTaskQueueTester}.
 * <p>
 * It is reset before each test method: jobs of earlier tests are forgotten, the clock
 * shows the true time, and jobs wait to be run. On MongoDB the jobs stay and are not told
 * of, and the clock stays as it is.
 */
public final class TaskQueueTester implements AssertProvider<TaskQueueTesterAssert> {

	/** More attempts than that are a loop. */
	private static final int MOST = 1000;

	private final TaskQueue queue;

	private final JobRuns runs;

	private final Supplier<@Nullable Clock> clock;

	private final StoredForm form;

	TaskQueueTester(TaskQueue queue, JobRuns runs, Supplier<@Nullable Clock> clock, StoredForm form) {
		this.queue = queue;
		this.runs = runs;
		this.clock = clock;
		this.form = form;
	}

	/**
	 * Runs all jobs that are due, and those that come to be due by them. In memory they
	 * run in this thread; on MongoDB this waits for the application's worker, and for
	 * rows of the crontab.
	 * @return how many attempts were made
	 * @throws IllegalStateException if jobs are still due after 1000 attempts, or if not
	 * all could be run; the message names them
	 */
	public int runDue() {
		return this.runs.runDue(MOST);
	}

	/**
	 * Runs all jobs until none is pending, and moves the clock to the next time that one
	 * waits for: retries and delayed jobs too. Jobs that cannot run stay: those of a
	 * paused queue, or of a function that this application does not have.
	 * @return how many attempts were made
	 * @throws IllegalStateException as {@link #runDue} and {@link #advance}
	 */
	public int runAll() {
		return runAll(MOST);
	}

	/**
	 * Runs all jobs until none is pending, as {@link #runAll()}.
	 * @param mostAttempts the bound
	 * @return how many attempts were made
	 * @throws IllegalStateException as {@link #runAll()}
	 */
	public int runAll(int mostAttempts) {
		int attempts = this.runs.runDue(mostAttempts);
		for (Instant next = nextTime(); next != null; next = nextTime()) {
			if (attempts >= mostAttempts) {
				throw new IllegalStateException("Jobs are still pending after " + attempts
						+ " attempts: the next one waits for " + next + ". Give a higher bound if that is right.");
			}
			MovableClock movable = movable();
			if (next.isAfter(movable.instant())) {
				movable.moveTo(next);
			}
			attempts += this.runs.runDue(mostAttempts - attempts);
		}
		return attempts;
	}

	private @Nullable Instant nextTime() {
		return this.runs.scheduled().stream().map(Job::runAt).min(Comparator.naturalOrder()).orElse(null);
	}

	/**
	 * Moves the clock: what waits for a time until then is due, and is run by
	 * {@link #runDue}, on MongoDB by the worker.
	 * @param by zero or more
	 * @throws IllegalStateException if the application has a {@link Clock} bean of its
	 * own
	 */
	public void advance(Duration by) {
		movable().advance(by);
	}

	/**
	 * The clock that the task queue follows.
	 * @return the clock, which tests may move too
	 * @throws IllegalStateException if the application has a {@link Clock} bean of its
	 * own
	 */
	public MovableClock clock() {
		return movable();
	}

	private MovableClock movable() {
		Clock used = this.clock.get();
		if (used instanceof MovableClock movable) {
			return movable;
		}
		throw new IllegalStateException("The tester cannot move the clock: the application's Clock bean is "
				+ ((used != null) ? used : "not one, or several") + ". Put a MovableClock in its place in the test: "
				+ "@TestBean Clock clock; static Clock clock() { return new MovableClock(); }");
	}

	/**
	 * Has jobs that are due run as they are submitted, in the thread that submits them,
	 * until the next test or {@link #holdJobs}. Those that wait already stay.
	 * @throws IllegalStateException on MongoDB, where the worker runs jobs
	 */
	public void runAtOnce() {
		this.runs.hold(false);
	}

	/**
	 * Has jobs wait for {@link #runDue}, as is so at the beginning of a test.
	 * @throws IllegalStateException on MongoDB, where the worker runs jobs
	 */
	public void holdJobs() {
		this.runs.hold(true);
	}

	/**
	 * The jobs of this test, also those that have ended, unless their retention is zero.
	 * @return as they are now, in the order in which they were submitted
	 */
	public List<Job> jobs() {
		return this.runs.jobs();
	}

	/**
	 * A job as it is now, for {@code assertThat(tester.job(handle)).hasSucceeded()}.
	 * @param handle its handle
	 * @return what AssertJ makes assertions of
	 */
	public AssertProvider<JobAssert> job(JobHandle<?> handle) {
		return job(handle.id());
	}

	/**
	 * A job as it is now, as {@link #job(JobHandle)}.
	 * @param id its id in text form
	 * @return what AssertJ makes assertions of
	 */
	public AssertProvider<JobAssert> job(String id) {
		return () -> {
			Optional<Job> found = this.queue.find(id);
			return new JobAssert(found.orElseThrow(() -> new JobGoneException(id)), this.form);
		};
	}

	/** Begins anew, which is done before each test method. */
	public void reset() {
		if (this.runs.reset() && this.clock.get() instanceof MovableClock movable) {
			movable.reset();
		}
	}

	@Override
	public TaskQueueTesterAssert assertThat() {
		return new TaskQueueTesterAssert(this, this.form);
	}

	@Override
	public String toString() {
		return "TaskQueueTester with " + JobTexts.of(jobs());
	}

}
