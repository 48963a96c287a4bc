package dev.taskqueue.crontab;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;

import dev.taskqueue.Misfire;
import dev.taskqueue.Schedule;
import dev.taskqueue.WhileRunning;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * What makes a row recurring. Pure: asks no server and no clock.
 *
 * @param schedule its times
 * @param text the schedule as text, by which a change is seen
 * @param start none lies before it; null is no limit
 * @param end none lies after it; null is no limit
 * @param misfire what becomes of missed times
 * @param whileRunning what happens while its last job goes on
 */
record Recurrence(Schedule schedule, String text, @Nullable Instant start, @Nullable Instant end, Misfire misfire,
		WhileRunning whileRunning) {

	/** Later than this is missed: no hand-over of the lock takes as long. */
	private static final Duration GRACE = Duration.ofMinutes(1);

	/** The most missed times of one row that become jobs at a time. */
	private static final int MOST_AT_ONCE = 100;

	/** Each job has the arguments of its row, and a portion has many rows. */
	private static final int MOST_BYTES_AT_ONCE = 64 * 1024;

	/** The times that are written back into the row. */
	private static final int SHOWN = 5;

	private static final String EVERY = "@every ";

	private static final Duration SHORTEST = Duration.ofSeconds(1);

	/**
	 * Reads it.
	 * @param row the row
	 * @param defaultZone the zone of a row that names none
	 * @return what it says, or null where the row is not recurring
	 * @throws BadRow if it is not in order
	 */
	static @Nullable Recurrence of(Document row, ZoneId defaultZone) {
		ZoneId zone = zone(row, defaultZone);
		Instant start = time(row, RowFields.START_TIME);
		Instant end = time(row, RowFields.END_TIME);
		Misfire misfire = choice(row, RowFields.MISFIRE, Misfire.ONCE);
		WhileRunning whileRunning = choice(row, RowFields.WHILE_RUNNING, WhileRunning.RUN);
		if (start != null && end != null && end.isBefore(start)) {
			throw new BadRow(RowError.wrong(RowFields.END_TIME, row.get(RowFields.END_TIME),
					"a time that is not before start_time (" + start + ")"));
		}
		Object cron = row.get(RowFields.CRON);
		Object every = row.get(RowFields.EVERY);
		if (cron != null && every != null) {
			throw new BadRow(RowError.of(RowFields.EVERY, every,
					"the row has both 'cron' and 'every', expected one of them. Remove the other. The row is looked at "
							+ "again when it changes."));
		}
		Schedule schedule;
		String text;
		if (cron != null) {
			schedule = cron(row, cron, zone);
			text = "cron " + cron + " in " + zone;
		}
		else if (every != null) {
			schedule = every(row, every);
			text = "every " + every;
		}
		else {
			return null;
		}
		if (start != null) {
			schedule = schedule.countedFrom(start);
			text += " from " + start;
		}
		else {
			Instant anchor = anchor(row, text);
			schedule = (anchor != null) ? schedule.countedFrom(anchor) : schedule;
		}
		return new Recurrence(schedule, text, start, end, misfire, whileRunning);
	}

	/**
	 * What is to be done.
	 * @param row the row
	 * @param bytes its size
	 * @param time when it is due next; null where its owner left that open
	 * @param now the time
	 * @return the due times that become jobs, and the row's time after them
	 * @throws BadRow if the row would never run
	 */
	Plan plan(Document row, int bytes, @Nullable Instant time, Instant now) {
		if (time == null) {
			return Plan.moveTo(first(row, now));
		}
		if (this.start != null && time.isBefore(this.start)) {
			return Plan.moveTo(first(row, this.start.minusNanos(1)));
		}
		if (this.end != null && time.isAfter(this.end)) {
			return Plan.moveTo(ended(row));
		}
		NextTimes stored = NextTimes.storedIn(row);
		if (time.isAfter(now)) {
			if (stored.followFromOther(this.text, time)) {
				return Plan.moveTo(first(row, now));
			}
			return stored.beginWith(time) ? Plan.NOTHING : Plan.moveTo(from(time));
		}
		return due(time, now, Math.max(1, Math.min(MOST_AT_ONCE, MOST_BYTES_AT_ONCE / Math.max(1, bytes))));
	}

	private Plan due(Instant time, Instant now, int most) {
		Instant next = next(time);
		return switch (this.misfire) {
			case ONCE -> Plan.run(List.of(time), from(next(now)));
			case SKIP -> Plan.run((time.plus(GRACE).isBefore(now) || (next != null && !next.isAfter(now))) ? List.of()
					: List.of(time), from(next(now)));
			case ALL -> all(time, now, most);
		};
	}

	private Plan all(Instant time, Instant now, int most) {
		List<Instant> slots = new ArrayList<>();
		Instant slot = time;
		while (slot != null && !slot.isAfter(now) && slots.size() < most) {
			slots.add(slot);
			slot = next(slot);
		}
		return Plan.run(slots, from(slot));
	}

	/** The times from the first one after a moment. */
	private NextTimes first(Document row, Instant after) {
		Instant first = next(after);
		return (first != null) ? from(first) : ended(row);
	}

	private NextTimes ended(Document row) {
		if (row.get(RowFields.LAST_TIME) == null) {
			throw new BadRow(RowError.wrong(RowFields.END_TIME, row.get(RowFields.END_TIME),
					"a time not before the row's first one, or the row never runs"));
		}
		return from(null);
	}

	private NextTimes from(@Nullable Instant first) {
		List<Instant> times = new ArrayList<>();
		for (Instant time = first; time != null && times.size() < SHOWN; time = next(time)) {
			times.add(time);
		}
		return new NextTimes(this.text, times);
	}

	/** The first time after a moment, or null behind the last one. */
	private @Nullable Instant next(Instant after) {
		Instant next = this.schedule
			.next((this.start != null && after.isBefore(this.start)) ? this.start.minusNanos(1) : after);
		boolean over = (this.end != null && next.isAfter(this.end)) || next.getEpochSecond() >= RowTime.END_SECOND;
		return over ? null : next;
	}

	/**
	 * Where an interval without a start is counted from: the time, which is the owner's
	 * or follows from this interval; the last run where it follows from a former one.
	 */
	private static @Nullable Instant anchor(Document row, String text) {
		Instant time = RowTime.read(row.get(RowFields.TIME));
		Instant last = RowTime.read(row.get(RowFields.LAST_TIME));
		return (last != null && (time == null || NextTimes.storedIn(row).followFromOther(text, time))) ? last : time;
	}

	private static Schedule cron(Document row, Object cron, ZoneId zone) {
		BadRow.check(cron instanceof String, row, RowFields.CRON,
				"five fields such as \"0 3 * * mon-fri\", or a macro such as \"@daily\"");
		return parse(row, RowFields.CRON, (String) cron, zone);
	}

	private static Schedule every(Document row, Object every) {
		if (every instanceof String text) {
			return parse(row, RowFields.EVERY, text.startsWith(EVERY) ? text : EVERY + text, ZoneOffset.UTC);
		}
		Duration interval = DurationText.read(every);
		if (interval == null || interval.compareTo(SHORTEST) < 0) {
			throw new BadRow(RowError.wrong(RowFields.EVERY, every,
					"a number of seconds from 1, or a text such as \"30s\", \"1h30m\" or \"PT5M\""));
		}
		return Schedule.every(interval);
	}

	private static Schedule parse(Document row, String field, String text, ZoneId zone) {
		try {
			return Schedule.parse(text, zone);
		}
		catch (IllegalArgumentException ex) {
			throw new BadRow(RowError.of(field, row.get(field),
					"field '" + field + "': " + ex.getMessage() + " The row is looked at again when it changes."));
		}
	}

	private static ZoneId zone(Document row, ZoneId defaultZone) {
		Object zone = row.get(RowFields.ZONE);
		if (zone == null) {
			return defaultZone;
		}
		try {
			if (zone instanceof String name) {
				return ZoneId.of(name);
			}
		}
		catch (DateTimeException ex) {
			// said below
		}
		throw new BadRow(RowError.wrong(RowFields.ZONE, zone, "the name of a time zone such as \"Europe/Berlin\""));
	}

	private static @Nullable Instant time(Document row, String field) {
		Object value = row.get(field);
		Instant time = RowTime.read(value);
		BadRow.check(value == null || time != null, row, field, RowTime.expected(value));
		return time;
	}

	/** One of the values of an enum, in lower case as rows have it. */
	static <E extends Enum<E>> E choice(Document row, String field, E whenAbsent) {
		Object value = row.get(field);
		if (value == null) {
			return whenAbsent;
		}
		List<String> texts = new ArrayList<>();
		for (E choice : EnumSet.allOf(whenAbsent.getDeclaringClass())) {
			if (text(choice).equals(value)) {
				return choice;
			}
			texts.add('"' + text(choice) + '"');
		}
		throw new BadRow(RowError.wrong(field, value, "one of " + texts));
	}

	/** A value of an enum as rows have it. */
	static String text(Enum<?> choice) {
		return choice.name().toLowerCase(Locale.ROOT);
	}

}
