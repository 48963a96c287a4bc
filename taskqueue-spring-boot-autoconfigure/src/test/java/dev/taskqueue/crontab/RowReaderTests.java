package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.bson.BsonTimestamp;
import org.bson.Document;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class RowReaderTests {

	static final Instant NOW = Instant.parse("2026-11-21T10:00:30Z");

	static final int MINUTE = (int) Instant.parse("2026-11-21T10:00:00Z").getEpochSecond();

	private final RowReader reader = new RowReader(Rows.FUNCTIONS, Set.of("elsewhere")::contains,
			CrontabSettings.defaults());

	@ParameterizedTest
	@MethodSource("times")
	void readsEachTypeOfTime(Object time) {
		assertThat(reading(time).slots()).containsExactly(Instant.ofEpochSecond(MINUTE));
	}

	static Stream<Object> times() {
		return Stream.of(MINUTE, (long) MINUTE, (double) MINUTE, new Decimal128(MINUTE), date(MINUTE));
	}

	@Test
	void takesWhatTheRowLeavesOpenFromTheFunctionThenFromTheSettings() {
		Row row = due(Rows.row(MINUTE).append("_id", 1));

		assertThat(row.queue()).isEqualTo("sql");
		assertThat(row.priority()).isEqualTo(7);
		assertThat(row.maxAttempts()).isEqualTo(1);
		assertThat(row.timeout()).isNull();
	}

	@Test
	void makesTheJobThatTheRowAsksFor() {
		Document document = Rows.row(MINUTE)
			.append("_id", 5)
			.append("params", List.of("app"))
			.append("kwargs", new Document("id", "42").append("count", 3))
			.append("queue", "slow")
			.append("priority", 2.0)
			.append("max_attempts", 3L)
			.append("timeout", "90s")
			.append("expires_in", 60);

		Document job = due(document).toJob(new Slot(Instant.ofEpochSecond(MINUTE), "id"), NOW);

		assertThat(job).isEqualTo(new Document("_id", "id").append("function", "sql_execute_now")
			.append("params", List.of("app"))
			.append("kwargs", new Document("id", "42").append("count", 3))
			.append("queue", "slow")
			.append("priority", 2)
			.append("state", "pending")
			.append("run_at", date(MINUTE))
			.append("created_at", Date.from(NOW))
			.append("max_attempts", 3)
			.append("timeout_ms", 90_000L)
			.append("expires_at", date(MINUTE + 60))
			.append("origin", new Document("row", 5).append("time", date(MINUTE)).append("name", "SQL run")));
	}

	@Test
	void rowWithoutParamsHasNone() {
		Document row = Rows.row(MINUTE)
			.append("_id", 1)
			.append("kwargs", new Document("a", 1).append("b", 2).append("c", 3));
		row.remove("params");

		assertThat(due(row).params()).isEmpty();
	}

	@Test
	void nameOfAnotherTypeIsNoFault() {
		assertThat(due(Rows.row(MINUTE).append("_id", 1).append("name", 5)).name()).isNull();
	}

	@Test
	void functionOfAnotherWorkerIsDispatchedUnchecked() {
		Document row = Rows.row(MINUTE).append("_id", 1).append("function", "elsewhere").append("params", List.of());

		assertThat(due(row).queue()).isEqualTo("default");
	}

	@Test
	void functionThatNobodyKnowsIsWaitedFor() {
		Reading reading = this.reader.read(Rows.row(MINUTE).append("_id", 1).append("function", "send_mial"), 0, NOW);

		assertThat(reading).isInstanceOfSatisfying(Reading.Bad.class, (bad) -> {
			assertThat(bad.error().field()).isEqualTo("function");
			assertThat(bad.error().isWaiting()).isTrue();
			assertThat(bad.error().message()).contains("'send_mial'", "no live worker knows", "start a worker");
		});
	}

	@Test
	void leavesAloneWhatIsDoneOrPausedOrNotOurs() {
		for (Object isDone : new Object[] { true, "false", 0, new Document() }) {
			assertThat(this.reader.read(Rows.row("x").append("is_done", isDone), 0, NOW)).isEqualTo(new Reading.Left());
		}
		assertThat(this.reader.read(new Document("time", "x"), 0, NOW)).isEqualTo(new Reading.Left());
		assertThat(this.reader.read(Rows.row("x").append("enabled", false), 0, NOW)).isEqualTo(new Reading.Left());
	}

	@Test
	void rowOfTheFutureIsJudgedByItsShapeOnly() {
		Document row = Rows.row(MINUTE + 60).append("_id", 1).append("function", "not_yet_there");

		assertThat(this.reader.read(row, 0, NOW)).isEqualTo(new Reading.Ahead(null));
		assertThat(this.reader.read(row.append("params", "x"), 0, NOW)).isInstanceOf(Reading.Bad.class);
	}

	@Test
	void rowTooLateIsNotRunAndSaysHowLateItIs() {
		RowError error = bad(Rows.row(MINUTE - 2 * 86_400 - 3600));

		assertThat(error.field()).isEqualTo("time");
		assertThat(error.message()).contains("2026-11-19T09:00:00Z", "2d 1h30s late", "max-lateness (1d)",
				"Set 'time' anew");
	}

	@Test
	void noHighestLatenessRunsAnyRow() {
		CrontabSettings settings = Crontab.settings(1000, null, Duration.ofSeconds(5));

		Reading reading = new RowReader(Rows.FUNCTIONS, (name) -> false, settings)
			.read(Rows.row(86_400).append("_id", 1), 0, NOW);

		assertThat(reading).isInstanceOf(Reading.Due.class);
	}

	@Test
	void sameErrorIsNotWrittenAgainThoughTheLatenessGrows() {
		Document row = Rows.row(MINUTE - 2 * 86_400);
		row.append("error", bad(row).toDocument(NOW));

		Reading later = this.reader.read(row, 0, NOW.plusSeconds(60));

		assertThat(((Reading.Bad) later).error().isStoredIn(row)).isTrue();
		assertThat(bad(row.append("time", 5)).isStoredIn(row)).isFalse();
	}

	@Test
	void longValuesAreCutInTheError() {
		RowError error = bad(Rows.row(MINUTE).append("params", "x".repeat(1_000_000)));

		assertThat(error.message()).hasSizeLessThan(400);
		assertThat(error.value()).asString().hasSizeLessThan(600);
	}

	@ParameterizedTest(name = "{0}: {1}")
	@MethodSource("malformed")
	void malformedFieldGetsAnErrorThatNamesIt(String field, Object value) {
		Document row = Rows.row(MINUTE).append("_id", 1).append(field, value);

		RowError error = bad(row);

		assertThat(error.field()).isEqualTo(field);
		assertThat(error.message()).contains(field).contains("xpected", ". ");
	}

	@Test
	void missingFieldsAreCalledMissing() {
		for (String field : List.of("function", "time")) {
			Document row = Rows.row(MINUTE);
			row.remove(field);

			assertThat(bad(row).message()).contains("field '" + field + "' is missing");
		}
	}

	static Stream<Arguments> malformed() {
		Map<String, List<Object>> cases = Map.of( //
				"time",
				List.of("10:00", Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, List.of(MINUTE),
						List.of(), new Document("a", 1), true, new ObjectId(), new BsonTimestamp(1, 1), Decimal128.NaN,
						Decimal128.POSITIVE_INFINITY, MINUTE * 1000L, Date.from(Instant.ofEpochMilli(Long.MAX_VALUE)),
						Long.MIN_VALUE),
				"function", List.of("", " ", 5, List.of("a"), new Document()), //
				"params", List.of("x", 5, new Document("0", "a"), true), //
				"kwargs",
				List.of("x", List.of(), 5, new Document("a.b", 1), new Document("", 1), new Document("1a", 1)), //
				"queue", List.of("", 5, List.of("a")), //
				"priority", List.of("high", 1.5, Double.NaN, 1e12, true), //
				"max_attempts", List.of(0, -1, "3", 1.5, Double.POSITIVE_INFINITY), //
				"timeout", List.of(-1, "-5s", "90", "soon", Double.NaN, 1e300, List.of(), Decimal128.NaN), //
				"expires_in", List.of(0, "0s", -1, "x"), //
				"enabled", List.of("false", 0));
		Map<String, List<Object>> recurring = Map.of("cron",
				List.of(5, "", "* * * *", List.of("* * * * *"), true, "@evry 5m", "@every", "@every 10ms"), //
				"every", List.of("", "soon", "30", 0, -5, 0.5, Double.NaN, "10ms", List.of("30s"), "-1h", true), //
				"zone", List.of("", "Mars/Base", 5, List.of("UTC"), "europe/berlin"), //
				"start_time", List.of("tomorrow", Double.NaN, List.of(MINUTE), true, MINUTE * 1000L), //
				"end_time", List.of("tomorrow", Double.NaN, List.of(MINUTE), true, new Document()), //
				"unique_key", List.of("", " ", 5, List.of("k"), true), //
				"misfire", List.of("twice", 5, "ONCE", List.of("all"), true), //
				"while_running", List.of("maybe", "SKIP", 5, true));
		return Stream.concat(cases.entrySet().stream(), recurring.entrySet().stream())
			.flatMap((entry) -> entry.getValue().stream().map((value) -> arguments(entry.getKey(), value)));
	}

	private static Date date(long second) {
		return Date.from(Instant.ofEpochSecond(second));
	}

	private Reading.Due reading(Object time) {
		return (Reading.Due) this.reader.read(Rows.row(time).append("_id", 1), 0, NOW);
	}

	private Row due(Document row) {
		Reading reading = this.reader.read(row, 0, NOW);
		assertThat(reading).isInstanceOf(Reading.Due.class);
		return ((Reading.Due) reading).row();
	}

	private RowError bad(Document row) {
		Reading reading = this.reader.read(row, 0, NOW);
		assertThat(reading).isInstanceOf(Reading.Bad.class);
		return ((Reading.Bad) reading).error();
	}

}
