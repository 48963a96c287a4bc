package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The times of something that is done again and again. Immutable; two schedules are equal
 * if they were made of the same.
 */
public sealed interface Schedule permits CronSchedule, IntervalSchedule {

	/**
	 * Reads an expression:
	 * <ul>
	 * <li>five fields as in crontab(5):
	 * {@code minute hour day-of-month month day-of-week} with {@code *}, numbers, names
	 * ({@code jan}, {@code mon}), ranges, steps after a range or {@code *}, and lists of
	 * these. Sunday is 0, 7 or {@code sun}. If neither day field begins with {@code *}, a
	 * day that fits one of them is enough.</li>
	 * <li>{@code @yearly @annually @monthly @weekly @daily @midnight @hourly}</li>
	 * <li>{@code @every 1h30m}: as {@link #every(Duration)}, at least a second. Units are
	 * {@code ns us ms s m h d}; {@code PT1H30M} will do as well.</li>
	 * </ul>
	 * Seconds, {@code ? L W #} and {@code @reboot} are refused.
	 * <p>
	 * When the clocks change, a fixed time that is left out runs at the end of the gap,
	 * once, and one that comes twice runs the first time. If the minute or the hour
	 * begins with {@code *}, all minutes that really pass count instead: each quarter of
	 * an hour runs for {@code *}{@code /15}, also those of an hour that comes twice.
	 * @param expression the expression, at most 1,000 characters
	 * @param zone the zone of the fields' times; {@code @every} does not look at it
	 * @return the schedule
	 * @throws IllegalArgumentException if it cannot be read, or is never due; the message
	 * names the field, its value, what is expected and what to do
	 */
	static Schedule parse(String expression, ZoneId zone) {
		return ScheduleText.read(expression, zone);
	}

	/**
	 * One time in each interval, counted from 1970-01-01T00:00Z, so that all who ask see
	 * the same times. Elapsed time: no zone moves it.
	 * @param interval whole milliseconds, at least one, at most 36,500 days
	 * @return the schedule
	 * @throws IllegalArgumentException if it is another
	 */
	static Schedule every(Duration interval) {
		return new IntervalSchedule(interval, Instant.EPOCH);
	}

	/**
	 * The same schedule, counted from another time.
	 * @param first for an interval the first time, rounded up to a millisecond, before
	 * which there is none; a cron expression is bound to the calendar and stays as it is
	 * @return the schedule
	 * @throws IllegalArgumentException if the first time is not in the years 1 to 9999
	 */
	default Schedule countedFrom(Instant first) {
		return this;
	}

	/**
	 * The next time.
	 * @param after strictly after this
	 * @return the time; never null
	 * @throws IllegalArgumentException if {@code after} is not in the years 1 to 9999
	 */
	Instant next(Instant after);

	/**
	 * The next times.
	 * @param after strictly after this
	 * @param count how many, 0 or more
	 * @return the times in order, unmodifiable
	 * @throws IllegalArgumentException if the count is negative, or the times are not in
	 * the years 1 to 9999
	 */
	default List<Instant> next(Instant after, int count) {
		if (count < 0) {
			throw new IllegalArgumentException("count is '" + count + "', expected 0 or more. Correct the call.");
		}
		List<Instant> times = new ArrayList<>();
		Instant last = after;
		while (times.size() < count) {
			last = next(last);
			times.add(last);
		}
		return Collections.unmodifiableList(times);
	}

}
