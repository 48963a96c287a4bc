package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;

/**
 * One time in each interval.
 *
 * @param interval the interval
 * @param first where it is counted from
 */
record IntervalSchedule(Duration interval, Instant first) implements Schedule {

	private static final Duration SHORTEST = Duration.ofMillis(1);

	IntervalSchedule {
		if (interval.compareTo(SHORTEST) < 0) {
			throw new IllegalArgumentException(
					"every: '" + interval + "' is no interval, expected at least a millisecond. Give a longer one.");
		}
	}

	@Override
	public Instant next(Instant after) {
		if (after.isBefore(this.first)) {
			return this.first;
		}
		long passed = Duration.between(this.first, after).dividedBy(this.interval);
		return this.first.plus(this.interval.multipliedBy(passed + 1));
	}

}
