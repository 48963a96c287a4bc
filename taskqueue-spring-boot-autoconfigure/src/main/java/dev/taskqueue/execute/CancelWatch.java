package dev.taskqueue.execute;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import dev.taskqueue.JobState;
import dev.taskqueue.execute.AttemptRunner.Cancellation;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import org.bson.Document;

/**
 * Finds out which running jobs of this worker others want cancelled. It asks when it is
 * told that there is one, and each second while an attempt of more than a second runs: a
 * shorter one is over before anybody could cancel it. An idle worker asks nothing, nor
 * does one with quick jobs.
 */
public final class CancelWatch {

	private static final String LOOKING = "looking for jobs to be cancelled";

	private static final Duration INTERVAL = Duration.ofSeconds(1);

	private final MongoCollection<Document> jobs;

	private final Supplier<String> workerId;

	private final AttemptRunner runner;

	private final Outage outage;

	private final Lock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private boolean told;

	private volatile boolean stopped;

	/**
	 * Creates one.
	 * @param jobs the jobs
	 * @param workerId this worker's present identity
	 * @param runner is told which attempts to stop
	 * @param outage told of failures
	 */
	public CancelWatch(MongoCollection<Document> jobs, Supplier<String> workerId, AttemptRunner runner, Outage outage) {
		this.jobs = jobs;
		this.workerId = workerId;
		this.runner = runner;
		this.outage = outage;
	}

	/** Watches until {@link #stop()}. */
	public void run() {
		boolean failed = false;
		while (!this.stopped) {
			try {
				boolean asked = rest();
				if (failed || this.runner.runsLongerThan(asked ? Duration.ZERO : INTERVAL)) {
					// should it fail, it is still to be done
					failed = true;
					look();
					failed = false;
					this.outage.over(LOOKING);
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return;
			}
			catch (MongoException ex) {
				this.outage.failed(LOOKING, ex);
			}
			catch (RuntimeException | Error ex) {
				this.outage.broke(LOOKING, ex);
			}
		}
	}

	/** Ends {@link #run()}. */
	public void stop() {
		this.stopped = true;
		lookSoon();
	}

	/** Some running job is to be cancelled, perhaps one of this worker. */
	public void lookSoon() {
		this.lock.lock();
		try {
			this.told = true;
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void look() {
		Set<Cancellation> found = new HashSet<>();
		this.jobs
			.find(Filters.and(Filters.eq(JobDocument.STATE, JobState.RUNNING.text()),
					Filters.eq(JobDocument.WORKER, this.workerId.get()),
					Filters.eq(JobDocument.CANCEL_REQUESTED, true)))
			.hint(Indexes.RUNNING)
			.projection(Projections.include(JobDocument.CLAIM))
			.map(JobDocument::new)
			.forEach((job) -> {
				String token = job.claim();
				if (token != null) {
					found.add(new Cancellation(job.id(), token));
				}
			});
		this.runner.cancelOnly(found);
	}

	private boolean rest() throws InterruptedException {
		this.lock.lock();
		try {
			long left = INTERVAL.toNanos();
			while (!this.told && left > 0) {
				left = this.changed.awaitNanos(left);
			}
			boolean asked = this.told;
			this.told = false;
			return asked;
		}
		finally {
			this.lock.unlock();
		}
	}

}
