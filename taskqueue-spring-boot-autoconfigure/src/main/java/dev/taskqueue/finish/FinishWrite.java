package dev.taskqueue.finish;

import java.util.Date;
import java.util.List;
import java.util.function.Consumer;

import dev.taskqueue.JobError;
import dev.taskqueue.JobEvent;
import dev.taskqueue.JobState;
import dev.taskqueue.execute.Outcome;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.UniqueKey;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written of an attempt.
 *
 * @param outcome how it ended
 * @param state the job's next state
 * @param fields what is set besides; null deletes the job, as its retention is zero
 * @param attempts what is added to the count of attempts: 0, or −1 for one that does not
 * count
 * @param error what went wrong
 * @param endsKey whether a job that ends gives up its unique key
 */
record FinishWrite(Outcome outcome, JobState state, @Nullable Document fields, int attempts, @Nullable JobError error,
		boolean endsKey) {

	FinishWrite(Outcome outcome, JobState state, @Nullable Document fields, int attempts, @Nullable JobError error) {
		this(outcome, state, fields, attempts, error, true);
	}

	/** With what the attempt said of itself. */
	FinishWrite with(@Nullable Document notes) {
		if (notes == null || this.fields == null) {
			return this;
		}
		Document all = new Document(notes);
		all.putAll(this.fields);
		return writing(all, this.endsKey);
	}

	boolean hasNotes() {
		return this.fields != null
				&& (this.fields.containsKey(JobDocument.PROGRESS) || this.fields.containsKey(JobDocument.LOG));
	}

	/** What the attempt said of itself must not cost it its outcome. */
	FinishWrite withoutNotes() {
		Document rest = new Document();
		if (this.fields != null) {
			rest.putAll(this.fields);
		}
		rest.remove(JobDocument.PROGRESS);
		rest.remove(JobDocument.LOG);
		return writing(rest, this.endsKey);
	}

	/**
	 * What the server may still take: not the end of the key, behind which another
	 * program's document may have a second one that is taken; then nothing but the state,
	 * as a document of 16 MB has no room for more; then both.
	 * @return null if there is nothing left to leave out
	 */
	@Nullable FinishWrite less() {
		if (this.fields == null) {
			return null;
		}
		if (this.endsKey && UniqueKey.isIn(this.outcome.claim().job().document())) {
			return writing(this.fields, false);
		}
		return this.fields.isEmpty() ? null : writing(new Document(), true);
	}

	private FinishWrite writing(Document fields, boolean endsKey) {
		return new FinishWrite(this.outcome, this.state, fields, this.attempts, this.error, endsKey);
	}

	Object id() {
		return this.outcome.claim().job().id();
	}

	String token() {
		return this.outcome.claim().token();
	}

	/** One of many alike: they share a statement with others of their token. */
	boolean isPlain() {
		return this.state == JobState.SUCCEEDED && !hasNotes() && !UniqueKey.isIn(this.outcome.claim().job().document())
				&& (this.fields == null || !this.fields.containsKey(JobDocument.RESULT));
	}

	/** Equal for those that one statement can write: they differ in the moment only. */
	Object group() {
		if (!isPlain()) {
			return new Object();
		}
		return (this.fields == null) ? token() : List.of(token(), this.fields.getDate(JobDocument.DELETE_AT).getTime()
				- this.fields.getDate(JobDocument.FINISHED_AT).getTime());
	}

	/** Whether a cancellation that was asked for meanwhile comes first. */
	boolean yieldsToCancel() {
		// what the server refuses to store ends in any way that it takes
		return this.state == JobState.PENDING || (this.state == JobState.FAILED
				&& (this.error == null || this.error.reason() != JobError.Reason.UNREADABLE));
	}

	/** Tells, when the write is durable, what it has made of the job. */
	void tell(Consumer<JobEvent> events) {
		JobDocument job = this.outcome.claim().job();
		String id = job.idText();
		String function = text(job, JobDocument.FUNCTION);
		String queue = text(job, JobDocument.QUEUE);
		JobError failure = failure();
		if (failure != null) {
			events.accept(new JobEvent.Error(id, function, queue, this.outcome.duration(), failure));
		}
		events.accept(written(id, function, queue));
		if (failure != null && this.fields != null && this.fields.get(JobDocument.RUN_AT) instanceof Date runAt) {
			events.accept(new JobEvent.Scheduled(id, function, queue, runAt.toInstant()));
		}
	}

	/** Why the attempt did not succeed; null if it did, or was none. */
	private @Nullable JobError failure() {
		if (this.outcome instanceof Outcome.Failed failed) {
			return failed.error();
		}
		return (this.state == JobState.FAILED) ? this.error : null;
	}

	private JobEvent written(String id, String function, String queue) {
		if (this.state == JobState.SUCCEEDED) {
			return new JobEvent.Completed(id, function, queue, this.outcome.duration());
		}
		if (this.state == JobState.CANCELLED) {
			return new JobEvent.Cancelled(id, function, queue, this.outcome.duration());
		}
		if (this.state == JobState.EXPIRED) {
			return new JobEvent.Expired(id, function, queue);
		}
		if (this.outcome instanceof Outcome.Locked locked) {
			return new JobEvent.Locked(id, function, queue, locked.lock());
		}
		if (this.error == null) {
			return new JobEvent.Interrupted(id, function, queue, this.outcome.duration());
		}
		return (this.state == JobState.FAILED)
				? new JobEvent.Failed(id, function, queue, this.outcome.duration(), this.error)
				: new JobEvent.Retrying(id, function, queue, this.outcome.duration(), this.error);
	}

	/** The signal to tell when another holds the job. */
	static JobEvent fenced(Outcome outcome) {
		JobDocument job = outcome.claim().job();
		return new JobEvent.Interrupted(job.idText(), text(job, JobDocument.FUNCTION), text(job, JobDocument.QUEUE),
				outcome.duration());
	}

	private static String text(JobDocument job, String field) {
		return (job.document().get(field) instanceof String text) ? text : "";
	}

}
