package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What is to be different about a pending job:
 * {@code JobChange.none().priority(9).queue("urgent")}. What is null stays as it is.
 *
 * @param params the positional arguments, all of them
 * @param kwargs the arguments by name, all of them
 * @param queue the queue
 * @param priority higher runs first
 * @param runAt not to be started earlier
 * @param timeout of an attempt; zero is none
 * @param maxAttempts attempts in all
 */
public record JobChange(@Nullable List<@Nullable Object> params, @Nullable Map<String, @Nullable Object> kwargs,
		@Nullable String queue, @Nullable Integer priority, @Nullable Instant runAt, @Nullable Duration timeout,
		@Nullable Integer maxAttempts) {

	/**
	 * Checks what can be checked without the store.
	 * @throws IllegalArgumentException if a value cannot be meant; the message names it
	 */
	public JobChange {
		check(queue == null || !queue.isBlank(), "queue", queue, "the name of a queue");
		check(timeout == null || !timeout.isNegative(), "timeout", timeout, "zero (no limit) or more");
		check(maxAttempts == null || maxAttempts > 0, "maxAttempts", maxAttempts, "1 or more");
		params = (params != null) ? Collections.unmodifiableList(new ArrayList<>(params)) : null;
		kwargs = (kwargs != null) ? Collections.unmodifiableMap(new LinkedHashMap<>(kwargs)) : null;
	}

	/**
	 * A change of nothing, to begin with.
	 * @return the change
	 */
	public static JobChange none() {
		return new JobChange(null, null, null, null, null, null, null);
	}

	/**
	 * Other positional arguments, instead of all that the job has.
	 * @param args the arguments; Jackson must be able to write them
	 * @return this change and that
	 */
	public JobChange args(@Nullable Object... args) {
		List<@Nullable Object> all = new ArrayList<>(args.length);
		Collections.addAll(all, args);
		return new JobChange(all, this.kwargs, this.queue, this.priority, this.runAt, this.timeout, this.maxAttempts);
	}

	/**
	 * Other arguments by name, instead of all that the job has.
	 * @param kwargs the arguments
	 * @return this change and that
	 */
	public JobChange kwargs(Map<String, ? extends @Nullable Object> kwargs) {
		return new JobChange(this.params, new LinkedHashMap<>(kwargs), this.queue, this.priority, this.runAt,
				this.timeout, this.maxAttempts);
	}

	/**
	 * Another queue.
	 * @param queue the name
	 * @return this change and that
	 */
	public JobChange queue(String queue) {
		return new JobChange(this.params, this.kwargs, queue, this.priority, this.runAt, this.timeout,
				this.maxAttempts);
	}

	/**
	 * Another priority.
	 * @param priority higher runs first
	 * @return this change and that
	 */
	public JobChange priority(int priority) {
		return new JobChange(this.params, this.kwargs, this.queue, priority, this.runAt, this.timeout,
				this.maxAttempts);
	}

	/**
	 * Another time.
	 * @param runAt not to be started earlier
	 * @return this change and that
	 */
	public JobChange runAt(Instant runAt) {
		return new JobChange(this.params, this.kwargs, this.queue, this.priority, runAt, this.timeout,
				this.maxAttempts);
	}

	/**
	 * Another time-out.
	 * @param timeout of an attempt; zero is none
	 * @return this change and that
	 */
	public JobChange timeout(Duration timeout) {
		return new JobChange(this.params, this.kwargs, this.queue, this.priority, this.runAt, timeout,
				this.maxAttempts);
	}

	/**
	 * Another number of attempts.
	 * @param maxAttempts attempts in all, those before included
	 * @return this change and that
	 */
	public JobChange maxAttempts(int maxAttempts) {
		return new JobChange(this.params, this.kwargs, this.queue, this.priority, this.runAt, this.timeout,
				maxAttempts);
	}

	private static void check(boolean valid, String field, @Nullable Object value, String expected) {
		if (!valid) {
			throw new IllegalArgumentException(
					"The change's " + field + " is '" + value + "', expected " + expected + ". Correct the call.");
		}
	}

}
