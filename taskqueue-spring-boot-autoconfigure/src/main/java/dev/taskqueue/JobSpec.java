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
 * What is to be submitted: the result of a {@link JobBuilder}. What is null is taken from
 * the function, then from the properties.
 *
 * @param function the function's name
 * @param params the positional arguments
 * @param kwargs the arguments by name
 * @param queue the queue, or null for the function's
 * @param priority higher runs first, or null for the function's
 * @param delay counted from the submit by the server's clock, or null
 * @param at not to be started earlier, or null for at once
 * @param maxAttempts attempts in all, or null for the function's
 * @param timeout of an attempt; zero is none; null for the function's
 * @param id the caller's own id, or null for a new one
 * @param expiresIn the longest wait for the start, counted from the moment at which the
 * job may start; null for no limit
 * @param uniqueKey no two jobs that are pending or running have the same; null for the
 * function's, if it says any
 * @param uniqueFor the key is held for so long, counted from the submit, should the job
 * end before; null for no longer than the job
 * @param onDuplicate what the submit does when another job has the key
 * @param submitTime when the submit takes place in a transaction of another kind than
 * MongoDB's; null for {@code taskqueue.submit.transaction}
 * @param lock of those that have the same one runs at a time; null for the function's, if
 * it says any
 */
public record JobSpec(String function, List<@Nullable Object> params, Map<String, @Nullable Object> kwargs,
		@Nullable String queue, @Nullable Integer priority, @Nullable Duration delay, @Nullable Instant at,
		@Nullable Integer maxAttempts, @Nullable Duration timeout, @Nullable String id, @Nullable Duration expiresIn,
		@Nullable String uniqueKey, @Nullable Duration uniqueFor, OnDuplicate onDuplicate,
		@Nullable SubmitTime submitTime, @Nullable String lock) {

	/**
	 * Checks what can be checked without the store and takes copies of the arguments.
	 * @throws IllegalArgumentException if a value cannot be meant; the message names it
	 */
	public JobSpec {
		check(!function.isBlank(), "function", function, "the name of a function");
		check(queue == null || !queue.isBlank(), "queue", queue, "the name of a queue");
		check(delay == null || !delay.isNegative(), "delay", delay, "zero or more");
		check(delay == null || at == null, "delay", delay, "not given together with at");
		check(maxAttempts == null || maxAttempts > 0, "maxAttempts", maxAttempts, "1 or more");
		check(timeout == null || !timeout.isNegative(), "timeout", timeout, "zero (no limit) or more");
		check(id == null || !id.isBlank(), "id", id, "a text, or not given");
		check(expiresIn == null || !(expiresIn.isNegative() || expiresIn.isZero()), "expiresIn", expiresIn,
				"more than zero");
		check(uniqueKey == null || !uniqueKey.isBlank(), "uniqueKey", uniqueKey, "a text, or not given");
		check(uniqueFor == null || !(uniqueFor.isNegative() || uniqueFor.isZero()), "uniqueFor", uniqueFor,
				"more than zero");
		check(lock == null || (!lock.isBlank() && lock.length() <= 1000), "lock", lock,
				"a name of 1000 characters at most, or not given");
		params = Collections.unmodifiableList(new ArrayList<>(params));
		kwargs = Collections.unmodifiableMap(new LinkedHashMap<>(kwargs));
	}

	private static void check(boolean valid, String field, @Nullable Object value, String expected) {
		if (!valid) {
			throw new IllegalArgumentException(
					"The job's " + field + " is '" + value + "', expected " + expected + ". Correct the call.");
		}
	}

}
