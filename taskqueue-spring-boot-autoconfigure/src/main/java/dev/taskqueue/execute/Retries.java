package dev.taskqueue.execute;

import java.time.Duration;

import dev.taskqueue.RetryLater;
import dev.taskqueue.RetryPolicy;
import dev.taskqueue.execute.Outcome.Retry;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.function.JobFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether and when another attempt follows one that threw. Asked for attempts that did
 * not succeed only.
 */
final class Retries {

	private static final Logger logger = LoggerFactory.getLogger(Retries.class);

	private final FunctionRegistry functions;

	private final @Nullable RetryPolicy general;

	Retries(FunctionRegistry functions, @Nullable RetryPolicy general) {
		this.functions = functions;
		this.general = general;
	}

	/**
	 * Decides.
	 * @param attempt what threw
	 * @param thrown what it threw
	 */
	Retry after(Attempt attempt, Throwable thrown) {
		RetryLater later = find(RetryLater.class, thrown);
		if (later != null) {
			return attempt.retry().after(later.getDelay());
		}
		JobFunction function = this.functions.find(attempt.function());
		if (function != null && function.noRetryFor().stream().anyMatch((type) -> find(type, thrown) != null)) {
			return Retry.NEVER;
		}
		try {
			RetryPolicy policy = policy(function);
			return (policy != null) ? after(attempt, thrown, policy) : attempt.retry();
		}
		catch (RuntimeException | Error ex) {
			logger.error("The retry policy of function '{}' failed; job {} is tried again by taskqueue.job.backoff",
					attempt.function(), attempt.claim().job().idText(), ex);
			return attempt.retry();
		}
	}

	private static Retry after(Attempt attempt, Throwable thrown, RetryPolicy policy) {
		if (attempt.claim().attempt() >= attempt.retry().maxAttempts()) {
			return attempt.retry();
		}
		Duration wait = policy.next(attempt.claim().attempt(), thrown);
		if (wait == null) {
			return Retry.NEVER;
		}
		return attempt.retry().after(wait.isNegative() ? Duration.ZERO : wait);
	}

	private @Nullable RetryPolicy policy(@Nullable JobFunction function) {
		if (function == null || (function.retryPolicy() == null && function.backoff() == null)) {
			return this.general;
		}
		return function.retryPolicy();
	}

	/**
	 * Finds an exception in what was thrown and in its cause: a layer between, such as a
	 * template of Spring, may have wrapped it.
	 */
	static <T extends Throwable> @Nullable T find(Class<T> type, Throwable thrown) {
		if (type.isInstance(thrown)) {
			return type.cast(thrown);
		}
		Throwable cause = thrown.getCause();
		return type.isInstance(cause) ? type.cast(cause) : null;
	}

}
