package dev.taskqueue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Intervals as people write them: {@code 1h30m} and {@code 1.5h} as in Go, {@code 90s}
 * and {@code 1d} as in Spring Boot's properties, {@code PT1H30M} as in ISO 8601.
 */
final class IntervalText {

	private static final Pattern PART = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)(ns|us|ms|s|m|h|d)");

	private static final BigInteger NANOS_PER_SECOND = BigInteger.valueOf(1_000_000_000);

	private IntervalText() {
	}

	/**
	 * Reads an interval.
	 * @param text the text
	 * @return the interval, or null where the text is none
	 */
	static @Nullable Duration read(String text) {
		String lower = text.toLowerCase(Locale.ROOT);
		try {
			return lower.startsWith("p") ? Duration.parse(text) : sum(lower);
		}
		catch (DateTimeException | ArithmeticException ex) {
			return null;
		}
	}

	private static @Nullable Duration sum(String text) {
		Matcher part = PART.matcher(text);
		Duration sum = Duration.ZERO;
		int end = 0;
		while (end < text.length()) {
			if (!part.region(end, text.length()).lookingAt()) {
				return null;
			}
			BigInteger[] secondsAndNanos = new BigDecimal(part.group(1))
				.multiply(BigDecimal.valueOf(unit(part.group(2)).getDuration().toNanos()))
				.toBigIntegerExact()
				.divideAndRemainder(NANOS_PER_SECOND);
			sum = sum.plusSeconds(secondsAndNanos[0].longValueExact()).plusNanos(secondsAndNanos[1].longValueExact());
			end = part.end();
		}
		return (end > 0) ? sum : null;
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
