package dev.taskqueue.crontab;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import dev.taskqueue.crontab.CrontabSettings.Validation;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import dev.taskqueue.testsupport.OwnMongoServer;
import org.awaitility.Awaitility;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

@ExtendWith(OutputCaptureExtension.class)
@Tag("outage")
class RowValidatorIT {

	private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

	private static final int MINUTE = Crontab.epoch(NOW);

	private static final List<String> RECURRING = List.of("cron", "every", "zone", "start_time", "end_time", "misfire",
			"while_running");

	private static final List<String> OPTIONAL = List.of("params", "kwargs", "queue", "priority", "max_attempts",
			"timeout", "expires_in", "unique_key", "enabled");

	private final MongoDatabase raw = MongoServer.freshDatabase();

	private final Crontab crontab = new Crontab(this.raw);

	private final MongoCollection<Document> rows = this.raw.getCollection("crontab_jobs");

	@AfterEach
	void drop() {
		MongoServer.drop(this.raw);
	}

	static Stream<Arguments> goodRows() {
		Document row = new Document("function", "f").append("time", MINUTE).append("is_done", false);
		Stream<Document> changes = Stream.of(new Document(), new Document("time", (long) MINUTE),
				new Document("time", MINUTE + 0.5), new Document("time", new Decimal128(MINUTE)),
				new Document("time", Date.from(NOW)), new Document("name", "SQL run").append("x_id", List.of(1)),
				new Document("params", List.of("app", "42", 3)), new Document("params", List.of()),
				new Document("kwargs", new Document("to", "ann@example.org").append("count", 1)),
				new Document("is_done", true), new Document("enabled", false), new Document("queue", "mail"),
				new Document("priority", -5), new Document("priority", 5.0),
				new Document("priority", new Decimal128(7)), new Document("max_attempts", 5L),
				new Document("timeout", 90), new Document("timeout", 0), new Document("timeout", 0.25),
				new Document("timeout", "90s"), new Document("expires_in", "PT5M"),
				new Document("expires_in", new Decimal128(60)), new Document("cron", "*/5 * * * mon-fri"),
				new Document("cron", "@daily").append("zone", "Europe/Berlin"), new Document("every", "1h30m"),
				new Document("every", 30),
				new Document("every", "30s").append("start_time", MINUTE).append("end_time", Date.from(NOW)),
				new Document("misfire", "once"), new Document("misfire", "all"), new Document("misfire", "skip"),
				new Document("while_running", "run"), new Document("while_running", "skip"),
				new Document("while_running", "queue"), new Document("while_running", "cancel"),
				new Document("unique_key", "report:42"), new Document("create_at", Date.from(NOW)));
		Stream<Document> nulls = Stream.concat(RECURRING.stream(), OPTIONAL.stream())
			.map((field) -> new Document(field, null));
		return Stream.concat(changes, nulls).map((change) -> Arguments.of(change, merged(row, change)));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("goodRows")
	void takesEachShapeOfAGoodRow(Document change, Document row) {
		prepare(Validation.ERROR);

		this.rows.insertOne(new Document(row));

		assertThat(this.rows.countDocuments()).isEqualTo(1);
	}

	static Stream<Arguments> badRows() {
		return Stream.concat(
				Stream.of("function", "time", "is_done")
					.map((field) -> Arguments.of(field, "no field", without(Rows.row(MINUTE), field))),
				Stream
					.of(bad("function", 7, "", " ", List.of("f"), null), bad("params", "42", 5, new Document("a", 1)),
							bad("kwargs", "a", List.of(1)),
							bad("time", "noon", List.of(MINUTE), List.of(), MINUTE * 1000L, Double.NaN,
									Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Decimal128.NaN,
									Decimal128.POSITIVE_INFINITY, true, null),
							bad("is_done", 0, "false", null), bad("cron", 5, "", List.of("* * * * *")),
							bad("every", true, List.of(30), -1), bad("zone", 2, ""),
							bad("start_time", "noon", List.of(MINUTE), Double.NaN), bad("end_time", "noon", true),
							bad("misfire", "maybe", 1), bad("while_running", "maybe", true), bad("queue", 5, ""),
							bad("priority", "high", 1.5, Double.NaN, 1e12), bad("max_attempts", 0, -1, 1.5, "3"),
							bad("timeout", -1, Double.NaN, true, List.of(1)), bad("expires_in", -1, true),
							bad("unique_key", 42), bad("enabled", "yes", 1))
					.flatMap((some) -> some));
	}

	@ParameterizedTest(name = "{0}: {1}")
	@MethodSource("badRows")
	void refusesABadRowAndNamesFieldAndRemedy(String field, Object value, Document row) {
		prepare(Validation.ERROR);

		MongoWriteException refusal = catchThrowableOfType(MongoWriteException.class, () -> this.rows.insertOne(row));

		assertThat(refusal).isNotNull();
		assertThat(refusal.getError().getCode()).isEqualTo(121);
		String details = refusal.getError().getDetails().toJson();
		assertThat(details).contains(RowSchema.TITLE).contains(field);
		if (row.containsKey(field)) {
			assertThat(details).contains("'" + field + "' must be ");
		}
	}

	@Test
	void takesBadRowsWhereOnlyAWarningIsWanted() {
		prepare(Validation.WARN);

		this.rows.insertOne(Rows.row("noon").append("params", 5));

		assertThat(options()).containsEntry("validationAction", "warn").containsEntry("validationLevel", "moderate");
	}

	@Test
	void marksPassOnRowsThatWereBadBeforeAndOnGoodOnes() {
		Object late = this.crontab.insert(Rows.row(MINUTE - 200_000).append("timeout", "90s"));
		Object bad = this.crontab.insert(Rows.row(MINUTE).append("params", 5));
		Object never = this.crontab.insert(Rows.row("noon"));
		prepare(Validation.ERROR);
		Object good = this.crontab.insert(Rows.row(MINUTE));
		Object lost = this.crontab.insert(Rows.row(MINUTE).append("function", "nobody_knows"));

		Crontab.rounds(this.crontab.scheduler(new MovableClock(NOW)));

		assertThat(this.crontab.error(late)).containsEntry("field", "time");
		assertThat(this.crontab.error(bad)).containsEntry("field", "params");
		assertThat(this.crontab.error(never)).containsEntry("field", "time");
		assertThat(this.crontab.error(lost)).containsEntry("field", "function");
		assertThat(this.crontab.row(good)).containsEntry("is_done", true).containsKeys("job_id", "last_time");
		this.crontab.update(bad, "{$set: {params: [1, 2, 3]}}");
		this.crontab.update(lost, "{$set: {function: 'sql_execute_now'}}");
		Crontab.rounds(this.crontab.scheduler(new MovableClock(NOW.plusSeconds(60))));
		assertThat(this.crontab.row(bad)).containsEntry("is_done", true).doesNotContainKey("error");
		assertThat(this.crontab.row(lost)).containsEntry("is_done", true).doesNotContainKey("error");
	}

	@Test
	void neverRefusesAOneTimeRowThatTheReaderTakes() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		RowReader reader = new RowReader(Rows.FUNCTIONS, (function) -> true, this.crontab.settings);
		List<Document> taken = Stream.generate(() -> randomRow(random))
			.limit(5000)
			.filter((row) -> !(reader.read(row, 0, NOW) instanceof Reading.Bad)
					&& !(reader.read(row, 0, NOW) instanceof Reading.Left))
			.toList();
		this.rows.insertMany(taken);

		List<Document> refused = this.rows.find(new Document("$nor", List.of(RowSchema.validator())))
			.into(new ArrayList<>());

		assertThat(taken).as("seed " + seed).hasSizeGreaterThan(100);
		assertThat(refused).as("seed " + seed).isEmpty();
	}

