package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Stream;

/**
 * The times of something that is done again and again. Immutable.
 */
public sealed interface Schedule permits CronSchedule, IntervalSchedule {

	/**
	 * Reads an expression.
	 * @param expression five fields as in crontab(5), a macro such as {@code @daily}, or
	 * {@code @every 1h30m}
	 * @param zone the zone of the fields' times
	 * @return the schedule
	 * @throws IllegalArgumentException if it cannot be read, or is never due
	 */
	static Schedule parse(String expression, ZoneId zone) {
		return CronSchedule.of(expression, zone);
	}

	/**
	 * One time in each interval, counted from 1970-01-01T00:00Z, so that all who ask see
	 * the same times.
	 * @param interval at least a millisecond
	 * @return the schedule
	 * @throws IllegalArgumentException if the interval is shorter
	 */
	static Schedule every(Duration interval) {
		return every(interval, Instant.EPOCH);
	}

	/**
	 * One time in each interval, counted from a first one.
	 * @param interval at least a millisecond
	 * @param first the first time; none lies before it
	 * @return the schedule
	 * @throws IllegalArgumentException if the interval is shorter
	 */
	static Schedule every(Duration interval, Instant first) {
		return new IntervalSchedule(interval, first);
	}

	/**
	 * The next time.
	 * @param after strictly after this
	 * @return the time
	 */
	Instant next(Instant after);

	/**
	 * The next times.
	 * @param after strictly after this
	 * @param count how many
	 * @return the times in order
	 */
	default List<Instant> next(Instant after, int count) {
		return Stream.iterate(next(after), this::next).limit(count).toList();
	}

}
