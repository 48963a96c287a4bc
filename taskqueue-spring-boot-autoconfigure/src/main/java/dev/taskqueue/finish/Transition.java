package dev.taskqueue.finish;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import dev.taskqueue.JobError;
import dev.taskqueue.JobState;
import dev.taskqueue.claim.Claim;
import dev.taskqueue.execute.Outcome;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.LockWait;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.store.UniqueKey;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * Decides what an outcome makes of a job, apart from the writing.
 */
final class Transition {

	/** What a date can hold, and nobody waits for. */
	private static final Duration LONGEST_WAIT = Duration.ofDays(36_500);

	/** A heap that is exhausted for longer is so by the result itself, most likely. */
	private static final int TRIES = 8;

	private static final long BETWEEN_TRIES = TimeUnit.MILLISECONDS.toNanos(250);

	private final Retention retention;

	private final long maxResultSize;

	private final Clock clock;

	private final Backoff backoff;

	Transition(RetrySettings retry, Retention retention, long maxResultSize, Clock clock) {
		this.retention = retention;
		this.maxResultSize = maxResultSize;
		this.clock = clock;
		this.backoff = new Backoff(retry);
	}

	/**
	 * What is to be written.
	 * @return the write, or null where nothing is
	 */
	@Nullable FinishWrite of(Outcome outcome) {
		FinishWrite write = decide(outcome);
		return (write != null) ? write.with(outcome.claim().kept()) : null;
	}

	private @Nullable FinishWrite decide(Outcome outcome) {
		Instant now = this.clock.instant();
		if (outcome instanceof Outcome.Succeeded succeeded) {
			return succeeded(succeeded, now);
		}
		if (outcome instanceof Outcome.Failed failed) {
			return failed(failed, now);
		}
		if (outcome instanceof Outcome.Cancelled cancelled) {
			return cancelled(cancelled, now);
		}
		if (outcome instanceof Outcome.Expired) {
			return end(outcome, JobState.EXPIRED, new Document(), null, now);
		}
		if (outcome instanceof Outcome.GivenBack) {
			return new FinishWrite(outcome, JobState.PENDING, new Document(), -1, null);
		}
		if (outcome instanceof Outcome.Locked locked) {
			LockWait wait = LockWait.of(locked.claim().job(), locked.lock(), now);
			return new FinishWrite(outcome, JobState.PENDING, wait.fields(), -1, null);
		}
		return null;
	}

	/**
	 * What becomes of a job that was to return to pending, or to fail, when its
	 * cancellation was asked for.
	 */
	FinishWrite cancelled(Outcome outcome) {
		return end(outcome, JobState.CANCELLED, new Document(), null, this.clock.instant())
			.with(outcome.claim().kept());
	}

	/** What becomes of a job whose outcome the server refuses to store. */
	FinishWrite refused(Outcome outcome, String message) {
		return unreadable(outcome, message, this.clock.instant());
	}

	private FinishWrite succeeded(Outcome.Succeeded outcome, Instant now) {
		if (outcome.result() == null) {
			return end(outcome, JobState.SUCCEEDED, new Document(), null, now);
		}
		for (int tries = 1; true; tries++) {
			try {
				return withResult(outcome, now);
			}
			catch (OutOfMemoryError ex) {
				if (tries == TRIES) {
					return unstorable(outcome, ex, now);
				}
				// another job may have taken it all, and be over soon
				LockSupport.parkNanos(this, BETWEEN_TRIES);
			}
			catch (RuntimeException | StackOverflowError ex) {
				return unstorable(outcome, ex, now);
			}
		}
	}

	private FinishWrite unstorable(Outcome.Succeeded outcome, Throwable cause, Instant now) {
		return unreadable(outcome, "The result cannot be stored: " + cause.getMessage()
				+ ". Return text, numbers, dates, lists, maps or records of these", now);
	}

	private FinishWrite withResult(Outcome.Succeeded outcome, Instant now) {
		Document result = new Document(JobDocument.RESULT, BsonValues.toStored(outcome.result()));
		long size = TaskQueueDatabase.encode(result).getByteBuffer().remaining();
		if (size > this.maxResultSize) {
			return unreadable(outcome,
					"The result takes " + size + " bytes, more than the " + this.maxResultSize
							+ " of taskqueue.job.max-result-size. Store it elsewhere and return a "
							+ "reference, or raise the limit",
					now);
		}
		return end(outcome, JobState.SUCCEEDED, result, null, now);
	}

	private FinishWrite cancelled(Outcome.Cancelled outcome, Instant now) {
		JobError error = outcome.error();
		return end(outcome, JobState.CANCELLED,
				(error != null) ? new Document(JobDocument.ERROR, JobDocument.writeError(error)) : new Document(),
				error, now);
	}

	private FinishWrite failed(Outcome.Failed outcome, Instant now) {
		Claim claim = outcome.claim();
		Document fields = new Document(JobDocument.ERROR, JobDocument.writeError(outcome.error()));
		if (claim.attempt() >= outcome.retry().maxAttempts()) {
			return end(outcome, JobState.FAILED, fields, outcome.error(), now);
		}
		fields.append(JobDocument.RUN_AT, Date.from(now.plus(delay(outcome.retry(), claim.attempt()))));
		return new FinishWrite(outcome, JobState.PENDING, fields, 0, outcome.error());
	}

	private Duration delay(Outcome.Retry retry, int attempt) {
		Duration delay = retry.delay();
		if (delay == null) {
			return this.backoff.after(attempt, retry.backoff());
		}
		return (delay.compareTo(LONGEST_WAIT) > 0) ? LONGEST_WAIT : delay;
	}

	private FinishWrite unreadable(Outcome outcome, String message, Instant now) {
		JobError error = new JobError(JobError.Reason.UNREADABLE, null, message, null, outcome.claim().attempt(), now);
		return end(outcome, JobState.FAILED, new Document(JobDocument.ERROR, JobDocument.writeError(error)), error,
				now);
	}

	private FinishWrite end(Outcome outcome, JobState state, Document fields, @Nullable JobError error, Instant now) {
		Duration kept = kept(outcome, state);
		if (kept.isZero() && !UniqueKey.isHeldAt(outcome.claim().job().document(), now)) {
			return new FinishWrite(outcome, state, null, 0, error);
		}
		fields.append(JobDocument.FINISHED_AT, Date.from(now)).append(JobDocument.DELETE_AT, Date.from(now.plus(kept)));
		boolean begun = outcome instanceof Outcome.Succeeded || outcome instanceof Outcome.Failed
				|| (outcome instanceof Outcome.Cancelled cancelled
						&& (cancelled.error() != null || !cancelled.duration().isZero()));
		return new FinishWrite(outcome, state, fields, begun ? 0 : -1, error);
	}

	private Duration kept(Outcome outcome, JobState state) {
		Duration own = (state == JobState.SUCCEEDED && outcome instanceof Outcome.Succeeded succeeded)
				? succeeded.retention() : null;
		Duration kept = (own != null) ? own : this.retention.of(state);
		return outcome.claim().job().document().containsKey(JobDocument.ORIGIN) ? Retention.guardingSlot(kept) : kept;
	}

}
