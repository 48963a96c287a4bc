package dev.taskqueue.crontab;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.Objects;

import org.bson.BsonTimestamp;
import org.bson.types.Decimal128;
import org.jspecify.annotations.Nullable;

/**
 * Times as rows have them: epoch seconds as any number, or a date.
 */
final class RowTime {

	/** The first second of the year 1: what lies before was not meant. */
	static final long EARLIEST_SECOND = -62_135_596_800L;

	/**
	 * The first second of the year 10,000: what lies there are milliseconds taken for
	 * seconds.
	 */
	static final long END_SECOND = 253_402_300_800L;

	/** A larger number of a time in the past is one of milliseconds: seconds of 5138. */
	private static final double LARGEST_SECONDS = 1e11;

	private RowTime() {
	}

	/**
	 * Reads a time.
	 * @param value as stored
	 * @return the moment, or null where the value is none
	 */
	static @Nullable Instant read(@Nullable Object value) {
		if (value instanceof Date date) {
			return usable(date.toInstant());
		}
		if (value instanceof Integer || value instanceof Long) {
			long seconds = ((Number) value).longValue();
			return isUsable((double) seconds) ? Instant.ofEpochSecond(seconds) : null;
		}
		if (value instanceof Double seconds) {
			return isUsable(seconds) ? ofSeconds(BigDecimal.valueOf(seconds)) : null;
		}
		if (value instanceof Decimal128 seconds) {
			return (seconds.isFinite() && isUsable(seconds.doubleValue())) ? ofSeconds(decimal(seconds)) : null;
		}
		return null;
	}

	/**
	 * A moment in the form in which the owner of the row writes this field.
	 * @param now the moment
	 * @param former what the field holds
	 * @return a value of the same type and unit, or a date where it held no time
	 */
	static Object like(@Nullable Object former, Instant now) {
		if (former instanceof Number number) {
			boolean millis = Math.abs(number.doubleValue()) > LARGEST_SECONDS;
			return (former instanceof Double && !millis) ? (Object) seconds(now)
					: number(number, millis ? now.toEpochMilli() : now.getEpochSecond());
		}
		if (former instanceof String) {
			return now.truncatedTo(ChronoUnit.MILLIS).toString();
		}
		if (former instanceof BsonTimestamp) {
			return new BsonTimestamp((int) now.getEpochSecond(), 0);
		}
		return Date.from(now);
	}

	/**
	 * A due time in the form in which the owner of the row writes its time.
	 * @param former what the field holds
	 * @param slot the due time
	 * @return a value of the same type, a double where that holds no fractions; what it
	 * holds where that is the same time
	 */
	static Object slot(@Nullable Object former, Instant slot) {
		if (slot.equals(read(former))) {
			return Objects.requireNonNull(former);
		}
		if (former instanceof Number number) {
			boolean isWhole = slot.truncatedTo(ChronoUnit.SECONDS).equals(slot);
			return isWhole ? number(number, slot.getEpochSecond()) : (Object) seconds(slot);
		}
		return Date.from(slot);
	}

	/**
	 * What a field that holds a time is expected to be.
	 * @param value what it holds
	 * @return for an error
	 */
	static String expected(@Nullable Object value) {
		return (value instanceof Number number && number.doubleValue() >= END_SECOND)
				? "epoch seconds before the year 10000 (are these milliseconds?)" : "epoch seconds or a date";
	}

	private static double seconds(Instant time) {
		return time.toEpochMilli() / 1000.0;
	}

	/** The value as a number of the former one's type. */
	private static Object number(Number former, long value) {
		if (former instanceof Double) {
			return (double) value;
		}
		if (former instanceof Decimal128) {
			return new Decimal128(value);
		}
		// an int ends in 2038
		return (former instanceof Integer && value == (int) value) ? (Object) (int) value : (Object) value;
	}

	private static boolean isUsable(double seconds) {
		// false for NaN
		return seconds >= EARLIEST_SECOND && seconds < END_SECOND;
	}

	private static @Nullable Instant usable(Instant time) {
		return isUsable((double) time.getEpochSecond()) ? time : null;
	}

	private static BigDecimal decimal(Decimal128 value) {
		// the negative zero has no BigDecimal
		return (value.doubleValue() == 0) ? BigDecimal.ZERO : value.bigDecimalValue();
	}

	private static Instant ofSeconds(BigDecimal seconds) {
		return Instant.ofEpochMilli(seconds.movePointRight(3).setScale(0, RoundingMode.CEILING).longValueExact());
	}

}
