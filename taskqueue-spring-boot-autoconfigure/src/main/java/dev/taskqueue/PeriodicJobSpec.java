package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A job to be run again and again: the result of a {@link PeriodicJobBuilder}. What is
 * null is taken from the function, then from the properties.
 *
 * @param name a name for good: under it the job is found again
 * @param function the function's name
 * @param params the positional arguments
 * @param kwargs the arguments by name
 * @param cron five fields or a macro, see {@link Schedule#parse}; or null
 * @param every an interval such as {@code 90s}, {@code 1h30m} or {@code PT5M}, at least a
 * second; or null. Exactly one of cron and every is given
 * @param zone the zone of cron, or null for {@code taskqueue.crontab.zone}
 * @param startTime no run before it, or null
 * @param endTime no run after it, or null
 * @param misfire what becomes of missed times
 * @param whileRunning what happens while its last job goes on
 * @param queue the queue, or null for the function's
 * @param priority higher runs first, or null for the function's
 * @param maxAttempts attempts of each job, or null for the function's
 * @param timeout of an attempt; zero is none; null for the function's
 * @param expiresIn a job that was not started so long after its time is not run; or null
 * @param uniqueKey no two jobs that are pending or running have the same: a time at which
 * another one has it is left out; null for the function's, if it says any
 * @param enabled false to keep it without running it
 */
public record PeriodicJobSpec(String name, String function, List<@Nullable Object> params,
		Map<String, @Nullable Object> kwargs, @Nullable String cron, @Nullable String every, @Nullable ZoneId zone,
		@Nullable Instant startTime, @Nullable Instant endTime, Misfire misfire, WhileRunning whileRunning,
		@Nullable String queue, @Nullable Integer priority, @Nullable Integer maxAttempts, @Nullable Duration timeout,
		@Nullable Duration expiresIn, @Nullable String uniqueKey, boolean enabled) {

	private static final String EVERY = "@every ";

	private static final int LONGEST_NAME = 200;

	/**
	 * Checks what can be checked without the store and takes copies of the arguments.
	 * @throws IllegalArgumentException if a value cannot be meant; the message names the
	 * job, the field and the value
	 */
	public PeriodicJobSpec {
		check(!name.isBlank() && name.length() <= LONGEST_NAME, name, "name", name,
				"a text of up to " + LONGEST_NAME + " characters");
		check(!function.isBlank(), name, "function", function, "the name of a function");
		check(cron != null || every != null, name, "cron", null, "a cron expression, unless 'every' is given");
		check(cron == null || every == null, name, "every", every, "not given together with cron");
		if (cron != null) {
			checkSchedule(name, "cron", cron, (zone != null) ? zone : ZoneOffset.UTC);
		}
		if (every != null) {
			checkSchedule(name, "every", every.startsWith(EVERY) ? every : EVERY + every, ZoneOffset.UTC);
		}
		check(startTime == null || endTime == null || !endTime.isBefore(startTime), name, "endTime", endTime,
				"a time that is not before startTime");
		check(queue == null || !queue.isBlank(), name, "queue", queue, "the name of a queue");
		check(maxAttempts == null || maxAttempts > 0, name, "maxAttempts", maxAttempts, "1 or more");
		check(timeout == null || !timeout.isNegative(), name, "timeout", timeout, "zero (no limit) or more");
		check(expiresIn == null || expiresIn.toMillis() > 0, name, "expiresIn", expiresIn, "a millisecond or more");
		check(uniqueKey == null || !uniqueKey.isBlank(), name, "uniqueKey", uniqueKey, "a text, or not given");
		params = Collections.unmodifiableList(new ArrayList<>(params));
		kwargs = Collections.unmodifiableMap(new LinkedHashMap<>(kwargs));
	}

	/**
	 * Begins a job.
	 * @param name a name for good: under it the job is found again
	 * @return a builder
	 */
	public static PeriodicJobBuilder named(String name) {
		return new PeriodicJobBuilder(name);
	}

	/**
	 * Begins a job that is like this one.
	 * @return a builder that has all of this
	 */
	public PeriodicJobBuilder toBuilder() {
		return new PeriodicJobBuilder(this);
	}

	private static void checkSchedule(String job, String field, String text, ZoneId zone) {
		try {
			Schedule.parse(text, zone);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("Periodic job '" + job + "', " + field + ": " + ex.getMessage(), ex);
		}
	}

	private static void check(boolean valid, String job, String field, @Nullable Object value, String expected) {
		if (!valid) {
			throw new IllegalArgumentException("Periodic job '" + job + "': " + field + " is "
					+ ((value != null) ? "'" + value + "'" : "not given") + ", expected " + expected
					+ ". Correct the job.");
		}
	}

}
