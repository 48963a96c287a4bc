package dev.taskqueue;

import java.time.Instant;
import java.time.LocalDate;
import java.time.Year;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Compares schedules with a naive reading of the rules: it looks at each minute of a year
 * and at what a clock on the wall shows then, and knows nothing of transitions, of Spring
 * or of our parser.
 */
class ScheduleOracleTests {

	/** Set it to a seed that a failure names. */
	private static final long SEED = System.nanoTime();

	/** Of a schedule with more times in a year only those near a change are walked. */
	private static final int MANY = 2_000;

	private static final int RANDOM_EXPRESSIONS = 15;

	private static final int RANDOM_STARTS = 100;

	private static final List<String> EXPRESSIONS = List.of("*/15 * * * *", "30 * * * *", "0 */2 * * *", "*/20 2 * * *",
			"30 2 * * *", "0 0 * * *", "0,10,30 0-3 * * *", "15 1 * * sun", "0 0 1,15 * mon", "30 0 */2 * mon-fri",
			"59 23 28-31 * *", "0-59/15 0-23 * * *", "5 0 * mar,apr,sep-nov fri-sun", "0 0 13 * 5");

	private static final int DAY = 24 * 60;

	private static final String[] DAYS = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

	private static final String[] MONTHS = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct",
			"nov", "dec" };

	/** Years in which the rules changed, or are odd, beside usual ones. */
	@ParameterizedTest
	@CsvSource({ "Europe/Berlin, 1980", "Europe/Berlin, 1996", "Europe/Berlin, 2026", "America/New_York, 1974",
			"America/New_York, 2007", "America/New_York, 2024", "Australia/Lord_Howe, 1985",
			"Australia/Lord_Howe, 2008", "Australia/Lord_Howe, 2026", "America/Santiago, 2015",
			"America/Santiago, 2019", "America/Santiago, 2022", "America/Havana, 2004", "America/Havana, 2012",
			"America/Havana, 2026", "Africa/Cairo, 2010", "Africa/Cairo, 2014", "Africa/Cairo, 2024",
			"Africa/Casablanca, 2012", "Africa/Casablanca, 2018", "Africa/Casablanca, 2026", "Asia/Kathmandu, 1986",
			"Asia/Kathmandu, 2026", "Pacific/Apia, 2011" })
	void agreesWithALookAtEachMinuteOfTheYear(String zoneId, int year) {
		ZoneId zone = ZoneId.of(zoneId);
		WallClock clock = new WallClock(zone, year);
		Random random = new Random(SEED + zoneId.hashCode() + year);
		Stream.concat(EXPRESSIONS.stream(), Stream.generate(() -> expression(random)).limit(RANDOM_EXPRESSIONS))
			.forEach((expression) -> compare(expression, zone, clock, random));
	}

	private static void compare(String expression, ZoneId zone, WallClock clock, Random random) {
		List<Instant> expected = clock.times(new Fields(expression));
		String description = "'%s' in %s, %d, seed %d".formatted(expression, zone, clock.year, SEED);
		Schedule schedule = schedule(expression, zone);
		if (schedule == null) {
			assertThat(expected).as(description).isEmpty();
			return;
		}
		for (Span span : (expected.size() > MANY) ? clock.changes : List.of(clock.all)) {
			List<Instant> times = span.walk(schedule);
			List<Instant> expectedTimes = span.cut(expected);
			assertThat(times.equals(expectedTimes)).as(() -> description + ", " + difference(times, expectedTimes))
				.isTrue();
		}
		for (int i = 0; i < RANDOM_STARTS; i++) {
			Instant after = clock.randomStart(random);
			int next = indexAfter(expected, after);
			if (next < expected.size()) {
				assertThat(schedule.next(after)).as("%s, after %s", description, after).isEqualTo(expected.get(next));
			}
		}
	}

	private static int indexAfter(List<Instant> times, Instant after) {
		int index = Collections.binarySearch(times, after);
		return (index < 0) ? -index - 1 : index + 1;
	}

	private static String difference(List<Instant> times, List<Instant> expected) {
		Set<Instant> lost = new TreeSet<>(expected);
		times.forEach(lost::remove);
		Set<Instant> added = new TreeSet<>(times);
		expected.forEach(added::remove);
		return "lost %s, too many %s".formatted(lost.stream().limit(10).toList(), added.stream().limit(10).toList());
	}

	/** Null where it is never due, which the oracle is to confirm. */
	private static @Nullable Schedule schedule(String expression, ZoneId zone) {
		try {
			return Schedule.parse(expression, zone);
		}
		catch (IllegalArgumentException ex) {
			assertThat(ex).as("seed %d", SEED).hasMessageContaining("never due");
			return null;
		}
	}

	@Test
	void knowsOfTheLastDaysOfEachMonthAndEachWeekdayWhetherTheyEverMeet() {
		for (int month = 1; month <= 12; month++) {
			for (int day = 27; day <= 31; day++) {
				for (int weekday = 0; weekday < 7; weekday++) {
					// one weekday that begins with '*', so that both must fit
					String expression = "0 0 %d %d %s".formatted(day, month, (weekday == 0) ? "*/7" : "*/7," + weekday);
					if (day > Year.of(2000).atMonth(month).lengthOfMonth()) {
						assertThatIllegalArgumentException()
							.isThrownBy(() -> Schedule.parse(expression, ZoneOffset.UTC))
							.withMessageContaining("never due");
					}
					else {
						checkDays(expression, day, month, weekday);
					}
				}
			}
		}
	}

	private static void checkDays(String expression, int day, int month, int weekday) {
		LocalDate from = LocalDate.of(1890, 3, 1);
		LocalDate expected = from;
		while (expected.getMonthValue() != month || expected.getDayOfMonth() != day
				|| (expected.getDayOfWeek().getValue() % 7 != weekday && expected.getDayOfWeek().getValue() != 7)) {
			expected = expected.plusDays(1);
		}
		Instant next = Schedule.parse(expression, ZoneOffset.UTC)
			.next(from.minusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant());
		assertThat(next).as(expression).isEqualTo(expected.atStartOfDay(ZoneOffset.UTC).toInstant());
	}

	private static String expression(Random random) {
		String minute = field(random, 0, 59, null);
		String hour = (random.nextInt(3) == 0) ? field(random, 0, 23, null) : field(random, 0, 3, null);
		return "%s %s %s %s %s".formatted(minute, hour, rarely(random, () -> field(random, 1, 31, null)),
				rarely(random, () -> field(random, 1, 12, MONTHS)), rarely(random, () -> field(random, 0, 7, DAYS)));
	}

	private static String rarely(Random random, Supplier<String> field) {
		return (random.nextInt(3) == 0) ? field.get() : "*";
	}

	private static String field(Random random, int min, int max, String @Nullable [] names) {
		return String.join(",",
				IntStream.rangeClosed(0, Math.max(0, random.nextInt(5) - 2))
					.mapToObj((i) -> part(random, min, max, names))
					.toList());
	}

	private static String part(Random random, int min, int max, String @Nullable [] names) {
		int first = min + random.nextInt(max - min + 1);
		int last = first + random.nextInt(max - first + 1);
		int step = 1 + random.nextInt(Math.max(1, Math.min(max, 30)));
		return switch (random.nextInt(8)) {
			case 0 -> "*";
			case 1, 2 -> "*/" + step;
			case 3 -> first + "-" + last;
			case 4 -> first + "-" + last + "/" + step;
			case 5 -> name(first, min, names) + "-" + ((last == 0) ? last : name(last, min, names));
			default -> name(first, min, names);
		};
	}

	private static String name(int value, int min, String @Nullable [] names) {
		if (names == null || value - min >= names.length) {
			return Integer.toString(value);
		}
		String name = names[value - min];
		return (value % 2 == 0) ? name : name.toUpperCase(Locale.ROOT);
	}

	/** What the five fields say of a wall clock's time, read without our parser. */
	private static final class Fields {

		private final String[] texts;

		private final boolean[] minutes;

		private final boolean[] hours;

		private final boolean[] daysOfMonth;

		private final boolean[] months;

		private final boolean[] daysOfWeek;

		Fields(String expression) {
			this.texts = expression.toLowerCase(Locale.ROOT).split(" ", -1);
			this.minutes = values(this.texts[0], 0, 59, 0);
			this.hours = values(this.texts[1], 0, 23, 0);
			this.daysOfMonth = values(this.texts[2], 1, 31, 0);
			this.months = values(this.texts[3], 1, 12, 1, MONTHS);
			this.daysOfWeek = values(this.texts[4], 0, 7, 0, DAYS);
			this.daysOfWeek[0] |= this.daysOfWeek[7];
		}

		boolean followElapsedTime() {
			return this.texts[0].charAt(0) == '*' || this.texts[1].charAt(0) == '*';
		}

		boolean[] minutesOfDay() {
			boolean[] fitting = new boolean[DAY];
			for (int minute = 0; minute < DAY; minute++) {
				fitting[minute] = this.minutes[minute % 60] && this.hours[minute / 60];
			}
			return fitting;
		}

		boolean fitDay(LocalDate day) {
			boolean fitsDayOfMonth = this.daysOfMonth[day.getDayOfMonth()];
			boolean fitsDayOfWeek = this.daysOfWeek[day.getDayOfWeek().getValue() % 7];
			boolean either = this.texts[2].charAt(0) != '*' && this.texts[4].charAt(0) != '*';
			return this.months[day.getMonthValue()]
					&& (either ? fitsDayOfMonth || fitsDayOfWeek : fitsDayOfMonth && fitsDayOfWeek);
		}

		private static boolean[] values(String text, int min, int max, int firstName, String... names) {
			boolean[] values = new boolean[max + 1];
			for (String part : text.split(",", -1)) {
				String[] rangeAndStep = part.split("/", -1);
				String[] ends = rangeAndStep[0].equals("*") ? new String[] { "" + min, "" + max }
						: rangeAndStep[0].split("-", -1);
				int first = value(ends[0], firstName, names);
				int last = value(ends[ends.length - 1], firstName, names);
				if (last < first && ends[1].equals("sun")) {
					last = 7;
				}
				for (int value = first; value <= last; value++) {
					values[value] |= rangeAndStep.length == 1
							|| (value - first) % Integer.parseInt(rangeAndStep[1]) == 0;
				}
			}
			return values;
		}

		private static int value(String text, int firstName, String... names) {
			int index = Arrays.asList(names).indexOf(text);
			return (index < 0) ? Integer.parseInt(text) : index + firstName;
		}

	}

	/** A part of a year. */
	private record Span(Instant start, Instant end) {

		List<Instant> walk(Schedule schedule) {
			List<Instant> times = new ArrayList<>();
			Instant time = schedule.next(this.start.minusNanos(1));
			while (time.isBefore(this.end)) {
				times.add(time);
				time = schedule.next(time);
			}
			return times;
		}

		List<Instant> cut(List<Instant> times) {
			return times.subList(indexAfter(times, this.start.minusNanos(1)),
					indexAfter(times, this.end.minusNanos(1)));
		}

	}

	/** What a clock on the wall shows at each minute of a year and two days before. */
	private static final class WallClock {

		private static final int BEFORE = 2 * DAY;

		private final int year;

		private final Span all;

		private final List<Span> changes = new ArrayList<>();

		private final long firstMinute;

		private final long[] shown;

		WallClock(ZoneId zone, int year) {
			this.year = year;
			this.all = new Span(LocalDate.of(year, 1, 1).atStartOfDay(ZoneOffset.UTC).toInstant(),
					LocalDate.of(year + 1, 1, 1).atStartOfDay(ZoneOffset.UTC).toInstant());
			this.firstMinute = this.all.start().getEpochSecond() / 60 - BEFORE;
			this.shown = new long[(int) (this.all.end().getEpochSecond() / 60 - this.firstMinute)];
			for (int i = 0; i < this.shown.length; i++) {
				Instant minute = at(i);
				this.shown[i] = (minute.getEpochSecond() + zone.getRules().getOffset(minute).getTotalSeconds()) / 60;
				if (i > BEFORE && this.shown[i] != this.shown[i - 1] + 1) {
					this.changes.add(new Span(at(Math.max(BEFORE, i - DAY)), at(Math.min(this.shown.length, i + DAY))));
				}
			}
		}

		List<Instant> times(Fields fields) {
			List<Instant> times = new ArrayList<>();
			long firstDay = this.shown[0] / DAY - 1;
			boolean[] days = new boolean[375];
			for (int i = 0; i < days.length; i++) {
				days[i] = fields.fitDay(LocalDate.ofEpochDay(firstDay + i));
			}
			boolean[] minutes = fields.minutesOfDay();
			boolean elapsed = fields.followElapsedTime();
			long latest = this.shown[0] - 1;
			for (int i = 0; i < this.shown.length; i++) {
				// else only what was never shown before, and with it what was left out
				long from = elapsed ? this.shown[i] : latest + 1;
				boolean due = false;
				for (long minute = from; minute <= this.shown[i]; minute++) {
					long day = minute / DAY;
					due |= days[(int) (day - firstDay)] && minutes[(int) (minute - day * DAY)];
				}
				latest = Math.max(latest, this.shown[i]);
				if (due && i >= BEFORE) {
					times.add(at(i));
				}
			}
			return times;
		}

		/** Mostly near a change of the offset, and not always on a minute. */
		Instant randomStart(Random random) {
			boolean near = !this.changes.isEmpty() && random.nextInt(4) != 0;
			Span span = near ? this.changes.get(random.nextInt(this.changes.size())) : this.all;
			long minute = random.nextInt(near ? 2 * DAY : this.shown.length - BEFORE);
			return span.start()
				.plusSeconds(minute * 60)
				.plusNanos(random.nextBoolean() ? random.nextLong(60_000_000_000L) : 0);
		}

		private Instant at(int index) {
			return Instant.ofEpochSecond((this.firstMinute + index) * 60);
		}

	}

}
