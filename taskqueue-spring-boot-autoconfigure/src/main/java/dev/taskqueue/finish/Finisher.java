package dev.taskqueue.finish;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import com.mongodb.MongoException;
import dev.taskqueue.JobError;
import dev.taskqueue.JobEvent;
import dev.taskqueue.execute.Outcome;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.TaskQueueDatabase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes how attempts ended. What comes in while a batch is being written makes the next
 * one, so there is no wait under a small load and large batches under a heavy one.
 */
public final class Finisher {

	private static final Logger logger = LoggerFactory.getLogger(Finisher.class);

	private static final String WRITING = "writing how jobs ended";

	/** Larger batches were not faster. */
	private static final int BATCH = 1000;

	/**
	 * What may wait while the server cannot be reached; then attempts wait with their
	 * slots.
	 */
	private static final int BUFFER = 10_000;

	private static final long PAUSE_MS = 250;

	private final Transition transition;

	private final OutcomeBatch batch;

	private final Outage outage;

	private final Consumer<JobEvent> events;

	private final BlockingQueue<FinishWrite> buffer = new ArrayBlockingQueue<>(BUFFER);

	private int notTaken;

	private String firstNotTaken = "";

	private volatile @Nullable Thread resting;

	private volatile boolean stopping;

	private volatile long stopAt;

	/** Nobody writes any more, so nobody waits for room in the buffer. */
	private volatile boolean ended;

	private volatile boolean closing;

	/**
	 * Creates one.
	 * @param database the collections
	 * @param clock the server's clock
	 * @param outage told of failures
	 * @param retry when failed attempts are followed by others
	 * @param retention how long ended jobs are kept
	 * @param maxResultSize the largest result in bytes
	 * @param events told of what is durable
	 */
	public Finisher(TaskQueueDatabase database, Clock clock, Outage outage, RetrySettings retry, Retention retention,
			long maxResultSize, Consumer<JobEvent> events) {
		this.transition = new Transition(retry, retention, maxResultSize, clock);
		this.batch = new OutcomeBatch(database.jobs(), this::written, this::fenced);
		this.outage = outage;
		this.events = events;
	}

	/**
	 * Takes an outcome, to be written soon; waits where too many are waiting.
	 * @param outcome how an attempt ended
	 */
	public void finish(Outcome outcome) {
		FinishWrite write = this.transition.of(outcome);
		if (write == null) {
			outcome.claim().settle();
			tell(FinishWrite.fenced(outcome));
			return;
		}
		boolean interrupted = false;
		boolean taken = false;
		boolean tried = false;
		while (!taken && !this.ended && !(tried && this.closing)) {
			try {
				taken = this.buffer.offer(write, PAUSE_MS, TimeUnit.MILLISECONDS);
				tried = true;
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		wake();
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/** Writes outcomes until {@link #stop} and all are written, or its time is over. */
	public void run() {
		try {
			writeAll();
		}
		finally {
			this.ended = true;
		}
	}

	private void writeAll() {
		List<FinishWrite> batch = new ArrayList<>(BATCH);
		while (true) {
			try {
				if (batch.isEmpty()) {
					awaitNext();
					this.buffer.drainTo(batch, BATCH);
				}
				if (isOver(batch)) {
					return;
				}
				if (!batch.isEmpty()) {
					batch = write(batch);
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return;
			}
			catch (RuntimeException | Error ex) {
				pauseAfter(ex);
			}
		}
	}

	/**
	 * Waits until there is one, or it is to stop. Not by the buffer, which could be woken
	 * by an outcome only.
	 */
	private void awaitNext() throws InterruptedException {
		if (!this.buffer.isEmpty()) {
			return;
		}
		// before the buffer is looked at again: who adds to it later sees that it rests
		this.resting = Thread.currentThread();
		try {
			while (this.buffer.isEmpty() && !this.stopping) {
				LockSupport.park(this);
				if (Thread.interrupted()) {
					throw new InterruptedException();
				}
			}
		}
		finally {
			this.resting = null;
		}
	}

	private void wake() {
		Thread waiting = this.resting;
		if (waiting != null) {
			LockSupport.unpark(waiting);
		}
	}

	/**
	 * Ends {@link #run()} when the buffer is empty.
	 * @param nanos the longest that it may take, in nanoseconds
	 */
	public void stop(long nanos) {
		this.stopAt = System.nanoTime() + nanos;
		this.stopping = true;
		wake();
	}

	/** From now on an outcome that finds no room is left to recovery. */
	public void waitNoMore() {
		this.closing = true;
	}

	private boolean isOver(List<FinishWrite> batch) {
		if (!this.stopping) {
			return false;
		}
		int left = batch.size() + this.buffer.size();
		if (left > 0 && System.nanoTime() - this.stopAt > 0) {
			logger.warn("{} outcomes could not be written before the end; their jobs run again elsewhere", left);
			return true;
		}
		return left == 0;
	}

	/** Writes a batch and returns what is left of it. */
	private List<FinishWrite> write(List<FinishWrite> batch) {
		List<FinishWrite> left = new ArrayList<>();
		try {
			for (OutcomeBatch.Rest rest : this.batch.write(batch)) {
				FinishWrite next = next(rest);
				if (next != null) {
					left.add(next);
				}
			}
			sayNotTaken();
			this.outage.over(WRITING);
			return left;
		}
		catch (MongoException ex) {
			this.outage.failed(WRITING, ex);
		}
		catch (RuntimeException | Error ex) {
			pauseAfter(ex);
			return batch;
		}
		pause();
		return batch;
	}

	private void pauseAfter(Throwable thrown) {
		this.outage.broke(WRITING, thrown);
		pause();
	}

	private void pause() {
		LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(PAUSE_MS));
	}

	private @Nullable FinishWrite next(OutcomeBatch.Rest rest) {
		if (rest.cancelRequested() && rest.write().yieldsToCancel()) {
			return this.transition.cancelled(rest.write().outcome());
		}
		if (rest.refusal() != null && rest.write().hasNotes()) {
			return rest.write().withoutNotes();
		}
		JobError error = rest.write().error();
		if (rest.refusal() != null && error != null && error.reason() == JobError.Reason.UNREADABLE) {
			FinishWrite less = rest.write().less();
			if (less != null) {
				return less;
			}
			// not settled: given back, it would run and be refused for ever
			logger.error("The server refuses every outcome of job {}, which stays running until this worker ends: {}",
					rest.write().outcome().claim().job().idText(), rest.refusal());
			return null;
		}
		if (rest.refusal() != null) {
			return this.transition.refused(rest.write().outcome(),
					"The server refused to store the outcome: " + rest.refusal());
		}
		return rest.write();
	}

	private void written(FinishWrite write) {
		write.outcome().claim().settle();
		write.tell(this::tell);
	}

	private void fenced(FinishWrite write) {
		write.outcome().claim().settle();
		this.notTaken++;
		this.firstNotTaken = (this.notTaken == 1) ? write.outcome().claim().job().idText() : this.firstNotTaken;
		tell(FinishWrite.fenced(write.outcome()));
	}

	private void sayNotTaken() {
		if (this.notTaken > 0) {
			logger.info("The outcomes of {} jobs were not taken (the first is {}): others hold them since this worker "
					+ "lost its lease, or they were deleted", this.notTaken, this.firstNotTaken);
			this.notTaken = 0;
		}
	}

	private void tell(JobEvent event) {
		try {
			this.events.accept(event);
		}
		catch (RuntimeException | Error ex) {
			logger.error("A listener of job events failed; the job is not touched by it", ex);
		}
	}

}
