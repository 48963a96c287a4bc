package dev.taskqueue.finish;

import java.time.Clock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import dev.taskqueue.JobEvent;
import dev.taskqueue.execute.Outcome;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.UniqueKey;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * Makes of outcomes what {@link Finisher} makes of them, for jobs that are not in the
 * store: at once, in the caller's thread.
 */
public final class DirectFinisher {

	private final Transition transition;

	private final Consumer<JobEvent> events;

	/**
	 * Creates one.
	 * @param retry when failed attempts are followed by others
	 * @param retention how long ended jobs are kept; zero deletes them as they end
	 * @param maxResultSize the largest result in bytes
	 * @param clock the time
	 * @param events told of what is kept
	 */
	public DirectFinisher(RetrySettings retry, Retention retention, long maxResultSize, Clock clock,
			Consumer<JobEvent> events) {
		this.transition = new Transition(retry, retention, maxResultSize, clock);
		this.events = events;
	}

	/**
	 * Finishes an attempt.
	 * @param outcome how it ended
	 * @param running the job's document while it ran; stays as it is
	 * @param keep takes the id and the document as it is now, which is null when the job
	 * is deleted
	 */
	public void finish(Outcome outcome, Document running, BiConsumer<Object, @Nullable Document> keep) {
		FinishWrite write = this.transition.of(outcome);
		if (write == null) {
			throw new IllegalStateException("Nobody else holds job " + outcome.claim().job().idText()
					+ ", and its attempt was abandoned: " + outcome);
		}
		if (write.yieldsToCancel() && new JobDocument(running).isCancelRequested()) {
			write = this.transition.cancelled(outcome);
		}
		keep.accept(write.id(), applied(write, running));
		write.tell(this.events);
	}

	private static @Nullable Document applied(FinishWrite write, Document running) {
		if (write.fields() == null) {
			return null;
		}
		Document job = new Document(running);
		job.append(JobDocument.STATE, write.state().text());
		job.putAll(write.fields());
		if (write.state().isEnd()) {
			UniqueKey.end(job, job.getDate(JobDocument.FINISHED_AT).toInstant());
		}
		job.append(JobDocument.ATTEMPT, new JobDocument(running).attempt() + write.attempts());
		return job;
	}

}
