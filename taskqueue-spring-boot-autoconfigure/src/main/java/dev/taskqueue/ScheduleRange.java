package dev.taskqueue;

import java.time.Instant;

/**
 * The times that schedules deal with. What lies beyond is a slip, such as milliseconds
 * taken for seconds, and is where calendars overflow.
 */
final class ScheduleRange {

	private static final Instant BEGIN = Instant.parse("0001-01-01T00:00:00Z");

	private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");

	private ScheduleRange() {
	}

	static void check(String name, Instant time) {
		if (time.isBefore(BEGIN) || !time.isBefore(END)) {
			throw new IllegalArgumentException(
					name + " is '" + time + "', expected a time in the years 1 to 9999. Check its unit.");
		}
	}

}
