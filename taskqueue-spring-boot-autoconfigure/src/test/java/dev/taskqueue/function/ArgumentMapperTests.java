package dev.taskqueue.function;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class ArgumentMapperTests {

	private static final Instant NOON = Instant.parse("2030-01-31T12:00:00.250Z");

	private static final Instant MIDNIGHT = Instant.parse("2030-01-31T00:00:00Z");

	private static final UUID ID = UUID.fromString("123e4567-e89b-42d3-a456-426614174000");

	private final ArgumentMapper mapper = new ArgumentMapper(JsonMapper.builder().build(), (value) -> value);

	@ParameterizedTest(name = "{0} -> {1}: {3}")
	@MethodSource("conversions")
	void converts(Object stored, Class<?> type, Object expected, String why) {
		assertThat(this.mapper.convert(stored, type)).as(why).isEqualTo(expected).hasSameClassAs(expected);
	}

	static Stream<Arguments> conversions() {
		return Stream.of(arguments(42, int.class, 42, "same"), arguments(42, long.class, 42L, "wider"),
				arguments(42L, int.class, 42, "fits"), arguments(3.0, int.class, 3, "other languages write doubles"),
				arguments(9.007199254740992E15, long.class, 9007199254740992L, "exact"),
				arguments(new BigDecimal("3.00"), int.class, 3, "whole"),
				arguments(new BigDecimal("3.00"), Integer.class, 3, "wrapper"),
				arguments(127, byte.class, (byte) 127, "fits"), arguments(-5, short.class, (short) -5, "fits"),
				arguments(7, double.class, 7.0, "exact"),
				arguments(1L << 53, double.class, 9.007199254740992E15, "exact"),
				arguments(Double.NaN, double.class, Double.NaN, "kept"),
				arguments(new BigDecimal("0.1"), double.class, 0.1, "shortest text"),
				arguments(0.1, float.class, 0.1f, "same digits"), arguments(0.5, float.class, 0.5f, "exact"),
				arguments((double) 0.1f, float.class, 0.1f, "a float that was stored"),
				arguments(0.1, BigDecimal.class, new BigDecimal("0.1"), "shortest text"),
				arguments(42L, BigDecimal.class, new BigDecimal("42"), "exact"),
				arguments("1.00000000000000000000000000000000001", BigDecimal.class,
						new BigDecimal("1.00000000000000000000000000000000001"), "text holds more digits"),
				arguments(3.0, BigInteger.class, BigInteger.valueOf(3), "whole"),
				arguments("123456789012345678901234567890123456789", BigInteger.class,
						new BigInteger("123456789012345678901234567890123456789"), "text holds more digits"),
				arguments(1.5, Number.class, 1.5, "as stored"), arguments(true, boolean.class, true, "same"),
				arguments("x", char.class, 'x', "one character"), arguments(42L, String.class, "42", "text of all"),
				arguments(1.5, String.class, "1.5", "text of all"),
				arguments(true, String.class, "true", "text of all"),
				arguments(new BigDecimal("1.50"), String.class, "1.50", "text of all"),
				arguments(Date.from(NOON), String.class, "2030-01-31T12:00:00.250Z", "ISO"),
				arguments(ID, String.class, ID.toString(), "text of all"),
				arguments("hi".getBytes(StandardCharsets.UTF_8), String.class, "aGk=", "Base64"),
				arguments(Map.of("a", List.of(1, Date.from(MIDNIGHT))), String.class,
						"{\"a\":[1,\"2030-01-31T00:00:00Z\"]}", "JSON"),
				arguments(ID.toString(), UUID.class, ID, "text"), arguments(ID, UUID.class, ID, "same"),
				arguments("aGk=", byte[].class, "hi".getBytes(StandardCharsets.UTF_8), "Base64"),
				arguments(Date.from(NOON), Date.class, Date.from(NOON), "same"),
				arguments(Date.from(NOON), Instant.class, NOON, "date"),
				arguments(Date.from(NOON), LocalDateTime.class, LocalDateTime.ofInstant(NOON, ZoneOffset.UTC), "UTC"),
				arguments(Date.from(MIDNIGHT), LocalDate.class, LocalDate.of(2030, 1, 31), "midnight in UTC"),
				arguments(Date.from(NOON), OffsetDateTime.class, NOON.atOffset(ZoneOffset.UTC), "UTC"),
				arguments(Date.from(NOON), ZonedDateTime.class, NOON.atZone(ZoneOffset.UTC), "UTC"),
				arguments("2030-01-31T12:00:00.250Z", Date.class, Date.from(NOON), "ISO"),
				arguments("2030-01-31T13:00:00.250+01:00", Instant.class, NOON, "ISO with offset"),
				arguments("2030-01-31T12:00:00.000000001Z", Instant.class,
						Instant.parse("2030-01-31T12:00:00.000000001Z"), "all digits"),
				arguments("2030-01-31", LocalDate.class, LocalDate.of(2030, 1, 31), "ISO"),
				arguments("2030-01-31T12:00:00", LocalDateTime.class, LocalDateTime.of(2030, 1, 31, 12, 0), "ISO"),
				arguments("2030-01-31T12:00:00+01:00", LocalDateTime.class, LocalDateTime.of(2030, 1, 31, 11, 0),
						"UTC"),
				arguments("2030-01-31T12:00+01:00", OffsetDateTime.class,
						OffsetDateTime.of(2030, 1, 31, 12, 0, 0, 0, ZoneOffset.ofHours(1)), "keeps its offset"),
				arguments("2030-01-31T12:00+01:00[Europe/Berlin]", ZonedDateTime.class,
						ZonedDateTime.of(2030, 1, 31, 12, 0, 0, 0, ZoneId.of("Europe/Berlin")), "keeps its zone"),
				arguments("10:15:30", LocalTime.class, LocalTime.of(10, 15, 30), "ISO"),
				arguments("PT1M30S", Duration.class, Duration.ofSeconds(90), "ISO"),
				arguments("MONDAY", DayOfWeek.class, DayOfWeek.MONDAY, "by name"),
				arguments(List.of(1, 2.0, 3L), int[].class, new int[] { 1, 2, 3 }, "elements by the same rules"),
				arguments(List.of("a", 1), String[].class, new String[] { "a", "1" }, "elements by the same rules"),
				arguments(5, OptionalInt.class, OptionalInt.of(5), "present"),
				arguments(Map.of("id", "a1", "count", 2.0), Line.class, new Line("a1", 2), "a record"),
				arguments(Map.of("at", Date.from(NOON), "lines", List.of(Map.of("id", 1, "count", 2))), Order.class,
						new Order(NOON, List.of(new Line("1", 2)), Optional.empty()),
						"nested, what is absent is empty"),
				arguments(Map.of("day", "31.01.2030"), Formatted.class, new Formatted(LocalDate.of(2030, 1, 31)),
						"@JsonFormat wins"),
				arguments(Map.of("type", "circle", "since", Date.from(NOON)), Shape.class, new Circle(NOON),
						"@JsonTypeInfo"));
	}

	@ParameterizedTest(name = "{0} -> {1}: {2}")
	@MethodSource("refusals")
	void refusesWhatDoesNotFitWithoutLoss(@Nullable Object stored, Class<?> type, String message) {
		assertThatExceptionOfType(InvalidArgumentException.class)
			.isThrownBy(() -> this.mapper.convert(stored, this.mapper.types().constructType(type), "", "params[0]"))
			.withMessageContaining(message)
			.withMessageStartingWith("params[0]")
			.satisfies((ex) -> assertThat(ex.getField()).startsWith("params[0]"));
	}

	static Stream<Arguments> refusals() {
		return Stream.of(
				arguments(1.5, int.class, "is 1.5: expected a whole number from -2147483648 to 2147483647 (int)"),
				arguments("12", int.class, "is \"12\": expected a whole number"),
				arguments("12", int.class, "text is not converted. Give a number"),
				arguments(1L << 31, int.class, "is 2147483648: expected a whole number from"),
				arguments(Double.NaN, int.class, "is NaN: expected a whole number"),
				arguments(Double.POSITIVE_INFINITY, long.class, "expected a whole number"),
				arguments(9.3E18, long.class, "expected a whole number"),
				arguments(null, int.class, "is null: expected an int, which cannot be null. Give a value"),
				arguments(null, boolean.class, "expected a boolean, which cannot be null"),
				arguments(128, byte.class, "from -128 to 127 (byte)"),
				arguments("12", double.class, "(double); text is not"),
				arguments((1L << 53) + 1, double.class, "expected a number that a double holds without loss"),
				arguments(new BigDecimal("0.12345678901234567890"), double.class, "a double holds without loss"),
				arguments(new BigDecimal("1E400"), double.class, "a double holds without loss"),
				arguments(0.123456789012, float.class, "a float holds without loss"),
				arguments(1E300, float.class, "a float holds without loss"),
				arguments(Double.NaN, BigDecimal.class, "expected a finite number (BigDecimal)"),
				arguments(1.5, BigInteger.class, "expected a whole number (BigInteger)"),
				arguments(1, boolean.class, "expected true or false"),
				arguments("true", boolean.class, "expected true or false"),
				arguments("xy", char.class, "text of one character"),
				arguments("1-1-1-1-1", UUID.class, "expected a UUID"), arguments("?", byte[].class, "Base64 text"),
				arguments(Date.from(NOON), LocalDate.class, "is 2030-01-31T12:00:00.250Z: expected a day"),
				arguments(1893456000, Instant.class, "a number does not tell its unit"),
				arguments("2030-01-31T12:00:00", Instant.class, "ISO text such as 2030-01-31T10:15:30Z (Instant)"),
				arguments("2030-01-31T12:00:00.000000001Z", Date.class, "milliseconds (Date). Declare Instant"),
				arguments(Date.from(NOON), long.class, "(long). Give a number"),
				arguments("FUNDAY", DayOfWeek.class, "is \"FUNDAY\": expected one of MONDAY, TUESDAY"),
				arguments(1, DayOfWeek.class, "expected one of MONDAY"),
				arguments(List.of(1, 1.5), int[].class, "params[0][1] is 1.5"),
				arguments("abc", Line.class, "expected"), arguments("abc", List.class, "expected"),
				arguments(Map.of("id", "a", "count", 1.5), Line.class,
						"params[0].count is 1.5: expected a whole number"),
				arguments(Map.of("id", "a"), Line.class, "params[0].count is null: expected an int"),
				arguments(Map.of("id", "a", "cuont", 1, "count", 1), Line.class,
						"params[0].cuont is 1: expected ArgumentMapperTests.Line, which has no 'cuont' but"),
				arguments(Map.of("lines", List.of(Map.of("id", "a", "count", 1), Map.of("id", "b", "count", "2"))),
						Order.class, "params[0].lines[1].count is \"2\""),
				arguments(Map.of("percent", 101), Percent.class, "which refused it: more than 100"),
				arguments("x".repeat(500), int.class, "x".repeat(200) + "…\""));
	}

	@Test
	void nullIsEmptyWhereTheTypeIsOptional() {
		assertThat(this.mapper.convert(null, OptionalInt.class)).isEqualTo(OptionalInt.empty());
		assertThat((Object) this.mapper.convert(null, Optional.class)).isEqualTo(Optional.empty());
		assertThat(this.mapper.convert(null, String.class)).isNull();
	}

	@Test
	void treeHasTimesAsText() {
		JsonNode node = this.mapper.convert(Map.of("at", Date.from(NOON)), JsonNode.class);

		assertThat(node).hasToString("{\"at\":\"2030-01-31T12:00:00.250Z\"}");
	}

	@ParameterizedTest(name = "{0}: {2}")
	@MethodSource("storedForms")
	void storesPlainValues(Object value, Object expected, String why) {
		assertThat(this.mapper.toPlain(value)).as(why).isEqualTo(expected).hasSameClassAs(expected);
	}

	static Stream<Arguments> storedForms() {
		Instant fine = Instant.parse("2030-01-31T12:00:00.000001Z");
		return Stream.of(arguments("a", "a", "same"), arguments(1, 1, "same"), arguments(1L, 1L, "same"),
				arguments(1.5, 1.5, "same"), arguments(Double.NaN, Double.NaN, "kept"),
				arguments((short) 1, 1, "BSON has no short"), arguments((byte) 1, 1, "BSON has no byte"),
				arguments(0.1f, (double) 0.1f, "exactly"), arguments('x', "x", "text"),
				arguments(CharBuffer.wrap("x"), "x", "text"), arguments(BigInteger.TEN, 10L, "fits"),
				arguments(BigInteger.TWO.pow(70), new BigDecimal(BigInteger.TWO.pow(70)), "is no long"),
				arguments(new BigDecimal("1.50"), new BigDecimal("1.50"), "same"),
				arguments(NOON, Date.from(NOON), "milliseconds"),
				arguments(fine, "2030-01-31T12:00:00.000001Z", "more digits than a date has"),
				arguments(Instant.MAX, Instant.MAX.toString(), "beyond dates"),
				arguments(Date.from(NOON), Date.from(NOON), "same"),
				arguments(Timestamp.from(fine), "2030-01-31T12:00:00.000001Z", "more digits than a date has"),
				arguments(new java.sql.Date(MIDNIGHT.toEpochMilli()), Date.from(MIDNIGHT), "the driver knows no other"),
				arguments(LocalDate.of(2030, 1, 31), "2030-01-31", "no zone is guessed"),
				arguments(LocalDateTime.of(2030, 1, 31, 12, 0), "2030-01-31T12:00:00", "no zone is guessed"),
				arguments(OffsetDateTime.of(2030, 1, 31, 12, 0, 0, 0, ZoneOffset.ofHours(1)), "2030-01-31T12:00+01:00",
						"keeps its offset"),
				arguments(ZonedDateTime.of(2030, 1, 31, 12, 0, 0, 0, ZoneId.of("Europe/Berlin")),
						"2030-01-31T12:00+01:00[Europe/Berlin]", "keeps its zone"),
				arguments(Duration.ofSeconds(90), "PT1M30S", "ISO"), arguments(ID, ID, "same"),
				arguments(DayOfWeek.MONDAY, "MONDAY", "by name"), arguments(Locale.GERMANY, "de-DE", "Jackson's text"),
				arguments(Optional.of(NOON), Date.from(NOON), "its value"),
				arguments(new int[] { 1, 2 }, listOf(1, 2), "a list"),
				arguments(new Object[] { 1, NOON }, listOf(1, Date.from(NOON)), "a list"),
				arguments(List.of(NOON), listOf(Date.from(NOON)), "elements too"),
				arguments(Set.of((short) 1), listOf(1), "a list"),
				arguments(Map.of("a", NOON), mapOf("a", Date.from(NOON)), "values too"),
				arguments(Map.of(DayOfWeek.MONDAY, ID), mapOf("MONDAY", ID), "keys are text"),
				arguments(new Line("a", 1), mapOf("id", "a", "count", 1), "a record"),
				arguments(new Order(fine, List.of(), Optional.of(ID)),
						mapOf("at", fine.toString(), "lines", listOf(), "reference", ID), "components too"),
				arguments(new Formatted(LocalDate.of(2030, 1, 31)), mapOf("day", "31.01.2030"), "@JsonFormat wins"),
				arguments(new Nothing(), mapOf(), "an empty record"),
				arguments(new byte[] { 1 }, new byte[] { 1 }, "same"));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("roundTrips")
	void whatIsStoredIsReadBackTheSame(Object value) {
		assertThat(this.mapper.<Object>convert(this.mapper.toPlain(value), type(value))).isEqualTo(value);
	}

	static Stream<Object> roundTrips() {
		return Stream.of(0.1f, 'x', BigInteger.TWO.pow(70), NOON, Instant.MAX,
				Instant.parse("2030-01-31T12:00:00.000001Z"), LocalDate.MIN, LocalDateTime.MAX,
				OffsetDateTime.of(2030, 1, 31, 12, 0, 0, 0, ZoneOffset.ofHours(1)),
				ZonedDateTime.of(2030, 10, 27, 2, 30, 0, 0, ZoneId.of("Europe/Berlin")), Duration.ofNanos(1), ID,
				DayOfWeek.MONDAY, Locale.GERMANY, new int[] { 1 }, new long[] { Long.MIN_VALUE },
				new double[] { Double.NaN }, new Order(NOON, List.of(new Line("a", 1)), Optional.of(ID)),
				new Formatted(LocalDate.of(2030, 1, 31)), new Circle(NOON));
	}

	@SuppressWarnings("unchecked")
	private static Class<Object> type(Object value) {
		return (Class<Object>) value.getClass();
	}

	@Test
	void refusesToStoreWhatHasNothingToRead() {
		assertThatExceptionOfType(InvalidArgumentException.class)
			.isThrownBy(() -> this.mapper.toPlain(new Object(), "params[1]"))
			.withMessageStartingWith("params[1] is of Object, which cannot be stored")
			.satisfies((ex) -> assertThat(ex.getField()).isEqualTo("params[1]"));
	}

	@Test
	void refusesToStoreACircle() {
		List<Object> circle = new ArrayList<>();
		circle.add(circle);
		Map<String, Object> map = new LinkedHashMap<>();
		map.put("self", new Holder(map));

		assertThatExceptionOfType(InvalidArgumentException.class).isThrownBy(() -> this.mapper.toPlain(circle))
			.withMessageContaining("96 levels");
		assertThatExceptionOfType(InvalidArgumentException.class).isThrownBy(() -> this.mapper.toPlain(map));
	}

	@Test
	void settingsOfTheGivenMapperDoNotLoosenTheRules() {
		assertThatExceptionOfType(InvalidArgumentException.class)
			.isThrownBy(() -> new ArgumentMapper(JsonMapper.builderWithJackson2Defaults().build(), (value) -> value)
				.convert(Map.of("id", "a", "count", "1"), Line.class));
	}

	private static List<Object> listOf(Object... elements) {
		return new ArrayList<>(List.of(elements));
	}

	private static Map<String, Object> mapOf(Object... entries) {
		Map<String, Object> map = new LinkedHashMap<>();
		for (int i = 0; i < entries.length; i += 2) {
			map.put((String) entries[i], entries[i + 1]);
		}
		return map;
	}

	record Line(String id, int count) {
	}

	record Order(@Nullable Instant at, List<Line> lines, Optional<UUID> reference) {
	}

	record Formatted(@JsonFormat(pattern = "dd.MM.yyyy") LocalDate day) {
	}

	record Percent(int percent) {

		Percent {
			if (percent > 100) {
				throw new IllegalArgumentException("more than 100");
			}
		}

	}

	record Nothing() {
	}

	record Holder(Object content) {
	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
	@JsonSubTypes(@JsonSubTypes.Type(value = Circle.class, name = "circle"))
	interface Shape {

	}

	record Circle(Instant since) implements Shape {
	}

}
