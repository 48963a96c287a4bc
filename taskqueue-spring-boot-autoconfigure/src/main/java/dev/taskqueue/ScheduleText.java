package dev.taskqueue;

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.springframework.scheduling.support.CronExpression;

/**
 * A schedule as people write it: five crontab fields or a macro.
 */
final class ScheduleText {

	private static final int LONGEST = 1_000;

	private static final int SHOWN = 60;

	private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);

	private static final String FIELDS = Arrays.stream(CronField.values())
		.map(CronField::toString)
		.collect(Collectors.joining(" ", "five fields (", ")"));

	private static final Map<String, String> MACROS = Map.of("@yearly", "0 0 1 1 *", "@annually", "0 0 1 1 *",
			"@monthly", "0 0 1 * *", "@weekly", "0 0 * * 0", "@daily", "0 0 * * *", "@midnight", "0 0 * * *", "@hourly",
			"0 * * * *");

	/** Any: what is due at all is due within 40 years of each day. */
	private static final LocalDateTime ANY_DAY = LocalDateTime.of(2000, 1, 1, 0, 0);

	private ScheduleText() {
	}

	/**
	 * Reads a schedule.
	 * @param text the text
	 * @param zone the zone of its times
	 * @return the schedule
	 * @throws IllegalArgumentException if it is none, or is never due
	 */
	static Schedule read(String text, ZoneId zone) {
		try {
			if (text.length() > LONGEST) {
				throw new IllegalArgumentException("it has " + text.length() + " characters, expected at most "
						+ LONGEST + ". Write ranges and steps for long lists.");
			}
			List<String> words = Stream.of(text.split("[ \t\r\n]+")).filter((word) -> !word.isEmpty()).toList();
			return (!words.isEmpty() && words.get(0).startsWith("@")) ? macro(words, zone)
					: fields(words, String.join(" ", words), zone);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("schedule " + quoted(text) + ": " + ex.getMessage(), ex);
		}
	}

	private static Schedule macro(List<String> words, ZoneId zone) {
		String macro = words.get(0).toLowerCase(Locale.ROOT);
		String fields = MACROS.get(macro);
		if (fields != null && words.size() == 1) {
			return fields(List.of(fields.split(" ", -1)), macro, zone);
		}
		if (macro.equals("@every")) {
			return Schedule.every(interval(String.join(" ", words.subList(1, words.size()))));
		}
		if (macro.equals("@reboot")) {
			throw new IllegalArgumentException("@reboot is not supported, since each of many nodes starts on its own. "
					+ "Submit the job when the application is ready (ApplicationReadyEvent).");
		}
		throw new IllegalArgumentException("unknown macro, expected @yearly, @annually, @monthly, @weekly, @daily, "
				+ "@midnight, @hourly, or @every with an interval such as 1h30m. Write one of these or " + FIELDS
				+ ".");
	}

	private static Duration interval(String text) {
		Duration interval = IntervalText.read(text);
		if (interval == null) {
			throw new IllegalArgumentException("interval is " + quoted(text)
					+ ", expected a duration such as 90s, 5m, 1h30m, 1d or PT1H30M. Write numbers with units.");
		}
		if (interval.compareTo(SHORTEST_INTERVAL) < 0) {
			throw new IllegalArgumentException(
					"interval is " + quoted(text) + ", expected at least 1s. Write a longer one.");
		}
		return interval;
	}

	private static Schedule fields(List<String> fields, String expression, ZoneId zone) {
		checkCount(fields.size());
		String time = "0 " + CronField.MINUTE.read(fields.get(0)) + " " + CronField.HOUR.read(fields.get(1));
		List<CronExpression> days = days(fields.get(2), fields.get(3), fields.get(4))
			.map((day) -> CronExpression.parse(time + " " + day))
			.filter((day) -> day.next(ANY_DAY) != null)
			.toList();
		if (days.isEmpty()) {
			throw new IllegalArgumentException("day-of-month is " + quoted(fields.get(2)) + " and month is "
					+ quoted(fields.get(3)) + ": no such day, it is never due. Choose a day that the month has.");
		}
		boolean elapsed = fields.get(0).startsWith("*") || fields.get(1).startsWith("*");
		return new CronSchedule(expression, zone, days, elapsed);
	}

	/**
	 * crontab(5): either day field is enough, but where one begins with '*' both must
	 * fit.
	 */
	private static Stream<String> days(String dayOfMonth, String month, String dayOfWeek) {
		String days = CronField.DAY_OF_MONTH.read(dayOfMonth);
		String months = CronField.MONTH.read(month);
		String weekdays = CronField.DAY_OF_WEEK.read(dayOfWeek);
		return (dayOfMonth.startsWith("*") || dayOfWeek.startsWith("*"))
				? Stream.of(days + " " + months + " " + weekdays)
				: Stream.of(days + " " + months + " *", "* " + months + " " + weekdays);
	}

	private static void checkCount(int count) {
		if (count != CronField.values().length) {
			throw new IllegalArgumentException(switch (count) {
				case 0 -> "it is empty, expected " + FIELDS + ". Write them, or a macro such as @daily.";
				case 6 -> "it has six fields, expected " + FIELDS + ". Drop the first field, the seconds.";
				case 7 -> "it has seven fields, expected " + FIELDS
						+ ". Drop the first field, the seconds, and the last, the year.";
				default -> "it has " + count + ((count == 1) ? " field" : " fields") + ", expected " + FIELDS
						+ ". Write '*' where any value will do.";
			});
		}
	}

	/**
	 * A text for messages and logs: short, on one line, and with what cannot be seen made
	 * visible.
	 * @param text the text
	 * @return the text in quotes
	 */
	static String quoted(String text) {
		String cut = (text.length() > SHOWN) ? text.substring(0, SHOWN) + "..." : text;
		return cut.chars()
			.mapToObj((c) -> (c >= ' ' && c <= '~') ? Character.toString(c) : String.format("\\u%04x", c))
			.collect(Collectors.joining("", "'", "'"));
	}

}
