package dev.taskqueue.function;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * The rules by which single values convert, at every depth: nothing is lost silently. A
 * pure table from plain values ({@code String}, numbers, {@code Boolean}, {@link Date},
 * {@link UUID}, {@code byte[]}, lists and maps) to types.
 */
final class Scalars {

	/** No decimal of BSON has more digits before its point. */
	private static final int MAX_DIGITS = 6145;

	private final Map<Class<?>, Function<Object, Object>> conversions = new HashMap<>();

	private final Map<Class<?>, Object> absent = Map.of(OptionalInt.class, OptionalInt.empty(), OptionalLong.class,
			OptionalLong.empty(), OptionalDouble.class, OptionalDouble.empty());

	/**
	 * Creates the table.
	 * @param json writes lists and maps as JSON text
	 */
	Scalars(Function<Object, String> json) {
		add(boolean.class, Boolean.class, Scalars::toBoolean);
		add(byte.class, Byte.class, (value) -> (byte) toLong(value, byte.class, Byte.MIN_VALUE, Byte.MAX_VALUE));
		add(short.class, Short.class, (value) -> (short) toLong(value, short.class, Short.MIN_VALUE, Short.MAX_VALUE));
		add(int.class, Integer.class, Scalars::toInt);
		add(long.class, Long.class, Scalars::toLong);
		add(float.class, Float.class, Scalars::toFloat);
		add(double.class, Double.class, Scalars::toDouble);
		add(char.class, Character.class, Scalars::toCharacter);
		this.conversions.put(OptionalInt.class, (value) -> OptionalInt.of(toInt(value)));
		this.conversions.put(OptionalLong.class, (value) -> OptionalLong.of(toLong(value)));
		this.conversions.put(OptionalDouble.class, (value) -> OptionalDouble.of(toDouble(value)));
		this.conversions.put(BigInteger.class, Scalars::toBigInteger);
		this.conversions.put(BigDecimal.class, Scalars::toBigDecimal);
		this.conversions.put(Number.class, Scalars::toNumber);
		this.conversions.put(String.class, (value) -> toText(value, json));
		this.conversions.put(CharSequence.class, (value) -> toText(value, json));
		this.conversions.put(UUID.class, Scalars::toUuid);
		this.conversions.put(byte[].class, Scalars::toBytes);
		this.conversions.put(Date.class, Scalars::toDate);
		this.conversions.put(Instant.class, Scalars::toInstant);
		this.conversions.put(ZonedDateTime.class, (value) -> toZoned(value, ZonedDateTime.class));
		this.conversions.put(OffsetDateTime.class, (value) -> toZoned(value, OffsetDateTime.class).toOffsetDateTime());
		this.conversions.put(LocalDateTime.class, Scalars::toLocalDateTime);
		this.conversions.put(LocalDate.class, Scalars::toLocalDate);
		this.conversions.put(LocalTime.class, (value) -> parse(value, LocalTime.class, "10:15:30", LocalTime::parse));
		this.conversions.put(Duration.class, (value) -> parse(value, Duration.class, "PT1M30S", Duration::parse));
	}

	private <T> void add(Class<?> primitive, Class<T> wrapper, Function<Object, T> conversion) {
		this.conversions.put(primitive, conversion::apply);
		this.conversions.put(wrapper, conversion::apply);
	}

	Set<Class<?>> types() {
		return this.conversions.keySet();
	}

	boolean has(Class<?> type) {
		return this.conversions.containsKey(type);
	}

	/**
	 * Converts.
	 * @param plain a plain value
	 * @param type a type of the table
	 * @return the value, never null
	 * @throws ConversionException if it does not fit without loss
	 */
	Object convert(Object plain, Class<?> type) {
		Function<Object, Object> conversion = this.conversions.get(type);
		if (conversion == null) {
			throw new IllegalArgumentException("No scalar: " + type);
		}
		return conversion.apply(plain);
	}

	/**
	 * What stands for null or nothing.
	 * @param type a type of the table
	 * @return null or an empty optional
	 * @throws ConversionException if the type is primitive
	 */
	@Nullable Object convertNull(Class<?> type) {
		if (type.isPrimitive()) {
			throw new ConversionException("expected " + article(type.getName()) + ", which cannot be null",
					"Give a value, or declare the wrapper type.");
		}
		return this.absent.get(type);
	}

	private static Boolean toBoolean(Object value) {
		if (value instanceof Boolean bool) {
			return bool;
		}
		throw new ConversionException("expected true or false; numbers and text are not converted",
				"Give a boolean, or declare another type.");
	}

	private static Integer toInt(Object value) {
		return (int) toLong(value, int.class, Integer.MIN_VALUE, Integer.MAX_VALUE);
	}

