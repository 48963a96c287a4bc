package dev.taskqueue.client;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

import dev.taskqueue.EnqueueErrorHandler;
import dev.taskqueue.EnqueueInterceptor;
import dev.taskqueue.JobSpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the application has to say about submits.
 *
 * @param interceptors see each job before it is submitted, in this order
 * @param errorHandlers hear of submits that fail
 */
public record EnqueueHooks(List<EnqueueInterceptor> interceptors, List<EnqueueErrorHandler> errorHandlers) {

	/** Nothing. */
	public static final EnqueueHooks NONE = new EnqueueHooks(List.of(), List.of());

	private static final Logger logger = LoggerFactory.getLogger(EnqueueHooks.class);

	public EnqueueHooks {
		interceptors = List.copyOf(interceptors);
		errorHandlers = List.copyOf(errorHandlers);
	}

	/**
	 * What is to be submitted instead.
	 * @param job what the application submits
	 * @return what the last interceptor gave
	 */
	public JobSpec before(JobSpec job) {
		JobSpec changed = job;
		for (EnqueueInterceptor interceptor : this.interceptors) {
			changed = Objects.requireNonNull(interceptor.beforeEnqueue(changed),
					() -> interceptor.getClass().getName() + " gave null for a job of function '" + job.function()
							+ "'. Give the job itself, or throw to refuse it.");
		}
		return changed;
	}

	/**
	 * Submits, and has the handlers hear of it if that fails.
	 * @param <T> the type of what it gives
	 * @param job what the application submits, or null for many
	 * @param submit does it
	 * @return what it gave
	 */
	public <T> T watch(@Nullable JobSpec job, Supplier<T> submit) {
		try {
			return submit.get();
		}
		catch (RuntimeException ex) {
			failed(job, ex);
			throw ex;
		}
	}

	/**
	 * Has the handlers hear of a submit, if it failed.
	 * @param job what was submitted, or null for many
	 * @param thrown why it failed; null if it did not
	 */
	public void failed(@Nullable JobSpec job, @Nullable Throwable thrown) {
		Throwable cause = (thrown instanceof CompletionException && thrown.getCause() != null) ? thrown.getCause()
				: thrown;
		if (cause instanceof RuntimeException failure) {
			this.errorHandlers.forEach((handler) -> tell(handler, job, failure));
		}
	}

	private static void tell(EnqueueErrorHandler handler, @Nullable JobSpec job, RuntimeException thrown) {
		try {
			handler.enqueueFailed(job, thrown);
		}
		catch (RuntimeException | Error ex) {
			logger.warn("An EnqueueErrorHandler failed; the submitter gets what it would have got", ex);
		}
	}

}
