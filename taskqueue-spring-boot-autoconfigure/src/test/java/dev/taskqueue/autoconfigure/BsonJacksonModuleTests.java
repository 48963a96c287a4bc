package dev.taskqueue.autoconfigure;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;

import org.bson.BsonBinarySubType;
import org.bson.BsonRegularExpression;
import org.bson.BsonTimestamp;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.Binary;
import org.bson.types.Code;
import org.bson.types.Decimal128;
import org.bson.types.MinKey;
import org.bson.types.ObjectId;
import org.bson.types.Symbol;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.AsyncJobScanner;
import dev.taskqueue.function.InvalidArgumentException;
import dev.taskqueue.function.JobFunction;
import dev.taskqueue.store.BsonValues;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.mockito.Mockito.mock;

/**
 * What BSON has becomes text, its own type and Java's counterpart, at every depth.
 */
class BsonJacksonModuleTests {

	private static final ObjectId OID = new ObjectId("65f0a1b2c3d4e5f60718293a");

	private static final Decimal128 PRICE = Decimal128.parse("19.90");

	private static final byte[] HI = "hi".getBytes(StandardCharsets.UTF_8);

	private static final UUID ID = UUID.fromString("123e4567-e89b-42d3-a456-426614174000");

	private static final Binary ID_BINARY = new Binary(BsonBinarySubType.UUID_STANDARD,
			HexFormat.of().parseHex("123e4567e89b42d3a456426614174000"));

	private static final Instant NOON = Instant.parse("2030-01-31T12:00:00.250Z");

	private static final Document ADDRESS = new Document("street", "Main").append("owner", OID)
		.append("rent", PRICE)
		.append("since", Date.from(NOON));

	private static final String ADDRESS_JSON = "{\"street\":\"Main\",\"owner\":\"65f0a1b2c3d4e5f60718293a\","
			+ "\"rent\":19.90,\"since\":\"2030-01-31T12:00:00.250Z\"}";

	private final ArgumentMapper mapper = new ArgumentMapper(
			JsonMapper.builder().addModule(new BsonJacksonModule()).build(), BsonValues::toPlain);

	@ParameterizedTest(name = "{0}: {1} -> {2}")
	@MethodSource("conversions")
	void convertsWhatBsonHas(String bsonType, Object stored, Class<?> type, Object expected) {
		assertThat(this.mapper.convert(stored, type)).as(bsonType).isEqualTo(expected).hasSameClassAs(expected);
	}