	private static Long toLong(Object value) {
		return toLong(value, long.class, Long.MIN_VALUE, Long.MAX_VALUE);
	}

	private static long toLong(Object value, Class<?> type, long min, long max) {
		if (value instanceof Integer || value instanceof Long || value instanceof Short || value instanceof Byte) {
			long number = ((Number) value).longValue();
			if (number >= min && number <= max) {
				return number;
			}
		}
		else if (value instanceof Number number && isFinite(number)) {
			BigDecimal exact = exactly(number);
			if (exact.compareTo(BigDecimal.valueOf(min)) >= 0 && exact.compareTo(BigDecimal.valueOf(max)) <= 0
					&& exact.stripTrailingZeros().scale() <= 0) {
				return exact.longValue();
			}
		}
		throw new ConversionException(
				"expected a whole number from " + min + " to " + max + " (" + type.getName() + ")" + noText(value),
				(value instanceof Number) ? "Give one, or declare a type that holds the value."
						: "Give a number, or declare another type.");
	}

	private static BigInteger toBigInteger(Object value) {
		if (value instanceof BigInteger integer) {
			return integer;
		}
		if (value instanceof Number number && isFinite(number)) {
			BigDecimal exact = exactly(number);
			if (exact.signum() == 0) {
				return BigInteger.ZERO;
			}
			if ((long) exact.precision() - exact.scale() <= MAX_DIGITS && exact.stripTrailingZeros().scale() <= 0) {
				return exact.toBigInteger();
			}
		}
		if (value instanceof String text) {
			// so are numbers stored that no number of BSON holds
			try {
				return new BigInteger(text);
			}
			catch (NumberFormatException ex) {
				// said below
			}
		}
		throw new ConversionException("expected a whole number (BigInteger)",
				"Give one as number or digits, or declare BigDecimal.");
	}

	private static BigDecimal toBigDecimal(Object value) {
		if (value instanceof BigDecimal decimal) {
			return decimal;
		}
		if (value instanceof Double || value instanceof Float) {
			if (isFinite((Number) value)) {
				return new BigDecimal(value.toString());
			}
		}
		else if (value instanceof Number number) {
			return exactly(number);
		}
		if (value instanceof String text) {
			// so are numbers stored that no number of BSON holds
			try {
				return new BigDecimal(text);
			}
			catch (NumberFormatException ex) {
				// said below
			}
		}
		throw new ConversionException("expected a finite number (BigDecimal)",
				"Give one as number or text, or declare another type.");
	}

	private static Number toNumber(Object value) {
		if (value instanceof Number number) {
			return number;
		}
		throw new ConversionException("expected a number" + noText(value), "Give a number, or declare another type.");
	}

	private static Double toDouble(Object value) {
		if (value instanceof Double number) {
			return number;
		}
		if (value instanceof Float || value instanceof Integer || value instanceof Short || value instanceof Byte) {
			return ((Number) value).doubleValue();
		}
		if (value instanceof Number number) {
			BigDecimal exact = exactly(number);
			double converted = exact.doubleValue();
			if (Double.isFinite(converted) && (new BigDecimal(converted).compareTo(exact) == 0
					|| BigDecimal.valueOf(converted).compareTo(exact) == 0)) {
				return converted;
			}
			throw new ConversionException("expected a number that a double holds without loss",
					"Declare long or BigDecimal, or give fewer digits.");
		}
		throw new ConversionException("expected a number (double)" + noText(value),
				"Give a number, or declare another type.");
	}

	private static Float toFloat(Object value) {
		if (value instanceof Float number) {
			return number;
		}
		if (value instanceof Number number) {
			if (!isFinite(number)) {
				return number.floatValue();
			}
			BigDecimal exact = exactly(number);
			float converted = exact.floatValue();
			// 0.1 of another language is the double next to 0.1, so the digits count too
			if (Float.isFinite(converted) && (new BigDecimal(converted).compareTo(exact) == 0
					|| new BigDecimal(Float.toString(converted)).compareTo(new BigDecimal(number.toString())) == 0)) {
				return converted;
			}
			throw new ConversionException("expected a number that a float holds without loss",
					"Declare double or BigDecimal, or give fewer digits.");
		}
		throw new ConversionException("expected a number (float)" + noText(value),
				"Give a number, or declare another type.");
	}

	private static Character toCharacter(Object value) {
		if (value instanceof String text && text.length() == 1) {
			return text.charAt(0);
		}
		throw new ConversionException("expected text of one character (char)", "Give one, or declare String.");
	}

	private static String toText(Object value, Function<Object, String> json) {
		if (value instanceof Date date) {
			return instant(date).toString();
		}
		if (value instanceof byte[] bytes) {
			return Base64.getEncoder().encodeToString(bytes);
		}
		if (value instanceof Map<?, ?> || value instanceof List<?>) {
			return json.apply(value);
		}
		return value.toString();
	}