	@Test
	void createsTheCollectionWhereThereIsNone() {
		this.rows.drop();

		prepare(Validation.ERROR);

		assertThat(options()).containsEntry("validationAction", "error");
	}

	@Test
	void anotherSettingChangesOnlyWhatIsOurs() {
		prepare(Validation.WARN);
		prepare(Validation.ERROR);
		assertThat(options()).containsEntry("validationAction", "error");

		prepare(Validation.OFF);

		assertThat(options()).containsEntry("validationAction", "error").containsKey("validator");
	}

	@Test
	void renewsTheValidatorOfAnotherVersion() {
		this.raw.runCommand(new Document("collMod", "crontab_jobs").append("validator", new Document("$jsonSchema",
				new Document("title", RowSchema.TITLE).append("required", List.of("old")))));

		prepare(Validation.ERROR);

		this.rows.insertOne(Rows.row(MINUTE));
		assertThat(this.rows.countDocuments()).isEqualTo(1);
	}

	@Test
	void leavesTheValidatorOfAnotherAloneAndSaysSoOnce(CapturedOutput output) {
		Document theirs = Document.parse("{$and: [{name: {$type: 'string'}}]}");
		this.raw.runCommand(new Document("collMod", "crontab_jobs").append("validator", theirs));
		RowValidator validator = new RowValidator(this.crontab.database, Validation.ERROR);

		validator.prepare();
		validator.prepare();

		assertThat(options().get("validator")).isEqualTo(theirs);
		assertThat(output).containsOnlyOnce("'crontab_jobs' has a validator that is not ours");
	}

	@Test
	void sendsNothingWhereItIsInPlaceAlready() {
		prepare(Validation.ERROR);
		Document before = options();
		this.raw.runCommand(new Document("profile", 2));

		prepare(Validation.ERROR);

		this.raw.runCommand(new Document("profile", 0));
		assertThat(options()).isEqualTo(before);
		assertThat(this.raw.getCollection("system.profile")
			.countDocuments(new Document("command.collMod", "crontab_jobs"))).isZero();
	}

