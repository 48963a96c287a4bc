package dev.taskqueue.lease;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import dev.taskqueue.JobEvent;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker may do and until when: its identity, its lease, and the recovery of jobs
 * whose worker has lost its own.
 * <p>
 * The owner starts a thread for each of {@link #run()} (beats) and {@link #runRecovery()}
 * after {@link #begin()}, and ends both with {@link #stop()}. They are apart so that a
 * dead worker with any number of jobs does not hold up a beat. All other methods can be
 * called from any thread.
 */
public final class WorkerLease {

	/** The shortest lease: below it, pauses of the garbage collection look like death. */
	public static final Duration SHORTEST = Duration.ofSeconds(2);

	private static final Logger logger = LoggerFactory.getLogger(WorkerLease.class);

	private final Duration lease;

	private final Outage outage;

	private final LongSupplier nanoTime;

	private final Heartbeat heartbeat;

	private final Recovery recovery;

	private final Orphans orphans;

	private final CountDownLatch stopped = new CountDownLatch(1);

	private @Nullable Long lookedForOrphans;

	/**
	 * Creates one; nothing is sent before {@link #begin()}.
	 * @param database the collections; beats use a limit of their own for one operation
	 * @param clock the server's clock, measured with each beat. Its question to the
	 * server should be limited to a third of the lease, for the next beat waits for it
	 * @param lease how long the worker holds its jobs without a beat, from
	 * {@link #SHORTEST}
	 * @param retention how long jobs that end by a recovery are kept
	 * @param outage hears of failures and of their end
	 * @param facts what each beat tells besides: fields of the worker's document for
	 * people to read
	 * @param isHeld whether this process holds a job by its claim token and id: true from
	 * before the claim is sent until the outcomes of all jobs of the token are written or
	 * given back
	 * @param onFenced called with the old id, once for each identity that is lost, before
	 * there is a new one: interrupts what runs. Beats wait for it, so it should be quick
	 * @param events hears of each job that this node took back: {@code Recovered} (and
	 * {@code Failed} after it, for a job that was lost too often) or {@code Cancelled}
	 * @throws IllegalArgumentException if the lease is too short
	 */
	public WorkerLease(TaskQueueDatabase database, ServerClock clock, Duration lease, Retention retention,
			Outage outage, Supplier<Document> facts, BiPredicate<String, Object> isHeld, Consumer<String> onFenced,
			Consumer<JobEvent> events) {
		this(database, clock, lease, retention, outage, facts, isHeld, onFenced, events, System::nanoTime, "$$NOW");
	}

	WorkerLease(TaskQueueDatabase database, ServerClock clock, Duration lease, Retention retention, Outage outage,
			Supplier<Document> facts, BiPredicate<String, Object> isHeld, Consumer<String> onFenced,
			Consumer<JobEvent> events, LongSupplier nanoTime, String now) {
		if (lease.compareTo(SHORTEST) < 0) {
			throw new IllegalArgumentException(
					"taskqueue.worker.lease is " + lease.toMillis() + "ms, expected at least " + SHORTEST.toSeconds()
							+ "s. Lengthen it: within a shorter one a live worker is taken for dead");
		}
		this.lease = lease;
		this.outage = outage;
		this.nanoTime = nanoTime;
		this.heartbeat = new Heartbeat(database, clock, lease, outage, facts, onFenced, nanoTime);
		this.recovery = new Recovery(database, lease, this.heartbeat,
				new Judge(database, clock, lease, this.heartbeat, nanoTime, now),
				new TakeBack(database, clock, retention, this.heartbeat::workerId, events), nanoTime);
		this.orphans = new Orphans(database, clock, retention, isHeld);
	}

	/**
	 * Takes the first identity: inserts the worker's document. To be called once.
	 * @throws MongoException if the server cannot be reached
	 */
	public void begin() {
		this.heartbeat.begin();
	}

	/**
	 * The present identity, which stands in each job that is claimed. It changes when
	 * this worker is fenced.
	 * @return the id: host, process id and eight random digits
	 * @throws NullPointerException before {@link #begin()}
	 */
	public String workerId() {
		return this.heartbeat.workerId();
	}

	/**
	 * Whether attempts may start: the last acknowledged beat was sent less than a lease
	 * ago and this identity is not fenced. A process that was stopped for long finds
	 * false here until its next beat is acknowledged.
	 * @return true if so; false before {@link #begin()} and after {@link #end()}
	 */
	public boolean isFresh() {
		return this.heartbeat.isFresh();
	}

	/**
	 * How long ago the last acknowledged beat was sent.
	 * @return the time; zero before {@link #begin()}
	 */
	public Duration sinceLastBeat() {
		return this.heartbeat.sinceLastBeat();
	}

	/**
	 * Beats, every third of the lease, until {@link #stop()}. An interrupt does not end
	 * it: a worker without beats is a dead one.
	 */
	public void run() {
		Duration interval = this.lease.dividedBy(3);
		// begin() was a beat
		await(interval);
		loop("the heart-beat", () -> {
			long began = this.nanoTime.getAsLong();
			this.heartbeat.beat();
			return interval.minusNanos(this.nanoTime.getAsLong() - began);
		});
	}

	/**
	 * Takes jobs back from lost workers, and gives back what this worker does not know
	 * that it holds, until {@link #stop()}.
	 */
	public void runRecovery() {
		loop("recovering jobs of lost workers", () -> {
			giveBackOrphansOncePerLease();
			return recoverOnce() ? Duration.ZERO : this.lease.dividedBy(3);
		});
	}

	/**
	 * Ends both loops, after the step in which they are; for good.
	 */
	public void stop() {
		this.stopped.countDown();
	}

	/**
	 * Gives back what this worker does not know that it holds, and removes its document
	 * if nothing runs under it in the store; the last act of a shutdown, after
	 * {@link #stop()} and when all outcomes are written. What still runs is recovered by
	 * another node when the lease lapses.
	 * @return true if no document is left; false if something runs or the server cannot
	 * be reached
	 */
	public boolean end() {
		try {
			giveBackOrphans();
			return this.heartbeat.end();
		}
		catch (MongoException ex) {
			logger.info("The document of worker '{}' cannot be removed; others do so when its lease is over ({})",
					workerId(), ex.toString());
			return false;
		}
	}

	void beat() {
		this.heartbeat.beat();
	}

	boolean mayJudge() {
		return this.heartbeat.mayJudge();
	}

	/**
	 * One bounded round of recovery.
	 * @return true if the next should follow at once
	 */
	boolean recoverOnce() {
		if (!isFresh()) {
			return false;
		}
		return this.recovery.round();
	}

	private void giveBackOrphansOncePerLease() {
		Long last = this.lookedForOrphans;
		if (last == null || this.nanoTime.getAsLong() - last >= this.lease.toNanos()) {
			giveBackOrphans();
			this.lookedForOrphans = this.nanoTime.getAsLong();
		}
	}

	long giveBackOrphans() {
		return isFresh() ? this.orphans.giveBack(workerId()) : 0;
	}

	private void loop(String what, Supplier<Duration> step) {
		Duration afterFailure = this.lease.dividedBy(10);
		while (this.stopped.getCount() > 0) {
			Duration pause = afterFailure;
			try {
				pause = step.get();
				this.outage.over(what);
			}
			catch (MongoException ex) {
				this.outage.failed(what, ex);
			}
			catch (RuntimeException | Error ex) {
				// worse than going on after it is a worker that no longer beats
				this.outage.broke(what, ex);
			}
			await(pause);
		}
	}

	private void await(Duration pause) {
		try {
			if (this.stopped.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
				logger.debug("Stopped");
			}
		}
		catch (InterruptedException ex) {
			// only stop() ends the loops: the flag is cleared, or the next operation
			// fails
			logger.debug("Interrupted", ex);
		}
	}

}