	private static UUID toUuid(Object value) {
		if (value instanceof UUID uuid) {
			return uuid;
		}
		// the JDK reads "1-1-1-1-1" too
		if (value instanceof String text && text.length() == 36) {
			try {
				return UUID.fromString(text);
			}
			catch (IllegalArgumentException ex) {
				// said below
			}
		}
		throw new ConversionException("expected a UUID or its text of 36 characters",
				"Give one, or declare another type.");
	}

	private static byte[] toBytes(Object value) {
		if (value instanceof byte[] bytes) {
			return bytes;
		}
		if (value instanceof String text) {
			try {
				return Base64.getDecoder().decode(text);
			}
			catch (IllegalArgumentException ex) {
				// said below
			}
		}
		throw new ConversionException("expected binary data or its Base64 text (byte[])",
				"Give one, or declare another type.");
	}

	private static Date toDate(Object value) {
		if (value instanceof Date date) {
			return date;
		}
		Instant instant = toZoned(value, Date.class).toInstant();
		try {
			Date date = Date.from(instant);
			if (date.toInstant().equals(instant)) {
				return date;
			}
		}
		catch (IllegalArgumentException ex) {
			// said below
		}
		throw new ConversionException("expected a time in milliseconds (Date)", "Declare Instant.");
	}

	private static Instant toInstant(Object value) {
		if (value instanceof String text) {
			try {
				// knows more years than the types with a zone
				return Instant.parse(text);
			}
			catch (DateTimeException ex) {
				// with the name of its zone, perhaps
			}
		}
		return toZoned(value, Instant.class).toInstant();
	}

	private static ZonedDateTime toZoned(Object value, Class<?> type) {
		if (value instanceof Date date) {
			return instant(date).atZone(ZoneOffset.UTC);
		}
		if (value instanceof Instant instant) {
			return instant.atZone(ZoneOffset.UTC);
		}
		return parse(value, type, "2030-01-31T10:15:30Z", ZonedDateTime::parse);
	}

	private static LocalDateTime toLocalDateTime(Object value) {
		if (value instanceof String text) {
			try {
				return LocalDateTime.parse(text);
			}
			catch (DateTimeException ex) {
				// a time with its offset, perhaps
			}
		}
		return toZoned(value, LocalDateTime.class).withZoneSameInstant(ZoneOffset.UTC).toLocalDateTime();
	}

	private static LocalDate toLocalDate(Object value) {
		if (value instanceof String text) {
			try {
				return LocalDate.parse(text);
			}
			catch (DateTimeException ex) {
				// a time at midnight, perhaps
			}
		}
		LocalDateTime time = toLocalDateTime(value);
		if (!time.toLocalTime().equals(LocalTime.MIDNIGHT)) {
			// such as midnight in another zone, which may be another day
			throw new ConversionException(
					"expected a day (LocalDate), that is midnight in UTC or text such as 2030-01-31",
					"Give a day, or declare Instant or LocalDateTime.");
		}
		return time.toLocalDate();
	}

	private static <T> T parse(Object value, Class<?> type, String example, Function<CharSequence, T> parser) {
		if (value instanceof String text) {
			try {
				return parser.apply(text);
			}
			catch (DateTimeException ex) {
				// said below
			}
		}
		boolean isTime = Date.class.isAssignableFrom(type) || example.contains("T1");
		throw new ConversionException(
				"expected " + ((isTime) ? "a date or " : "") + "ISO text such as " + example + " ("
						+ type.getSimpleName() + ")"
						+ ((value instanceof Number) ? "; a number does not tell its unit" : ""),
				"Give that, or declare another type.");
	}

	/**
	 * {@code java.sql.Date} refuses {@code toInstant}.
	 */
	@SuppressWarnings("JavaUtilDate")
	static Instant instant(Date date) {
		return Instant.ofEpochMilli(date.getTime());
	}

	private static boolean isFinite(Number number) {
		return !(number instanceof Double || number instanceof Float) || Double.isFinite(number.doubleValue());
	}

	/** To the last binary digit: of whole doubles over 2^53, text would tell others. */
	private static BigDecimal exactly(Number number) {
		if (number instanceof BigDecimal decimal) {
			return decimal;
		}
		if (number instanceof BigInteger integer) {
			return new BigDecimal(integer);
		}
		if (number instanceof Double || number instanceof Float) {
			return new BigDecimal(number.doubleValue());
		}
		return BigDecimal.valueOf(number.longValue());
	}

	private static String noText(Object value) {
		return (value instanceof String) ? "; text is not converted" : "";
	}

	private static String article(String noun) {
		return ((noun.startsWith("i")) ? "an " : "a ") + noun;
	}

}
