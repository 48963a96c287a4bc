package dev.taskqueue.crontab;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.bson.types.Decimal128;
import org.jspecify.annotations.Nullable;

/**
 * Durations as rows have them: seconds as any number, or a text as Spring Boot's
 * properties have it.
 */
final class DurationText {

	static final String EXPECTED = "a number of seconds, or a text such as \"90s\", \"5m\" or \"PT1H30M\"";

	private static final Pattern SIMPLE = Pattern.compile("([+-]?\\d{1,18})(ns|us|ms|s|m|h|d)");

	/** What is longer is a slip of the unit. */
	private static final Duration LONGEST = Duration.ofDays(36_500);

	private DurationText() {
	}

	/**
	 * Reads a duration.
	 * @param value as stored
	 * @return whole milliseconds, rounded up; or null where the value is none, or is
	 * longer than a century
	 */
	static @Nullable Duration read(@Nullable Object value) {
		Duration duration = parse(value);
		if (duration == null || duration.abs().compareTo(LONGEST) > 0) {
			return null;
		}
		Duration whole = duration.truncatedTo(ChronoUnit.MILLIS);
		return whole.equals(duration) || duration.isNegative() ? whole : whole.plusMillis(1);
	}

	private static @Nullable Duration parse(@Nullable Object value) {
		if (value instanceof Decimal128 decimal) {
			return decimal.isFinite() ? ofSeconds(decimal.doubleValue()) : null;
		}
		if (value instanceof Number number) {
			return ofSeconds(number.doubleValue());
		}
		return (value instanceof String text) ? parse(text.strip()) : null;
	}

	private static @Nullable Duration parse(String text) {
		Matcher simple = SIMPLE.matcher(text.toLowerCase(Locale.ROOT));
		try {
			return simple.matches() ? Duration.of(Long.parseLong(simple.group(1)), unit(simple.group(2)))
					: Duration.parse(text);
		}
		catch (DateTimeException | ArithmeticException ex) {
			return null;
		}
	}

	private static @Nullable Duration ofSeconds(double seconds) {
		if (!(Math.abs(seconds) <= LONGEST.toSeconds())) {
			return null;
		}
		return Duration
			.ofMillis(BigDecimal.valueOf(seconds).movePointRight(3).setScale(0, RoundingMode.CEILING).longValueExact());
	}

	private static ChronoUnit unit(String suffix) {
		return switch (suffix) {
			case "ns" -> ChronoUnit.NANOS;
			case "us" -> ChronoUnit.MICROS;
			case "ms" -> ChronoUnit.MILLIS;
			case "s" -> ChronoUnit.SECONDS;
			case "m" -> ChronoUnit.MINUTES;
			case "h" -> ChronoUnit.HOURS;
			default -> ChronoUnit.DAYS;
		};
	}

}
