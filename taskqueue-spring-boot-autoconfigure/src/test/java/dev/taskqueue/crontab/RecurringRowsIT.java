package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.mongodb.client.model.IndexOptions;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import org.bson.Document;
import org.bson.types.Decimal128;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RecurringRowsIT {

	private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

	private static final int MINUTE = Crontab.epoch(NOON);

	private final Crontab crontab = new Crontab(MongoServer.freshDatabase());

	private final MovableClock clock = new MovableClock(NOON.plusMillis(40));

	@AfterEach
	void drop() {
		MongoServer.drop(this.crontab.database.database());
	}

	static Stream<Object> times() {
		return Stream.of(MINUTE, (long) MINUTE, (double) MINUTE, new Decimal128(MINUTE), Date.from(NOON));
	}

	@ParameterizedTest
	@MethodSource("times")
	void rowBecomesAJobAtEachOfItsTimesAndTellsTheNextOnes(Object time) {
		Object id = this.crontab.insert(Rows.row(time).append("every", "90s").append("update_at", MINUTE - 100));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		Crontab.rounds(scheduler);
		Crontab.rounds(scheduler);
		Document first = this.crontab.row(id);
		this.clock.set(NOON.plusSeconds(90));
		Crontab.rounds(scheduler);

		assertThat(slots()).containsExactly(NOON, NOON.plusSeconds(90));
		assertThat(first).containsEntry("is_done", false)
			.containsEntry("time", RowTime.like(time, NOON.plusSeconds(90)))
			.containsEntry("last_time", time)
			.containsEntry("update_at", MINUTE)
			.containsEntry("dispatched_at", Date.from(NOON.plusMillis(40)))
			.containsEntry("job_id", this.crontab.jobs().get(0).get("_id"))
			.containsEntry("next", new Document("schedule", "every 90s").append("times",
					IntStream.rangeClosed(1, 5).mapToObj((i) -> Date.from(NOON.plusSeconds(90L * i))).toList()));
		assertThat(this.crontab.row(id)).containsEntry("last_time", RowTime.like(time, NOON.plusSeconds(90)));
	}

	@Test
	void rowWithoutATimeGetsItsFirstOne() {
		Object id = this.crontab.insert(Rows.row(null).append("cron", "*/5 * * * *"));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		Crontab.rounds(scheduler);

		assertThat(this.crontab.countJobs()).isZero();
		assertThat(this.crontab.row(id)).containsEntry("time", Date.from(NOON.plusSeconds(300)));
		this.clock.set(NOON.plusSeconds(300));
		Crontab.rounds(scheduler);
		assertThat(slots()).containsExactly(NOON.plusSeconds(300));
	}

	@Test
	void fractionsOfSecondsAreKeptInANumberThatHoldsNone() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("every", 1.5));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		for (int i = 0; i < 4; i++) {
			Crontab.rounds(scheduler);
			this.clock.advance(Duration.ofMillis(1500));
		}

		assertThat(slots()).containsExactly(NOON, NOON.plusMillis(1500), NOON.plusSeconds(3), NOON.plusMillis(4500));
		assertThat(this.crontab.row(id)).containsEntry("time", MINUTE + 6.0);
	}

	@ParameterizedTest
	@ValueSource(strings = { "once", "all" })
	void crashBetweenInsertAndMarkLeavesOneJobASlot(String misfire) {
		Object id = this.crontab.insert(Rows.row(MINUTE - 120).append("cron", "* * * * *").append("misfire", misfire));
		this.crontab.beforeMark = () -> {
			throw new IllegalStateException("killed");
		};
		assertThatThrownBy(this.crontab.scheduler(this.clock)::round).hasMessage("killed");
		int before = slots().size();
		this.crontab.beforeMark = () -> {
		};

		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(this.crontab.scheduler(this.clock));

		assertThat(slots()).doesNotHaveDuplicates()
			.hasSize(misfire.equals("all") ? before + 1 : before)
			.startsWith(NOON.minusSeconds(120));
		assertThat(this.crontab.row(id)).containsEntry("time", MINUTE + 120);
	}

	@Test
	void twoSchedulersThatTakeDifferentPortionsMakeOneJobOfEachSlot() throws Exception {
		this.crontab.database.crontab()
			.insertMany(IntStream.range(0, 40)
				.mapToObj((i) -> Rows.row((i % 2 == 0) ? (Object) (MINUTE - 250) : Date.from(NOON.minusMillis(250_500)))
					.append("every", (i % 3 == 0) ? "1500ms" : "1s")
					.append("misfire", "all"))
				.toList());
		CyclicBarrier start = new CyclicBarrier(2);

		CompletableFuture<?>[] both = IntStream.range(0, 2).mapToObj((i) -> CompletableFuture.runAsync(() -> {
			CrontabScheduler scheduler = this.crontab.scheduler(new MovableClock(NOON.minusSeconds(37L * i)));
			try {
				start.await();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
			Crontab.rounds(scheduler);
		})).toArray(CompletableFuture[]::new);
		CompletableFuture.allOf(both).get();
		Crontab.rounds(this.crontab.scheduler(new MovableClock(NOON)));

		assertThat(this.crontab.jobs()).extracting((job) -> job.get("origin")).doesNotHaveDuplicates();
		this.crontab.database.crontab().find().forEach((row) -> {
			List<Instant> slots = slotsOf(Objects.requireNonNull(row.get("_id")));
			int every = row.getString("every").equals("1s") ? 1000 : 1500;
			assertThat(Duration.between(slots.get(0), slots.get(slots.size() - 1)).toMillis())
				.isEqualTo((slots.size() - 1L) * every);
			assertThat(slots.get(slots.size() - 1)).isAfter(NOON.minusMillis(every)).isBeforeOrEqualTo(NOON);
		});
	}

	@Test
	void manyMissedTimesAreAllCaughtUp() {
		this.crontab.insert(Rows.row(MINUTE - 3600).append("every", "2s").append("misfire", "all"));
		Object neighbour = this.crontab.insert(Rows.row(MINUTE));

		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		Duration pause = scheduler.round();
		assertThat(this.crontab.row(neighbour)).containsEntry("is_done", true);
		while (pause.compareTo(Duration.ofMillis(100)) <= 0) {
			pause = scheduler.round();
		}

		assertThat(this.crontab.countJobs()).isEqualTo(1801 + 1);
	}

	@Test
	void timesMissedLongAgoAreCaughtUpAsQuickly() {
		this.crontab.insert(Rows.row(MINUTE - 3 * 86_400).append("every", "5m").append("misfire", "all"));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		Duration pause = scheduler.round();
		while (pause.compareTo(Duration.ofMillis(100)) <= 0) {
			pause = scheduler.round();
		}

		assertThat(this.crontab.countJobs()).isEqualTo(3 * 288 + 1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{$unset: {time: 1}}", "{$set: {time: null}}" })
	void badTimeHealsWithinAMinuteWhenItIsLeftToTheSchedule(String update) {
		Object id = this.crontab.insert(Rows.row("soon").append("cron", "*/5 * * * *"));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);
		assertThat(this.crontab.error(id)).containsEntry("field", "time");

		this.crontab.update(id, update);
		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.row(id)).doesNotContainKey("error")
			.containsEntry("time", Date.from(NOON.plusSeconds(300)));
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "{$set: {next: 'x'}}", "{$set: {next: []}}", "{$set: {next: {schedule: 5, times: [1, 2]}}}",
					"{$set: {next: {schedule: ['every 1h', 'b'], times: [null]}}}", "{$unset: {next: 1}}",
					"{$set: {next: [{schedule: ['a', 'b']}, {schedule: 'c'}]}}" })
	void nextTimesThatTheOwnerDamagedAreWrittenAnew(String update) {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("every", "1h"));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);

		this.crontab.update(id, update);
		this.clock.set(NOON.plusSeconds(3600));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.row(id)).containsEntry("time", MINUTE + 7200);
		assertThat(slots()).hasSize(2);
		assertThat(this.crontab.row(id).get("next", Document.class).getString("schedule")).isEqualTo("every 1h");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{$set: {time: 1795262407}}", "{$set: {cron: '0 0 * * *'}}", "{$set: {is_done: true}}",
			"{$set: {zone: 'Asia/Tokyo'}}", "{$set: {end_time: 1795262401}}", "{$set: {misfire: 'skip'}}",
			"{$unset: {cron: 1}, $set: {every: '5m'}}", "{$set: {start_time: 1795269600}}" })
	void whatTheOwnerChangesBetweenReadAndMarkIsNotOverwritten(String update) {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("cron", "* * * * *"));
		Document[] changed = new Document[1];
		this.crontab.beforeMark = () -> {
			this.crontab.update(id, update);
			changed[0] = this.crontab.row(id);
		};

		this.crontab.scheduler(this.clock).round();

		assertThat(changed[0]).isNotNull();
		assertThat(this.crontab.row(id)).isEqualTo(changed[0]);
	}

	@Test
	void slowMarkOfAFormerHolderMovesNothing() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("every", "1m"));
		Document[] moved = new Document[1];
		this.crontab.beforeMark = () -> {
			this.crontab.beforeMark = () -> {
			};
			Crontab.rounds(this.crontab.scheduler(new MovableClock(NOON.plusSeconds(1))));
			Crontab.rounds(this.crontab.scheduler(new MovableClock(NOON.plusSeconds(61))));
			moved[0] = this.crontab.row(id);
		};

		this.crontab.scheduler(this.clock).round();

		assertThat(this.crontab.row(id)).isEqualTo(moved[0]).containsEntry("time", MINUTE + 120);
		assertThat(slots()).containsExactly(NOON, NOON.plusSeconds(60));
	}

	@Test
	void slotWhoseJobIsRefusedHoldsUpThoseBehindItAndNoneBefore() {
		this.crontab.database.jobs().createIndex(new Document("origin.time", 1), new IndexOptions().unique(true));
		this.crontab.database.jobs()
			.insertOne(new Document("_id", "theirs").append("origin", new Document("time", Date.from(NOON))));
		Object id = this.crontab.insert(Rows.row(MINUTE - 120).append("every", "1m").append("misfire", "all"));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		scheduler.round();
		scheduler.round();

		assertThat(this.crontab.row(id)).containsEntry("last_time", MINUTE - 60).containsEntry("time", MINUTE);
		assertThat(this.crontab.error(id)).isNotNull();
		this.crontab.database.jobs().deleteOne(new Document("_id", "theirs"));
		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(scheduler);
		assertThat(slots()).containsExactly(NOON.minusSeconds(120), NOON.minusSeconds(60), NOON, NOON.plusSeconds(60));
	}

	@Test
	void timeThatIsWrittenBackInAnotherTypeIsTheSameSlot() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("every", "1m"));
		this.crontab.beforeMark = () -> {
			this.crontab.beforeMark = () -> {
			};
			this.crontab.database.crontab()
				.updateOne(new Document("_id", id), new Document("$set", new Document("time", Date.from(NOON))));
		};

		Crontab.rounds(this.crontab.scheduler(this.clock));

		assertThat(slots()).containsExactly(NOON);
	}

	@Test
	void pausedRowRunsOnceForWhatItMissedWhenItGoesOn() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("every", "1m").append("enabled", false));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		for (int i = 0; i < 3; i++) {
			Crontab.rounds(scheduler);
			this.clock.advance(Duration.ofMinutes(1));
		}
		assertThat(this.crontab.countJobs()).isZero();

		this.crontab.update(id, "{$set: {enabled: true}}");
		Crontab.rounds(scheduler);

		assertThat(slots()).containsExactly(NOON);
		assertThat(this.crontab.row(id)).containsEntry("time", MINUTE + 240);
	}

	@Test
	void newScheduleOfWhichNobodyToldIsSeenWithThePollInterval() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("cron", "@daily"));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);

		this.crontab.update(id, "{$set: {cron: '*/5 * * * *'}}");
		this.clock.advance(Duration.ofSeconds(5));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.row(id)).containsEntry("time", MINUTE + 300);
	}

	@Test
	void rowIsDoneBehindItsEnd() {
		Object id = this.crontab
			.insert(Rows.row(MINUTE).append("every", "1m").append("end_time", Date.from(NOON.plusSeconds(60))));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);
		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(scheduler);
		this.clock.advance(Duration.ofMinutes(5));
		Crontab.rounds(scheduler);

		assertThat(slots()).containsExactly(NOON, NOON.plusSeconds(60));
		assertThat(this.crontab.row(id)).containsEntry("is_done", true).containsEntry("last_time", MINUTE + 60);
		assertThat(this.crontab.row(id).get("next", Document.class)).containsEntry("times", List.of());
	}

	@Test
	void badScheduleGetsItsErrorAndHealsWhenItIsMended() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("every", "soon"));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);
		assertThat(this.crontab.error(id)).containsEntry("field", "every").containsEntry("value", "soon");

		this.crontab.update(id, "{$set: {every: '1m'}}");
		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.row(id)).doesNotContainKey("error").containsEntry("time", MINUTE + 120);
		assertThat(slots()).containsExactly(NOON);
	}

	@Test
	void recurringRowOfAnUnknownFunctionRunsOnceWhenAWorkerHasIt() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("every", "1m").append("function", "later"));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);
		assertThat(this.crontab.error(id)).containsEntry("field", "function");

		this.clock.advance(Duration.ofMinutes(3));
		this.crontab.liveFunctions.add("later");
		Crontab.rounds(scheduler);

		assertThat(slots()).containsExactly(NOON);
		assertThat(this.crontab.row(id)).doesNotContainKey("error").containsEntry("time", MINUTE + 240);
	}

	@Test
	void rowInOrderCostsNoWriteBetweenItsTimes() {
		Object id = this.crontab.insert(Rows.row(MINUTE).append("cron", "@hourly"));
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		Crontab.rounds(scheduler);
		Document row = this.crontab.row(id);
		this.crontab.beforeMark = () -> assertThat(this.crontab.row(id)).isEqualTo(row);

		for (int i = 0; i < 50; i++) {
			this.clock.advance(Duration.ofMinutes(1));
			Crontab.rounds(scheduler);
		}

		assertThat(this.crontab.row(id)).isEqualTo(row);
		assertThat(this.crontab.countJobs()).isEqualTo(1);
	}

	private List<Instant> slots() {
		return this.crontab.jobs().stream().map(RecurringRowsIT::slot).toList();
	}

	private List<Instant> slotsOf(Object row) {
		return this.crontab.jobs()
			.stream()
			.filter((job) -> row.equals(job.get("origin", Document.class).get("row")))
			.map(RecurringRowsIT::slot)
			.sorted()
			.toList();
	}

	private static Instant slot(Document job) {
		return job.get("origin", Document.class).getDate("time").toInstant();
	}

}
