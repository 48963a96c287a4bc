package dev.taskqueue.execute;

import java.time.Duration;

import dev.taskqueue.claim.Claim;
import dev.taskqueue.execute.Outcome.Retry;
import dev.taskqueue.function.JobFunction;
import org.jspecify.annotations.Nullable;

/**
 * An attempt under way: its thread, its deadline and whether it was told to stop. It ends
 * once, and after that its thread is not interrupted on its account.
 */
final class Attempt {

	/** Why an attempt is to stop. */
	enum Stop {

		TIMEOUT, CANCEL, SHUTDOWN, FENCED

	}

	/** Beyond what nanoseconds can count in a long; no process lives that long. */
	private static final Duration LONGEST = Duration.ofDays(36_500);

	private final Claim claim;

	private final JobFunction function;

	private final Retry retry;

	private final Thread thread;

	private final long startedAt;

	/** In nanoseconds; zero is no limit. */
	private final long timeout;

	private final NoteWriter noteWriter;

	/** Most attempts say nothing. */
	private @Nullable AttemptNotes notes;

	private volatile @Nullable Stop stop;

	private volatile long stoppedAt;

	private boolean threadLeft;

	private boolean outcomeTaken;

	private boolean complained;

	Attempt(Claim claim, JobFunction function, Retry retry, Thread thread, long startedAt, Duration timeout,
			NoteWriter noteWriter) {
		this.claim = claim;
		this.function = function;
		this.retry = retry;
		this.thread = thread;
		this.startedAt = startedAt;
		this.timeout = (timeout.compareTo(LONGEST) > 0) ? 0 : timeout.toNanos();
		this.noteWriter = noteWriter;
	}

	/** Tells the attempt to stop; the first reason holds. */
	synchronized void stop(Stop reason, long nanoTime) {
		if (!this.threadLeft && this.stop == null) {
			this.stoppedAt = nanoTime;
			this.stop = reason;
			this.thread.interrupt();
		}
	}

	/**
	 * The thread leaves the function: no interrupt of ours reaches what it does next.
	 */
	synchronized void threadLeaves() {
		this.threadLeft = true;
		Thread.interrupted();
	}

	/**
	 * Takes the right to say how the attempt ended.
	 * @return true the first time
	 */
	synchronized boolean takeOutcome() {
		boolean first = !this.outcomeTaken;
		this.outcomeTaken = true;
		if (first && this.notes != null) {
			this.claim.keep(this.notes.close());
		}
		return first;
	}

	/** What the attempt says of itself; ignored after its outcome was taken. */
	synchronized AttemptNotes notes() {
		AttemptNotes known = this.notes;
		if (known == null) {
			known = this.noteWriter.begin(this.claim);
			this.notes = known;
			if (this.outcomeTaken) {
				known.close();
			}
		}
		return known;
	}

	/** True once, for the one warning about an attempt that ignores its interrupt. */
	synchronized boolean complainOnce() {
		boolean first = !this.complained && !this.threadLeft;
		this.complained = true;
		return first;
	}

	/**
	 * Nanoseconds until the time-out; zero or less when it is over, the most for none.
	 */
	long nanosToTimeout(long nanoTime) {
		return (this.timeout == 0) ? Long.MAX_VALUE : this.startedAt + this.timeout - nanoTime;
	}

	Duration timeout() {
		return Duration.ofNanos(this.timeout);
	}

	/** How long ago it was told to stop. */
	Duration sinceStop(long nanoTime) {
		return Duration.ofNanos(nanoTime - this.stoppedAt);
	}

	Duration duration(long nanoTime) {
		return Duration.ofNanos(nanoTime - this.startedAt);
	}

	@Nullable Stop stopReason() {
		return this.stop;
	}

	Claim claim() {
		return this.claim;
	}

	String function() {
		return this.function.name();
	}

	@Nullable Duration retention() {
		return this.function.retention();
	}

	Retry retry() {
		return this.retry;
	}

	Thread thread() {
		return this.thread;
	}

}
