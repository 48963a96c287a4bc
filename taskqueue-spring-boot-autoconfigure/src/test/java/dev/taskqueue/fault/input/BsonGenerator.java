package dev.taskqueue.fault.input;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

import dev.taskqueue.testsupport.BsonBytes.Fields;
import dev.taskqueue.testsupport.BsonBytes.Value;

/**
 * Makes values of every kind that a document may hold, in order or not. The same random
 * numbers give the same values.
 */
final class BsonGenerator {

	private static final String CANARY = "dev.taskqueue.fault.input.Canary";

	/** What somebody might evaluate, look up, or load. */
	private static final List<String> CODE = List.of("#{T(java.lang.Runtime).getRuntime().exec('id')}", "${user.home}",
			"T(" + CANARY + ").fire()", "#{canary.fire()}", "#{@canary.fire()}", CANARY, "canary", "canary.fire",
			"mongoTemplate", "taskQueue", "__proto__", "good; drop", "function() { while (true) {} }",
			"${jndi:ldap://127.0.0.1:1/a}", "rmi://127.0.0.1:1/a", "app", "%s%n%x", "../../../etc/passwd", "$queue",
			"$$ROOT", "{\"@class\":\"" + CANARY + "\"}", "[\"" + CANARY + "\", {}]", "<script>alert(1)</script>",
			"' or '1'='1", "{}", "{} {}");

	private static final List<String> TEXTS = List.of("", " ", "\t\n", "\0", "a\0b", "default", "pending", "running",
			"PENDING", "null", "true", "NaN", "1e999999999", "-1", "0x10", "9999999999999999999999",
			"2026-11-21T10:00:00Z", "P1D", "PT-5S", "99999999999d", "* * * * *", "*/0 * * * *", "0 0 30 2 *", "@reboot",
			"Europe/Berlin", "Z", "\uFEFFbom", "\u202Ertl", "e\u0301", "\uD83D\uDE00", "\uFFFD", "\u0130\u0131",
			"x".repeat(5000), "\uD83D\uDE00".repeat(700), "a".repeat(99) + "\uD83D\uDE00b",
			"a".repeat(199) + "\uD83D\uDE00b");

	private static final List<byte[]> INVALID = List.of(new byte[] { (byte) 0xFF }, new byte[] { 'a', (byte) 0xC0 },
			new byte[] { (byte) 0xED, (byte) 0xA0, (byte) 0x80 }, new byte[] { 'g', 'o', 'o', 'd', (byte) 0xE2, 0x28 },
			new byte[] { (byte) 0xF8, (byte) 0x88, (byte) 0x80, (byte) 0x80, (byte) 0x80 });

	private static final List<String> NAMES = List.of("", ".", "a.b", "$a", "$where", "$gt", "$ref", "$$", "@class",
			"@type", "__proto__", "_id", "constructor", "class", "name", "count", "value", "\u202E", "\uFEFF",
			"\uD83D\uDE00", "n".repeat(2000), " ");

	private static final List<String> DECIMALS = List.of("NaN", "Infinity", "-Infinity", "0", "-0", "1E-6176",
			"9.999999999999999999999999999999999E+6144", "-1E+6144", "0E+6111", "1", "1.5", "1E+3", "2147483648");

