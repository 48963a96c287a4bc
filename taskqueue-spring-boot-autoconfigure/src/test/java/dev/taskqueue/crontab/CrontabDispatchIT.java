package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.CreateCollectionOptions;
import com.mongodb.client.model.IndexOptions;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.testsupport.BsonBytes;
import dev.taskqueue.testsupport.BsonBytes.Fields;
import dev.taskqueue.testsupport.BsonBytes.Value;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import org.bson.BsonTimestamp;
import org.bson.Document;
import org.bson.types.Decimal128;
import org.bson.types.MinKey;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CrontabDispatchIT {

	private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

	private static final int MINUTE = Crontab.epoch(NOW);

	private final Crontab crontab = new Crontab(MongoServer.freshDatabase());

	private final MovableClock clock = new MovableClock(NOW.plusMillis(40));

	@AfterEach
	void drop() {
		MongoServer.drop(this.crontab.database.database());
	}

	static Stream<Object> times() {
		return Stream.of(MINUTE, (long) MINUTE, (double) MINUTE, new Decimal128(MINUTE), Date.from(NOW));
	}

	@ParameterizedTest
	@MethodSource("times")
	void rowOfAnotherProgramBecomesAJobOnceAndKeepsTheRest(Object time) {
		Object id = this.crontab
			.insert(Rows.row(time).append("create_at", MINUTE - 100).append("update_at", MINUTE - 100));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		Crontab.rounds(scheduler);
		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(scheduler);

		Document job = this.crontab.jobs().get(0);
		assertThat(this.crontab.jobs()).hasSize(1);
		assertThat(job).containsEntry("function", "sql_execute_now")
			.containsEntry("params", List.of("app", "42", 3))
			.containsEntry("state", "pending")
			.containsEntry("run_at", Date.from(NOW));
		assertThat(this.crontab.row(id)).isEqualTo(Rows.row(time)
			.append("_id", id)
			.append("is_done", true)
			.append("job_id", job.get("_id"))
			.append("dispatched_at", Date.from(NOW.plusMillis(40)))
			.append("last_time", time)
			.append("create_at", MINUTE - 100)
			.append("update_at", MINUTE));
		assertThat(this.crontab.woken).containsExactly("sql");
	}

	@Test
	void rowOfTheNextMinuteWaits() {
		Object id = this.crontab.insert(Rows.row(MINUTE + 60));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		Crontab.rounds(scheduler);
		assertThat(this.crontab.countJobs()).isZero();
		this.clock.set(NOW.plusSeconds(60));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.row(id)).containsEntry("is_done", true);
	}

	@Test
	void firstTimeOfARowThatALookThroughAllFoundIsWaitedFor() {
		this.crontab.insert(Rows.row(null).append("every", "1s"));

		Duration pause = this.crontab.scheduler(this.clock).round();

		assertThat(pause).isLessThanOrEqualTo(Duration.ofSeconds(1));
	}

	@Test
	void knownTimesWithinTheMinuteAreWaitedFor() {
		this.crontab.insert(Rows.row(Date.from(NOW.plusMillis(3500))));
		this.crontab.insert(Rows.row(MINUTE + 3));

		Duration pause = this.crontab.scheduler(this.clock).round();

		assertThat(pause).isEqualTo(Duration.ofMillis(2960));
	}

	@Test
	void rowThatFallsDueDuringALookIsNotLeftToTheNextPoll() {
		Object id = this.crontab.insert(Rows.row(Date.from(NOW.plusMillis(41))));
		// each look at the clock takes a millisecond
		CrontabScheduler scheduler = this.crontab.scheduler(new MovableClock(NOW.plusMillis(40)) {

			@Override
			public Instant instant() {
				advance(Duration.ofMillis(1));
				return super.instant().minusMillis(1);
			}

		});

		assertThat(scheduler.round()).isZero();

		scheduler.round();
		assertThat(this.crontab.row(id)).containsEntry("is_done", true);
	}

	@Test
	void crashBetweenInsertAndMarkLeavesOneJob() {
		Object id = this.crontab.insert(Rows.row(MINUTE));
		this.crontab.beforeMark = () -> {
			throw new IllegalStateException("killed");
		};
		assertThatThrownBy(this.crontab.scheduler(this.clock)::round).hasMessage("killed");
		assertThat(this.crontab.row(id)).containsEntry("is_done", false);
		assertThat(this.crontab.countJobs()).isEqualTo(1);

		this.crontab.beforeMark = () -> {
		};
		Crontab.rounds(this.crontab.scheduler(this.clock));

		assertThat(this.crontab.countJobs()).isEqualTo(1);
		assertThat(this.crontab.row(id)).containsEntry("is_done", true)
			.containsEntry("job_id", this.crontab.jobs().get(0).get("_id"));
	}

	@Test
	void rowThatItsOwnerArmsAgainWithTheSameTimeRunsAgain() {
		Object id = this.crontab.insert(Rows.row(MINUTE));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);

		this.crontab.update(id, "{$set: {is_done: false}}");
		Crontab.rounds(scheduler);

		assertThat(this.crontab.countJobs()).isEqualTo(2);
		assertThat(this.crontab.row(id)).containsEntry("is_done", true);
	}

	@Test
	void ownersChangeBetweenReadAndMarkStays() {
		Object id = this.crontab.insert(Rows.row(MINUTE));
		this.crontab.beforeMark = () -> this.crontab.update(id, "{$set: {time: %d}}".formatted(MINUTE + 3600));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		scheduler.round();

		assertThat(this.crontab.row(id)).containsEntry("time", MINUTE + 3600)
			.containsEntry("is_done", false)
			.doesNotContainKey("job_id");
	}

	@Test
	void lateMarkDoesNotEndARowThatWasArmedAgainMeanwhile() {
		Object id = this.crontab.insert(Rows.row(MINUTE));
		this.crontab.beforeMark = () -> {
			this.crontab.beforeMark = () -> {
			};
			// another holder marks, and the owner arms the row again
			this.crontab.scheduler(this.clock).round();
			this.crontab.update(id, "{$set: {is_done: false}}");
		};
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		scheduler.round();
		assertThat(this.crontab.row(id)).containsEntry("is_done", false);
		scheduler.round();

		assertThat(this.crontab.countJobs()).isEqualTo(2);
	}

	@Test
	void twoSchedulersAtOnceMakeOneJobOfEachRow() throws Exception {
		this.crontab.settings = Crontab.settings(100, null, Duration.ofSeconds(5));
		this.crontab.database.crontab()
			.insertMany(IntStream.range(0, 2000).mapToObj((i) -> Rows.row(MINUTE - i % 7)).toList());
		CyclicBarrier start = new CyclicBarrier(2);

		CompletableFuture<?>[] both = IntStream.range(0, 2).mapToObj((i) -> CompletableFuture.runAsync(() -> {
			CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
			try {
				start.await();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
			Crontab.rounds(scheduler);
		})).toArray(CompletableFuture[]::new);
		CompletableFuture.allOf(both).get();

		List<Document> jobs = this.crontab.jobs();
		assertThat(jobs).hasSize(2000);
		assertThat(jobs).extracting((job) -> job.get("origin", Document.class).get("row")).doesNotHaveDuplicates();
		assertThat(this.crontab.countUndone()).isZero();
		Set<Object> ids = new HashSet<>();
		this.crontab.database.crontab().find().forEach((row) -> ids.add(row.get("job_id")));
		assertThat(ids).hasSize(2000);
	}

	@Test
	void rowTooLateGetsAnErrorAndIsNotRun() {
		Object old = this.crontab.insert(Rows.row(MINUTE - 3 * 86_400));
		Object oldDate = this.crontab.insert(Rows.row(Date.from(NOW.minus(Duration.ofDays(400)))));
		Object late = this.crontab.insert(Rows.row(MINUTE - 3600));

		Crontab.rounds(this.crontab.scheduler(this.clock));

		assertThat(this.crontab.error(old)).containsEntry("field", "time").containsEntry("value", MINUTE - 3 * 86_400);
		assertThat(this.crontab.error(oldDate)).containsEntry("field", "time");
		assertThat(this.crontab.row(late)).containsEntry("is_done", true);
		assertThat(this.crontab.countJobs()).isEqualTo(1);
	}

	@Test
	void rowTooLateRunsWhenItsTimeIsSetAnew() {
		Object id = this.crontab.insert(Rows.row(MINUTE - 3 * 86_400));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);

		this.crontab.update(id, "{$set: {time: %d}}".formatted(MINUTE + 60));
		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.row(id)).containsEntry("is_done", true).doesNotContainKey("error");
	}

	@Test
	void eachMalformedRowGetsItsErrorAndNoNeighbourWaits() {
		this.crontab.settings = Crontab.settings(3, Duration.ofDays(1), Duration.ofSeconds(5));
		Map<Object, String> bad = new LinkedHashMap<>();
		Set<Object> good = new HashSet<>();
		malformed().forEach((change) -> {
			Document row = Rows.row(MINUTE);
			String field = change.keySet().iterator().next();
			if (Objects.equals(change.get(field), "MISSING")) {
				row.remove(field);
			}
			else {
				row.putAll(change);
			}
			bad.put(this.crontab.insert(row), field);
			good.add(this.crontab.insert(Rows.row(MINUTE)));
		});
		assertThat(bad).hasSizeGreaterThan(70);
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		Crontab.rounds(scheduler);

		bad.forEach((id, field) -> assertThat(this.crontab.error(id)).as("row with %s", this.crontab.row(id))
			.isNotNull()
			.containsEntry("field", field)
			.containsKeys("value", "message", "at"));
		good.forEach((id) -> assertThat(this.crontab.row(id)).containsEntry("is_done", true));
		assertThat(this.crontab.countJobs()).isEqualTo(good.size());
		assertThat(scheduler.status().rowsWithErrors()).isEqualTo(bad.size());
	}

	@Test
	void rowThatTheDriverCannotReadGetsItsErrorOnceAndNoNeighbourWaits() {
		Value oldBinary = Value.binary(2, new byte[] { 99, 0, 0, 0, 7 });
		Value noUtf8 = Value.text(new byte[] { 'a', (byte) 0xFF });
		Value twice = Value.document(new Fields().add("a", Value.int32(1)).add("a", Value.int32(2)));
		Value nested = Value.document(new Fields().add("a", oldBinary));
		for (Value id : List.of(oldBinary, noUtf8, twice, nested)) {
			insertRaw(new Fields().add("_id", id));
		}
		insertRaw(new Fields().add("cron", noUtf8));
		insertRaw(new Fields().add("job_id", Value.array(oldBinary)).add("kwargs", oldBinary));
		insertRaw(new Fields().add("params", Value.array(oldBinary)));
		Object good = this.crontab.insert(Rows.row(MINUTE));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		Crontab.rounds(scheduler);

		assertThat(this.crontab.row(good)).containsEntry("is_done", true);
		assertThat(scheduler.status().rowsWithErrors()).isEqualTo(7);
		assertThat(this.crontab.countJobs()).isEqualTo(1);
		assertThat(scheduler.round()).isGreaterThan(Duration.ofSeconds(1));
	}

	@Test
	void rowWithAFieldTwiceIsReadAsTheServerDoes() {
		insertRaw(new Fields().add("_id", Value.int32(1))
			.add("params", Value.array(Value.text("app"), Value.text("42"), Value.int32(3)))
			.add("time", Value.int32(MINUTE + 3600))
			.add("is_done", Value.bool(true)));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		Crontab.rounds(scheduler);

		assertThat(this.crontab.countJobs()).isEqualTo(1);
		assertThat(scheduler.status().due()).isZero();
	}

	@Test
	void errorOfALongNameIsCut() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("kwargs", new Document("-" + "k".repeat(900_000), 1)));
		Object cron = this.crontab.insert(Rows.row(MINUTE).append("cron", "* * * * " + "x".repeat(900_000)));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		Crontab.rounds(scheduler);

		for (Object row : List.of(id, cron)) {
			assertThat(Objects.requireNonNull(this.crontab.error(row)).getString("message")).hasSizeLessThan(3000);
		}
	}

	/** A row that is due but for these fields, which stand at its end. */
	private void insertRaw(Fields changes) {
		BsonBytes.insert(this.crontab.database.crontab(),
				List.of(new Fields().add("function", Value.text("sql_execute_now"))
					.add("time", Value.int32(MINUTE))
					.add("is_done", Value.bool(false))
					.addAll(changes)
					.toDocument()));
	}

	@Test
	void badRowCostsNoWriteAMinuteAndHealsWhenMended() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("params", "x"));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);
		Document row = this.crontab.row(id);

		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(scheduler);
		assertThat(this.crontab.row(id)).isEqualTo(row);

		this.crontab.update(id, "{$set: {params: [1, 2, 3]}}");
		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.row(id)).containsEntry("is_done", true).doesNotContainKey("error");
		assertThat(this.crontab.jobs().get(0)).containsEntry("params", List.of(1, 2, 3));
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void errorIsLoggedOnceAChange(CapturedOutput output) {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("params", "one"));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		for (int minute = 0; minute < 5; minute++) {
			Crontab.rounds(scheduler);
			this.clock.advance(Duration.ofMinutes(1));
		}
		assertThat(output).containsOnlyOnce("'one'").containsOnlyOnce(id.toString());

		this.crontab.update(id, "{$set: {params: 'two'}}");
		for (int minute = 0; minute < 5; minute++) {
			Crontab.rounds(this.crontab.scheduler(this.clock));
			this.clock.advance(Duration.ofMinutes(1));
		}

		assertThat(output).containsOnlyOnce("'two'").containsOnlyOnce("'one'");
	}

	@Test
	void errorOfARowThatIsMendedAheadOfItsTimeGoesAway() {
		Object id = this.crontab.insert(Rows.row("soon"));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);
		assertThat(this.crontab.error(id)).isNotNull();

		this.crontab.update(id, "{$set: {time: %d}}".formatted(MINUTE + 7200));
		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.row(id)).containsEntry("is_done", false).doesNotContainKey("error");
	}

	@Test
	void rowOfAnUnknownFunctionRunsAsSoonAsAWorkerHasIt() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("function", "new_one"));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);
		assertThat(this.crontab.error(id)).containsEntry("field", "function").containsEntry("value", "new_one");

		this.crontab.liveFunctions.add("new_one");
		this.clock.advance(Duration.ofSeconds(5));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.row(id)).containsEntry("is_done", true).doesNotContainKey("error");
		assertThat(this.crontab.jobs()).hasSize(1);
	}

	@Test
	void rowThatWaitedTooLongForItsFunctionSaysThatItIsTooLate() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("function", "new_one"));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);

		this.clock.advance(Duration.ofDays(2));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.error(id)).containsEntry("field", "time");
	}

	@Test
	void pausedRowWaits() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("enabled", false));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);
		assertThat(this.crontab.countJobs()).isZero();

		this.crontab.update(id, "{$set: {enabled: true}}");
		Crontab.rounds(scheduler);

		assertThat(this.crontab.row(id)).containsEntry("is_done", true);
	}

	@Test
	void rowWithoutABooleanIsDoneIsLeftAlone() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("is_done", "false"));

		Crontab.rounds(this.crontab.scheduler(this.clock));

		assertThat(this.crontab.row(id)).isEqualTo(Rows.row(MINUTE).append("_id", id).append("is_done", "false"));
	}

	@Test
	void errorFieldOfAnOlderProgramIsNoObstacle() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("error", ""));

		Crontab.rounds(this.crontab.scheduler(this.clock));

		assertThat(this.crontab.row(id)).containsEntry("is_done", true).doesNotContainKey("error");
	}

	@Test
	void anyIdOfARowWillDo() {
		List<Object> ids = List.of(1, "a", new Document("a", 1).append("b.c", 2), Date.from(NOW), 1.5, new ObjectId(),
				new MinKey());
		ids.forEach((id) -> this.crontab.insert(Rows.row(MINUTE).append("_id", id)));

		Crontab.rounds(this.crontab.scheduler(this.clock));

		assertThat(this.crontab.countUndone()).isZero();
		assertThat(this.crontab.countJobs()).isEqualTo(ids.size());
	}

	@Test
	void jobThatTheStoreRefusesGivesItsRowAnErrorOnly() {
		// an index of somebody else's
		this.crontab.database.jobs().createIndex(new Document("params", 1), new IndexOptions().unique(true));
		this.crontab.database.jobs().insertOne(new Document("_id", 1).append("params", 77));
		Object bad = this.crontab.insert(Rows.row(MINUTE).append("params", List.of(77, 78, 79)));
		Object good = this.crontab.insert(Rows.row(MINUTE));

		Crontab.rounds(this.crontab.scheduler(this.clock));

		assertThat(this.crontab.error(bad)).containsEntry("field", "params")
			.extracting("message")
			.asString()
			.contains("cannot be stored", "E11000");
		assertThat(this.crontab.row(good)).containsEntry("is_done", true);
	}

	@Test
	void jobThatWouldBeTooLargeHoldsUpNoOther() {
		// the row itself takes no error: it would be too large by that
		String large = "x".repeat(16 * 1024 * 1024 - 250);
		this.crontab.settings = new CrontabSettings(1000, null, 1, Integer.MAX_VALUE, ZoneOffset.UTC,
				Duration.ofSeconds(5), CrontabSettings.Validation.OFF);
		Object bad = this.crontab
			.insert(new Document("function", "sql_execute_now").append("params", List.of(large, 1, 2))
				.append("time", MINUTE)
				.append("is_done", false));
		Object good = this.crontab.insert(Rows.row(MINUTE));

		Crontab.rounds(this.crontab.scheduler(this.clock));

		assertThat(this.crontab.row(bad)).containsEntry("is_done", false);
		assertThat(this.crontab.row(good)).containsEntry("is_done", true);
		assertThat(this.crontab.countJobs()).isEqualTo(1);
	}

	@Test
	void largeRowWithoutRoomForItsErrorIsReadOnceAMinute() {
		this.crontab.insert(Rows.row(MINUTE).append("params", List.of("x".repeat(16 * 1024 * 1024 - 250))));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);

		assertThat(bytesReadBy(scheduler::round)).isLessThan(1024 * 1024);
		this.clock.advance(Duration.ofMinutes(1));
		assertThat(bytesReadBy(scheduler::round)).isGreaterThan(16 * 1000 * 1000);
		Crontab.rounds(scheduler);
		assertThat(bytesReadBy(scheduler::round)).isLessThan(1024 * 1024);
	}

	private long bytesReadBy(Runnable round) {
		MongoDatabase database = this.crontab.database.database();
		database.runCommand(new Document("profile", 2));
		round.run();
		database.runCommand(new Document("profile", 0));
		long bytes = 0;
		for (Document read : database.getCollection("system.profile").find(new Document("op", "query"))) {
			bytes += read.getInteger("responseLength", 0);
		}
		database.getCollection("system.profile").drop();
		return bytes;
	}

	@Test
	void rowThatItsCollectionsValidatorRefusesToMarkRunsOnce() {
		Object id = this.crontab.insert(Rows.row(MINUTE));
		this.crontab.database.database()
			.runCommand(new Document("collMod", "crontab_jobs").append("validator", new Document("is_done", false)));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		Crontab.rounds(scheduler);
		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.row(id)).containsEntry("is_done", false);
		assertThat(this.crontab.countJobs()).isEqualTo(1);
	}

	@Test
	void manyRowsLeaveTheServerTimeForOthersAfterEachPortion() {
		this.crontab.settings = Crontab.settings(10, null, Duration.ofSeconds(5));
		this.crontab.database.crontab().insertMany(IntStream.range(0, 30).mapToObj((i) -> Rows.row(MINUTE)).toList());
		List<Long> marked = new ArrayList<>();
		this.crontab.beforeMark = () -> {
			LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
			marked.add(System.nanoTime());
		};
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		scheduler.round();

		assertThat(this.crontab.countUndone()).isZero();
		assertThat(marked).hasSizeGreaterThanOrEqualTo(3);
		for (int i = 1; i < 3; i++) {
			assertThat(Duration.ofNanos(marked.get(i) - marked.get(i - 1)))
				.as("a portion of 100 ms after a rest of nine tenths of that")
				.isGreaterThanOrEqualTo(Duration.ofMillis(189));
		}
	}

	@Test
	void manyRowsOfOneTimeAreMarkedByOneStatementWithTheIdsOfTheirJobs() {
		this.crontab.settings = Crontab.settings(300, null, Duration.ofSeconds(5));
		this.crontab.database.crontab()
			.insertMany(IntStream.range(0, 300)
				.mapToObj((i) -> Rows.row(MINUTE).append("params", List.of("app", "42", i)))
				.toList());
		profile();

		Crontab.rounds(this.crontab.scheduler(this.clock));

		this.crontab.database.database().runCommand(new Document("profile", 0));
		assertThat(this.crontab.database.database()
			.getCollection("system.profile")
			.find(new Document("op", "update").append("ns",
					this.crontab.database.crontab().getNamespace().getFullName())))
			.hasSize(1);
		Map<Object, Object> params = new HashMap<>();
		this.crontab.jobs().forEach((job) -> params.put(job.get("_id"), job.get("params")));
		assertThat(params).hasSize(300);
		assertThat(this.crontab.database.crontab().find()).hasSize(300)
			.allSatisfy((row) -> assertThat(row).containsEntry("is_done", true)
				.containsEntry("last_time", MINUTE)
				.containsEntry("dispatched_at", Date.from(this.clock.instant()))
				.doesNotContainKey("error")
				.containsEntry("params", Objects.requireNonNull(params.get(row.get("job_id")))));
	}

	@Test
	void ownersChangeOfOneOfManyRowsOfOneTimeStays() {
		Object changed = this.crontab.insert(Rows.row(MINUTE));
		List<Object> others = Stream.generate(() -> this.crontab.insert(Rows.row(MINUTE))).limit(5).toList();
		this.crontab.beforeMark = () -> this.crontab.update(changed, "{$set: {time: %d}}".formatted(MINUTE + 3600));

		this.crontab.scheduler(this.clock).round();

		assertThat(this.crontab.row(changed)).containsEntry("time", MINUTE + 3600)
			.containsEntry("is_done", false)
			.doesNotContainKey("job_id");
		assertThat(others).allSatisfy((id) -> assertThat(this.crontab.row(id)).containsEntry("is_done", true));
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void oneOfManyRowsThatTheServerRefusesToMarkHoldsUpNoOther(CapturedOutput output) {
		List<Object> before = Stream.generate(() -> this.crontab.insert(Rows.row(MINUTE))).limit(3).toList();
		Object refused = this.crontab.insert(Rows.row(MINUTE).append("create_at", "never"));
		List<Object> after = Stream.generate(() -> this.crontab.insert(Rows.row(MINUTE))).limit(3).toList();
		this.crontab.database.database()
			.runCommand(new Document("collMod", "crontab_jobs").append("validator", new Document("$or",
					List.of(new Document("create_at", new Document("$ne", "never")), new Document("is_done", false)))));

		Crontab.rounds(this.crontab.scheduler(this.clock));

		assertThat(Stream.concat(before.stream(), after.stream()).toList())
			.allSatisfy((id) -> assertThat(this.crontab.row(id)).containsEntry("is_done", true));
		assertThat(this.crontab.row(refused)).containsEntry("is_done", false);
		assertThat(this.crontab.countJobs()).isEqualTo(7);
		assertThat(output).contains(refused.toString());
	}

	@Test
	void manyRowsOfOneTimeAreWalkedInPortionsPastThoseThatStay() {
		this.crontab.settings = Crontab.settings(10, Duration.ofDays(1), Duration.ofSeconds(5));
		this.crontab.database.crontab().insertMany(IntStream.range(0, 300).mapToObj((i) -> switch (i % 6) {
			case 0 -> Rows.row(MINUTE).append("params", "x");
			case 1 -> Rows.row(List.of(MINUTE, MINUTE + 1));
			case 2 -> Rows.row("x");
			default -> Rows.row(MINUTE);
		}).toList());
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		Crontab.rounds(scheduler);
		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.countJobs()).isEqualTo(150);
		assertThat(scheduler.status())
			.isEqualTo(new CrontabStatus(true, false, this.clock.instant(), 0, 150, Duration.ZERO));
	}

	@Test
	void rowThatFallsDueAmidManyDoesNotWaitForAllOfThem() {
		this.crontab.settings = Crontab.settings(10, null, Duration.ofSeconds(5));
		this.crontab.database.crontab().insertMany(IntStream.range(0, 500).mapToObj((i) -> Rows.row(MINUTE)).toList());
		Object number = this.crontab.insert(Rows.row(MINUTE + 60));
		Object date = this.crontab.insert(Rows.row(Date.from(NOW.plusSeconds(90))));
		AtomicInteger portions = new AtomicInteger();
		Map<Object, Long> undoneBehind = new HashMap<>();
		this.crontab.beforeMark = () -> {
			this.clock.advance(Duration.ofSeconds((portions.incrementAndGet() < 10) ? 15 : 0));
			for (Object id : List.of(number, date)) {
				if (Boolean.TRUE.equals(this.crontab.row(id).get("is_done"))) {
					undoneBehind.putIfAbsent(id, this.crontab.countUndone());
				}
			}
		};

		Crontab.rounds(this.crontab.scheduler(this.clock));

		assertThat(this.crontab.countJobs()).isEqualTo(502);
		assertThat(undoneBehind).containsOnlyKeys(number, date)
			.allSatisfy((id, undone) -> assertThat(undone).isGreaterThan(300));
	}

	@Test
	void eachOfManyBadRowsIsLookedAtAgainEachMinute() {
		this.crontab.settings = Crontab.settings(10, Duration.ofDays(1), Duration.ofSeconds(5));
		this.crontab.database.crontab()
			.insertMany(IntStream.range(0, 55)
				.mapToObj((i) -> Rows.row(MINUTE).append("_id", i).append("params", "x"))
				.toList());
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);

		this.crontab.update(54, "{$set: {params: [1, 2, 3]}}");
		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.row(54)).containsEntry("is_done", true);
		assertThat(this.crontab.countJobs()).isEqualTo(1);
	}

	@Test
	void manyBadRowsCostTheLookForDueRowsNothing() {
		this.crontab.database.crontab()
			.insertMany(IntStream.range(0, 10_000).mapToObj((i) -> Rows.row(MINUTE).append("params", "x")).toList());
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);
		Object good = this.crontab.insert(Rows.row(MINUTE + 60));
		this.clock.advance(Duration.ofMinutes(1));
		profile();

		Crontab.rounds(scheduler);

		this.crontab.database.database().runCommand(new Document("profile", 0));
		assertThat(this.crontab.row(good)).containsEntry("is_done", true);
		assertThat(this.crontab.database.database()
			.getCollection("system.profile")
			.find(new Document("command.hint", Indexes.DUE_ROWS))).hasSizeGreaterThan(2).allSatisfy((read) -> {
				assertThat(read.getInteger("docsExamined", 0)).as("documents of %s", read).isLessThan(3);
				assertThat(read.getInteger("keysExamined", 0)).as("keys of %s", read).isLessThan(5);
			});
	}

	@Test
	void statusTellsHowManyRowsAreDueAndHowLate() {
		this.crontab.insert(Rows.row(MINUTE - 90));
		this.crontab.insert(Rows.row(Date.from(NOW.minusSeconds(30))));
		this.crontab.insert(Rows.row(MINUTE + 90));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock, () -> false);

		scheduler.round();

		assertThat(scheduler.status())
			.isEqualTo(new CrontabStatus(false, false, null, 2, 0, Duration.ofMillis(90_040)));
		assertThat(this.crontab.countJobs()).isZero();
	}

	private static Stream<Document> malformed() {
		Stream<Object> times = Stream.of("10:00", "MISSING", Double.NaN, Double.POSITIVE_INFINITY,
				Double.NEGATIVE_INFINITY, List.of(MINUTE), List.of(), List.of("x"), new Document("a", 1), true,
				new ObjectId(), new BsonTimestamp(1, 1), Decimal128.NaN, Decimal128.POSITIVE_INFINITY, MINUTE * 1000L,
				Long.MIN_VALUE, new MinKey(), new byte[] { 1 });
		Stream<Object> functions = Stream.of("", 5, List.of("a"), "nobody_knows_it", "MISSING");
		Stream<Object> params = Stream.of("x", 5, new Document("0", "a"), List.of(1), List.of(1, 2, 3, 4));
		Stream<Object> large = Stream.of(List.of("app", "x".repeat(3_000_000), 3),
				List.of("app", new byte[3_000_000], 3));
		Stream<Object> kwargs = Stream.of("x", List.of(), new Document("a.$b", 1),
				new Document("$set", new Document("a b", 1)).append("a b", 1), new Document("a.b", 1),
				new Document("1a", 1));
		return Stream
			.of(times.map((value) -> new Document("time", value)),
					functions.map((value) -> new Document("function", value)),
					params.map((value) -> new Document("params", value)),
					large.map((value) -> new Document("params", value)),
					kwargs.map((value) -> new Document("kwargs", value)),
					Stream.of("", 5).map((value) -> new Document("queue", value)),
					Stream.of("high", 1.5).map((value) -> new Document("priority", value)),
					Stream.of(0, "3").map((value) -> new Document("max_attempts", value)),
					Stream.of(-1, "90", Double.NaN).map((value) -> new Document("timeout", value)),
					Stream.of(0, "x").map((value) -> new Document("expires_in", value)),
					Stream.of("no", 0).map((value) -> new Document("enabled", value)),
					Stream.of("* * *", 5, "0 0 30 2 *", "0 * * * * *", "$where", List.of("* * * * *"))
						.map((value) -> new Document("cron", value)),
					Stream.of("soon", 0, -5, "10ms", Double.NaN, List.of("30s"), 1e300)
						.map((value) -> new Document("every", value)),
					Stream.of("Mars/Base", 5, "").map((value) -> new Document("zone", value)),
					Stream.of("x", Double.NaN, List.of(MINUTE)).map((value) -> new Document("start_time", value)),
					Stream.of("x", Double.POSITIVE_INFINITY, true, MINUTE - 1)
						.map((value) -> new Document("end_time", value).append("every", "1m")),
					Stream.of("twice", 5).map((value) -> new Document("misfire", value)),
					Stream.of("maybe", 5).map((value) -> new Document("while_running", value)),
					Stream.of("", 5).map((value) -> new Document("unique_key", value)))
			.flatMap((cases) -> cases);
	}

	private void profile() {
		this.crontab.database.database()
			.createCollection("system.profile",
					new CreateCollectionOptions().capped(true).sizeInBytes(64 * 1024 * 1024));
		this.crontab.database.database().runCommand(new Document("profile", 2));
	}

}
