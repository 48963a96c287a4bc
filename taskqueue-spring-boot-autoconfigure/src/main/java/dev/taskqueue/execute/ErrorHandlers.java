package dev.taskqueue.execute;

import java.util.List;

import dev.taskqueue.JobErrorHandler;
import dev.taskqueue.JobFailure;
import dev.taskqueue.store.JobDocument;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The handlers of an application, which hear of failed attempts. */
final class ErrorHandlers {

	private static final Logger logger = LoggerFactory.getLogger(ErrorHandlers.class);

	private final List<JobErrorHandler> handlers;

	ErrorHandlers(List<JobErrorHandler> handlers) {
		this.handlers = List.copyOf(handlers);
	}

	/** Whether the outcome is one to hear of. */
	boolean want(Outcome outcome) {
		return outcome instanceof Outcome.Failed && !this.handlers.isEmpty();
	}

	/** Tells all of them; what one throws reaches neither the others nor the job. */
	void tell(Outcome outcome) {
		if (!want(outcome) || !(outcome instanceof Outcome.Failed failed)) {
			return;
		}
		JobDocument job = failed.claim().job();
		JobFailure failure = new JobFailure(job.idText(), text(job, JobDocument.FUNCTION), text(job, JobDocument.QUEUE),
				failed.error(), failed.thrown(), failed.claim().attempt() >= failed.retry().maxAttempts());
		for (JobErrorHandler handler : this.handlers) {
			try {
				handler.attemptFailed(failure);
			}
			catch (RuntimeException | Error ex) {
				logger.warn("A JobErrorHandler failed at job {}; the job is not touched by it", failure.jobId(), ex);
			}
		}
		// what a handler left behind must not interrupt the next attempt of this thread
		Thread.interrupted();
	}

	private static String text(JobDocument job, String field) {
		return (job.document().get(field) instanceof String text) ? text : "";
	}

}
