package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * One time in each interval. All in whole milliseconds, as MongoDB stores them: a stored
 * time that was cut would be followed by itself.
 *
 * @param interval the interval
 * @param first where it is counted from
 */
record IntervalSchedule(Duration interval, Instant first) implements Schedule {

	private static final Duration SHORTEST = Duration.ofMillis(1);

	/** What is longer is a slip of the unit. */
	private static final Duration LONGEST = Duration.ofDays(36_500);

	IntervalSchedule {
		if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0
				|| !interval.equals(interval.truncatedTo(ChronoUnit.MILLIS))) {
			throw new IllegalArgumentException("interval is '" + interval
					+ "', expected whole milliseconds, at least one and at most 36500 days. Give another interval.");
		}
		ScheduleRange.check("first", first);
		Instant cut = first.truncatedTo(ChronoUnit.MILLIS);
		first = first.equals(cut) ? first : cut.plusMillis(1);
	}

	@Override
	public Schedule countedFrom(Instant first) {
		return new IntervalSchedule(this.interval, first);
	}

	@Override
	public Instant next(Instant after) {
		ScheduleRange.check("after", after);
		if (after.isBefore(this.first)) {
			return this.first;
		}
		long millis = this.interval.toMillis();
		long passed = Duration.between(this.first, after).toMillis() / millis;
		return this.first.plusMillis((passed + 1) * millis);
	}

	@Override
	public String toString() {
		return "every " + this.interval + " from " + this.first;
	}

}