	@Test
	void severalNodesThatStartTogetherAgree() throws Exception {
		this.rows.drop();
		ExecutorService nodes = Executors.newFixedThreadPool(8);
		CountDownLatch start = new CountDownLatch(1);
		List<Future<?>> prepared = new ArrayList<>();
		for (int node = 0; node < 8; node++) {
			RowValidator validator = new RowValidator(this.crontab.database, Validation.ERROR);
			prepared.add(nodes.submit(() -> {
				start.await();
				validator.prepare();
				validator.prepare();
				return null;
			}));
		}

		start.countDown();

		for (Future<?> node : prepared) {
			node.get(30, TimeUnit.SECONDS);
		}
		nodes.shutdown();
		assertThat(options()).containsEntry("validationAction", "error");
		assertThatExceptionOfType(MongoWriteException.class).isThrownBy(() -> this.rows.insertOne(Rows.row("noon")));
	}

	@Test
	void whoMayNotSetItSaysSoOnceWithTheCommandAndGoesOn(CapturedOutput output) throws Exception {
		try (OwnMongoServer server = MongoServer.startOwn(true);
				MongoClient client = MongoClients.create(server.uri())) {
			Crontab own = new Crontab(client.getDatabase("denied"));
			own.settings = new CrontabSettings(1000, null, 1, 1_000_000, ZoneOffset.UTC, Duration.ofMillis(100),
					Validation.ERROR);
			client.getDatabase("admin")
				.runCommand(Document.parse("{configureFailPoint: 'failCommand', mode: 'alwaysOn', "
						+ "data: {failCommands: ['collMod'], errorCode: 13}}"));
			Object row = own.insert(Rows.row(MINUTE - 1_000_000));
			CrontabScheduler scheduler = own.scheduler(Clock.systemUTC());
			Thread loop = new Thread(scheduler::run);

			loop.start();

			Awaitility.await().until(() -> Boolean.TRUE.equals(own.row(row).get("is_done")));
			scheduler.stop();
			loop.join(5000);
			assertThat(output).containsOnlyOnce("The validator of 'crontab_jobs' cannot be set");
			client.getDatabase("admin").runCommand(Document.parse("{configureFailPoint: 'failCommand', mode: 'off'}"));
			client.getDatabase("denied").runCommand(BsonDocument.parse(printedCommand(output)));
			assertThatExceptionOfType(MongoWriteException.class)
				.isThrownBy(() -> own.insert(Rows.row("noon").append("_id", new ObjectId())));
		}
	}

	@Test
	void whatIsOnlyPassingIsTriedAgain(CapturedOutput output) {
		try (OwnMongoServer server = MongoServer.startOwn(true);
				MongoClient client = MongoClients.create(server.uri())) {
			TaskQueueDatabase database = new Crontab(client.getDatabase("busy")).database;
			client.getDatabase("admin")
				.runCommand(Document.parse("{configureFailPoint: 'failCommand', mode: {times: 1}, "
						+ "data: {failCommands: ['collMod'], errorCode: 12587}}"));
			RowValidator validator = new RowValidator(database, Validation.ERROR);

			validator.prepare();
			validator.prepare();

			assertThat(output).doesNotContain("cannot be set");
			assertThatExceptionOfType(MongoWriteException.class)
				.isThrownBy(() -> database.crontab().insertOne(Rows.row("noon")));
		}
	}

	private void prepare(Validation validation) {
		new RowValidator(this.crontab.database, validation).prepare();
	}

	private Document options() {
		Document collection = this.raw.listCollections().filter(new Document("name", "crontab_jobs")).first();
		return Objects.requireNonNull(collection).get("options", Document.class);
	}

	private static String printedCommand(CapturedOutput output) {
		String text = output.getOut();
		int begin = text.indexOf("db.runCommand(") + "db.runCommand(".length();
		return text.substring(begin, text.indexOf('\n', begin)).replaceAll("\\)\\s*$", "");
	}

	private static Stream<Arguments> bad(String field, @Nullable Object... values) {
		return Stream.of(values)
			.map((value) -> Arguments.of(field, String.valueOf(value), Rows.row(MINUTE).append(field, value)));
	}

	private static Document randomRow(Random random) {
		List<Object> values = new ArrayList<>(List.of("", " ", "f", "90s", "once", "skip", "* * * * *", 0, 1, -1, 1.5,
				90L, new Decimal128(3), 1e12, MINUTE, Double.NaN, true, false, List.of(), List.of(1, 2, 3),
				new Document("a", 1), Date.from(NOW)));
		values.add(null);
		Document row = Rows.row(MINUTE).append("_id", new ObjectId());
		for (int i = random.nextInt(3); i >= 0; i--) {
			List<String> fields = random.nextBoolean() ? OPTIONAL : RECURRING;
			String field = fields.get(random.nextInt(fields.size()));
			row.append(random.nextInt(8) == 0 ? "time" : field, values.get(random.nextInt(values.size())));
		}
		return row;
	}

	private static Document merged(Document row, Document change) {
		Document merged = new Document(row);
		merged.putAll(change);
		return merged;
	}

	private static Document without(Document row, String field) {
		row.remove(field);
		return row;
	}

}