	static Stream<Arguments> conversions() {
		return Stream.of(arguments("ObjectId", OID, String.class, "65f0a1b2c3d4e5f60718293a"),
				arguments("ObjectId", OID, ObjectId.class, OID),
				arguments("ObjectId", OID, Object.class, "65f0a1b2c3d4e5f60718293a"),
				arguments("string", OID.toHexString(), ObjectId.class, OID),
				arguments("Decimal128", PRICE, String.class, "19.90"),
				arguments("Decimal128", PRICE, Decimal128.class, PRICE),
				arguments("Decimal128", PRICE, BigDecimal.class, new BigDecimal("19.90")),
				arguments("Decimal128", PRICE, double.class, 19.9),
				arguments("Decimal128", Decimal128.parse("3"), int.class, 3),
				arguments("Decimal128", Decimal128.NaN, Decimal128.class, Decimal128.NaN),
				arguments("Decimal128", Decimal128.NaN, double.class, Double.NaN),
				arguments("Decimal128", PRICE, Object.class, new BigDecimal("19.90")),
				arguments("double", 0.1, Decimal128.class, Decimal128.parse("0.1")),
				arguments("int", 5, Decimal128.class, Decimal128.parse("5")),
				arguments("Binary", new Binary(HI), String.class, "aGk="),
				arguments("Binary", new Binary(HI), Binary.class, new Binary(HI)),
				arguments("Binary", new Binary(HI), byte[].class, HI),
				arguments("string", "aGk=", Binary.class, new Binary(HI)),
				arguments("UUID", ID_BINARY, String.class, ID.toString()), arguments("UUID", ID_BINARY, UUID.class, ID),
				arguments("UUID", ID_BINARY, Binary.class, ID_BINARY),
				arguments("UUID as the driver may give it", ID, Binary.class, ID_BINARY),
				arguments("UUID as the driver may give it", ID, UUID.class, ID),
				arguments("Int64", 42L, String.class, "42"), arguments("Int64", 42L, Long.class, 42L),
				arguments("Int64", 42L, int.class, 42), arguments("Int32", 42, long.class, 42L),
				arguments("Int64", 42L, BigDecimal.class, new BigDecimal("42")),
				arguments("date", Date.from(NOON), String.class, "2030-01-31T12:00:00.250Z"),
				arguments("date", Date.from(NOON), Date.class, Date.from(NOON)),
				arguments("date", Date.from(NOON), Instant.class, NOON),
				arguments("date", Date.from(NOON), LocalDateTime.class, LocalDateTime.ofInstant(NOON, ZoneOffset.UTC)),
				arguments("date", Date.from(NOON), OffsetDateTime.class, NOON.atOffset(ZoneOffset.UTC)),
				arguments("date", Date.from(NOON), ZonedDateTime.class, NOON.atZone(ZoneOffset.UTC)),
				arguments("document", ADDRESS, String.class, ADDRESS_JSON),
				arguments("document", ADDRESS, Document.class, ADDRESS),
				arguments("document", ADDRESS, Bson.class, ADDRESS),
				arguments("document", ADDRESS, Address.class, new Address("Main", OID, PRICE, NOON)),
				arguments("document", ADDRESS, TextAddress.class,
						new TextAddress("Main", OID.toHexString(), new BigDecimal("19.90"),
								"2030-01-31T12:00:00.250Z")),
				arguments("document", new Document("id", OID), Map.class,
						new LinkedHashMap<>(Map.of("id", OID.toHexString()))),
				arguments("array", List.of(OID), List.class, new ArrayList<>(List.of(OID.toHexString()))),
				arguments("array", List.of(OID), ObjectId[].class, new ObjectId[] { OID }),
				arguments("timestamp", new BsonTimestamp(5, 1), BsonTimestamp.class, new BsonTimestamp(5, 1)),
				arguments("timestamp", new BsonTimestamp(5, 1), Instant.class, Instant.ofEpochSecond(5)),
				arguments("symbol", new Symbol("x"), String.class, "x"),
				arguments("symbol", new Symbol("x"), Symbol.class, new Symbol("x")),
				arguments("code", new Code("x"), String.class, "x"),
				arguments("regular expression", new BsonRegularExpression("a+"), String.class, "a+"),
				arguments("min key", new MinKey(), MinKey.class, new MinKey()));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("nested")
	void convertsInsideGenerics(String function, List<?> params, Object expected) throws Exception {
		try (AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(Jobs.class)) {
			JobFunction found = Objects.requireNonNull(
					new AsyncJobScanner(application, this.mapper, DurationStyle::detectAndParse).scan().find(function));
			assertThat(found.bind(params, Map.of(), mock(JobContext.class)).invoke()).isEqualTo(expected);
		}
	}

	static Stream<Arguments> nested() {
		return Stream.of(arguments("ids", List.of(List.of(OID, OID.toHexString())), List.of(OID, OID)),
				arguments("prices", List.of(new Document("a", PRICE)), Map.of("a", PRICE)),
				arguments("documents", List.of(List.of(ADDRESS)), List.of(ADDRESS)),
				arguments("document", List.of(ADDRESS), ADDRESS), arguments("id", List.of(OID), OID),
				arguments("plain", List.of(ADDRESS), Map.of("street", "Main", "owner", OID.toHexString(), "rent",
						new BigDecimal("19.90"), "since", Date.from(NOON))),
				arguments("address", List.of(ADDRESS), ADDRESS));
	}

	@ParameterizedTest(name = "{0} -> {1}")
	@MethodSource("refusals")
	void refusesWhatDoesNotFit(Object stored, Class<?> type, String message) {
		assertThatExceptionOfType(InvalidArgumentException.class).isThrownBy(() -> this.mapper.convert(stored, type))
			.withMessageContaining(message);
	}

	static Stream<Arguments> refusals() {
		return Stream.of(
				arguments("abc", ObjectId.class, "is \"abc\": expected ObjectId (expected 24 hexadecimal digits)"),
				arguments(Decimal128.parse("1.5"), int.class, "is 1.5: expected a whole number"),
				arguments(Decimal128.NaN, BigDecimal.class, "is NaN: expected a finite number"),
				arguments(Decimal128.parse("1E6144"), long.class, "expected a whole number"),
				arguments(Decimal128.parse("1E6144"), double.class, "a double holds without loss"),
				arguments(OID, int.class, "is 65f0a1b2c3d4e5f60718293a: expected a whole number"),
				arguments(new Document("street", "Main").append("owner", 5), Address.class, "result.owner is 5"));
	}

	@Test
	void keepsTypesOfBsonThatAreToBeStored() {
		assertThat(this.mapper.toPlain(OID)).isSameAs(OID);
		assertThat(this.mapper.toPlain(PRICE)).isSameAs(PRICE);
		assertThat(this.mapper.toPlain(new MinKey())).isEqualTo(new MinKey());
		assertThat(this.mapper.toPlain(ADDRESS)).isEqualTo(ADDRESS);
		assertThat(this.mapper.toPlain(new Address("Main", OID, PRICE, NOON))).isEqualTo(ADDRESS);
		assertThat(this.mapper.toPlain(Map.of(1, List.of(OID)))).isEqualTo(Map.of("1", List.of(OID)));
	}

	record Address(String street, ObjectId owner, @Nullable Decimal128 rent, @Nullable Instant since) {
	}

	record TextAddress(String street, String owner, BigDecimal rent, String since) {
	}

	static class Jobs {

		@AsyncJob
		public List<ObjectId> ids(List<ObjectId> ids) {
			return ids;
		}

		@AsyncJob
		public Map<String, Decimal128> prices(Map<String, Decimal128> prices) {
			return prices;
		}

		@AsyncJob
		public List<Document> documents(List<Document> documents) {
			return documents;
		}

		@AsyncJob
		public Document document(Document document) {
			return document;
		}

		@AsyncJob
		public ObjectId id(ObjectId id) {
			return id;
		}

		@AsyncJob
		public Map<String, Object> plain(Map<String, Object> document) {
			return document;
		}

		@AsyncJob
		public Address address(Address address) {
			return address;
		}

	}

}