	private static final List<Double> DOUBLES = List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY,
			-0.0, 0.0, 1.5, -1.0, Double.MIN_VALUE, Double.MAX_VALUE, 1e18, 253_402_300_800.0, 1e100, 4294967297.0);

	private static final List<Long> LONGS = List.of(Long.MIN_VALUE, Long.MAX_VALUE, -1L, 0L, 1L,
			(long) Integer.MAX_VALUE + 1, (long) Integer.MIN_VALUE - 1, 253_402_300_800L, -62_135_596_801L,
			9_007_199_254_740_993L, 1_800_000_000_000L);

	private final Random random;

	private final Map<String, Supplier<Value>> kinds = new LinkedHashMap<>();

	BsonGenerator(Random random) {
		this.random = random;
		scalars();
		texts();
		documents();
		arrays();
	}

	/** The names of all that {@link #value(String)} makes. */
	List<String> kinds() {
		return List.copyOf(this.kinds.keySet());
	}

	/** A value of a kind, another one each time where the kind has several. */
	Value value(String kind) {
		Supplier<Value> maker = this.kinds.get(kind);
		if (maker == null) {
			throw new IllegalArgumentException(kind);
		}
		return maker.get();
	}

	String kind() {
		return pick(kinds());
	}

	<T> T pick(List<T> from) {
		return from.get(this.random.nextInt(from.size()));
	}

	boolean oneIn(int many) {
		return this.random.nextInt(many) == 0;
	}

	int below(int bound) {
		return this.random.nextInt(bound);
	}

	byte[] name() {
		return oneIn(5) ? pick(INVALID) : pick(NAMES).getBytes(StandardCharsets.UTF_8);
	}

	/** A value that is nothing but large. */
	Value large(int bytes) {
		if (oneIn(3)) {
			return Value.binary(0, new byte[bytes]);
		}
		byte[] text = new byte[bytes];
		Arrays.fill(text, (byte) 'x');
		return oneIn(2) ? Value.text(text) : Value.array(Value.text(text));
	}

	private void scalars() {
		this.kinds.put("double", () -> Value.number(pick(DOUBLES)));
		this.kinds.put("int", () -> Value
			.int32(pick(List.of(Integer.MIN_VALUE, Integer.MAX_VALUE, -1, 0, 1, this.random.nextInt()))));
		this.kinds.put("long", () -> Value.int64(pick(LONGS)));
		this.kinds.put("decimal", () -> Value.decimal(pick(DECIMALS)));
		this.kinds.put("decimal of random bits", () -> Value.decimal(this.random.nextLong(), this.random.nextLong()));
		this.kinds.put("date", () -> Value.date(pick(LONGS)));
		// never zero: the server puts its own time there
		this.kinds.put("timestamp", () -> Value.timestamp(pick(LONGS) | 1));
		this.kinds.put("boolean", () -> Value.bool(this.random.nextBoolean()));
		this.kinds.put("null", () -> Value.of(0x0A));
		this.kinds.put("undefined", () -> Value.of(0x06));
		this.kinds.put("min key", () -> Value.of(0xFF));
		this.kinds.put("max key", () -> Value.of(0x7F));
		this.kinds.put("object id", () -> Value.objectId(bytes(12)));
		this.kinds.put("pointer", () -> Value.dbPointer("crontab_jobs", bytes(12)));
		this.kinds.put("binary", () -> Value.binary(pick(List.of(0, 1, 5, 9, 128)), bytes(below(40))));
		this.kinds.put("uuid", () -> Value.binary(pick(List.of(3, 4)), bytes(16)));
		this.kinds.put("uuid of a wrong length", () -> Value.binary(pick(List.of(3, 4)), bytes(5)));
		this.kinds.put("old binary", () -> Value.binary(2, new byte[] { 2, 0, 0, 0, 7, 7 }));
		this.kinds.put("old binary of a wrong length", () -> Value.binary(2, new byte[] { 99, 0, 0, 0, 7, 7 }));
		this.kinds.put("regex",
				() -> Value.regex(pick(List.of("^g", ".*", "(a+)+$", "[", "")), pick(List.of("", "i"))));
	}

	private void texts() {
		this.kinds.put("text", () -> Value.text(pick(TEXTS)));
		this.kinds.put("code in a text", () -> Value.text(pick(CODE)));
		this.kinds.put("invalid UTF-8", () -> Value.text(pick(INVALID)));
		this.kinds.put("symbol", () -> Value.symbol(pick(CODE)));
		this.kinds.put("code", () -> Value.code(pick(CODE)));
		this.kinds.put("code with scope",
				() -> Value.codeWithScope(pick(CODE), new Fields().add("canary", Value.text(CANARY))));
	}

	private void documents() {
		this.kinds.put("empty document", () -> Value.document(new Fields()));
		this.kinds.put("document of odd names", () -> {
			Fields fields = new Fields();
			for (int i = below(4); i >= 0; i--) {
				fields.add(name(), simple());
			}
			return Value.document(fields);
		});
		this.kinds.put("duplicate keys",
				() -> Value.document(new Fields().add("a", simple()).add("a", simple()).add("b", simple())));
		this.kinds.put("operator", () -> Value.document(new Fields().add(
				pick(List.of("$gt", "$ne", "$gte", "$regex", "$exists", "$in", "$not", "$elemMatch", "$type", "$expr")),
				pick(List.of(Value.text(""), Value.of(0x0A), Value.bool(true), Value.array(Value.text("good")))))));
		this.kinds.put("$where", () -> Value.document(new Fields().add("$where", Value.code("while (true) {}"))));
		this.kinds.put("$function",
				() -> Value.document(new Fields().add("$function",
						Value.document(new Fields().add("body", Value.code("function() { while (true) {} }"))
							.add("args", Value.array())
							.add("lang", Value.text("js"))))));
		this.kinds
			.put("polymorphic document",
					() -> Value.document(new Fields()
						.add(pick(List.of("@class", "@type", "class", "$type", "type")), Value.text(CANARY))
						.add("name", Value.text("x"))
						.add("count", Value.int32(1))));
		this.kinds.put("record",
				() -> Value.document(new Fields().add("name", Value.text(pick(CODE))).add("count", simple())));
		this.kinds.put("database reference",
				() -> Value.document(new Fields().add("$ref", Value.text("crontab_jobs"))
					.add("$id", Value.int32(1))
					.add("$db", Value.text("admin"))));
		this.kinds.put("deep document", () -> nested(20 + below(150), false));
	}

	private void arrays() {
		this.kinds.put("empty array", Value::array);
		this.kinds.put("array of anything", () -> {
			List<Value> elements = new ArrayList<>();
			for (int i = below(4); i >= 0; i--) {
				elements.add(simple());
			}
			return Value.array(elements.toArray(Value[]::new));
		});
		this.kinds.put("polymorphic array",
				() -> Value.array(
						Value.text(pick(List.of(CANARY, "java.lang.ProcessBuilder",
								"org.springframework.context.support.ClassPathXmlApplicationContext"))),
						Value.document(new Fields().add("name", Value.text("x")))));
		this.kinds.put("array in an array", () -> Value.array(Value.array(simple()), Value.array()));
		this.kinds.put("array of dates", () -> Value.array(Value.date(pick(LONGS)), Value.date(0)));
		this.kinds.put("deep array", () -> nested(20 + below(150), true));
	}

	/** Any value but one that holds others. */
	private Value simple() {
		List<String> names = kinds().subList(0, kinds().indexOf("empty document"));
		return value(pick(names));
	}

	private Value nested(int levels, boolean arrays) {
		Value value = Value.text("the bottom");
		for (int i = 0; i < levels; i++) {
			value = arrays ? Value.array(value) : Value.document(new Fields().add("a", value));
		}
		return value;
	}

	private byte[] bytes(int count) {
		byte[] bytes = new byte[count];
		this.random.nextBytes(bytes);
		return bytes;
	}

}
