package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.ZoneId;

import org.jspecify.annotations.Nullable;

/**
 * How rows become jobs.
 *
 * @param batchSize the most rows that are read, and jobs that are written, at a time
 * (200)
 * @param maxLateness a row that was due longer ago is not run but gets an error (1 day);
 * null lifts the limit
 * @param maxAttempts the attempts of a job whose row and function name no number (1)
 * @param maxArgumentsBytes a row whose arguments are larger gets an error (1 MiB)
 * @param zone of cron expressions whose row names none (UTC)
 * @param pollInterval the longest wait between two looks at the rows (5 seconds); where
 * the server tells of changes, a change is seen at once
 * @param validation whether the server checks rows when they are written (off)
 */
public record CrontabSettings(int batchSize, @Nullable Duration maxLateness, int maxAttempts, long maxArgumentsBytes,
		ZoneId zone, Duration pollInterval, Validation validation) {

	private static final int LARGEST_BATCH = 100_000;

	/**
	 * Checks the values.
	 * @throws IllegalArgumentException if a value cannot be meant; the message names it
	 */
	public CrontabSettings {
		check(batchSize > 0 && batchSize <= LARGEST_BATCH, "batchSize", batchSize, "1 to " + LARGEST_BATCH);
		check(maxLateness == null || maxLateness.compareTo(Duration.ZERO) > 0, "maxLateness", maxLateness,
				"more than zero, or null for no limit");
		check(maxAttempts > 0, "maxAttempts", maxAttempts, "1 or more");
		check(maxArgumentsBytes > 0, "maxArgumentsBytes", maxArgumentsBytes, "1 or more");
		check(pollInterval.compareTo(Duration.ZERO) > 0, "pollInterval", pollInterval, "more than zero");
	}

	/**
	 * The defaults.
	 * @return batches of 200, at most a day late, one attempt, arguments of a megabyte,
	 * UTC, a look each 5 seconds, no validator
	 */
	public static CrontabSettings defaults() {
		return new CrontabSettings(200, Duration.ofDays(1), 1, 1024 * 1024, ZoneId.of("UTC"), Duration.ofSeconds(5),
				Validation.OFF);
	}

	private static void check(boolean valid, String name, @Nullable Object value, String expected) {
		if (!valid) {
			throw new IllegalArgumentException(
					"The crontab's " + name + " is '" + value + "', expected " + expected + ". Correct the setting.");
		}
	}

	/**
	 * What the server does with a row that is not in order when it is written.
	 */
	public enum Validation {

		/** Nothing: no validator is made, and one that is there is left as it is. */
		OFF,

		/** Takes it and says so in its own log. */
		WARN,

		/** Refuses it. */
		ERROR

	}

}
