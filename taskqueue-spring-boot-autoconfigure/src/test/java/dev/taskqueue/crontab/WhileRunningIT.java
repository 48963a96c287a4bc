package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;

import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Rows whose last job still goes on when they are due again. */
class WhileRunningIT {

	private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

	private final Crontab crontab = new Crontab(MongoServer.freshDatabase());

	private final MovableClock clock = new MovableClock(NOON.plusMillis(40));

	private final CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

	@AfterEach
	void drop() {
		MongoServer.drop(this.crontab.database.database());
	}

	@Test
	void jobsRunSideBySideUnlessTheRowSaysOtherwise() {
		insert(null);

		nextMinute();

		assertThat(slots()).containsExactly(NOON, NOON.plusSeconds(60));
	}

	@ParameterizedTest
	@ValueSource(strings = { "pending", "running" })
	void slotIsSkippedWhileTheLastJobGoesOnAndTheRowSaysSo(String state) {
		Object id = insert("skip");
		setState(state);

		nextMinute();

		assertThat(slots()).containsExactly(NOON);
		assertThat(this.crontab.row(id)).containsEntry("time", Date.from(NOON.plusSeconds(120)))
			.containsEntry("last_time", Date.from(NOON))
			.containsEntry("skipped",
					new Document("time", Date.from(NOON.plusSeconds(60))).append("at", Date.from(this.clock.instant()))
						.append("job_id", this.crontab.row(id).get("job_id")));
		setState("failed");
		nextMinute();
		assertThat(slots()).containsExactly(NOON, NOON.plusSeconds(120));
	}

	@ParameterizedTest
	@ValueSource(strings = { "succeeded", "failed", "cancelled", "expired" })
	void jobThatHasEndedIsInNobodysWay(String state) {
		for (String whileRunning : List.of("skip", "queue", "cancel")) {
			insert(whileRunning);
		}
		setState(state);

		nextMinute();

		assertThat(slots()).hasSize(6);
		assertThat(this.crontab.cancelled).isEmpty();
	}

	@Test
	void jobThatIsGoneFromTheStoreIsInNobodysWay() {
		insert("queue");
		this.crontab.database.jobs().deleteMany(new Document());

		nextMinute();

		assertThat(slots()).containsExactly(NOON.plusSeconds(60));
	}

	@Test
	void slotWaitsUntilTheLastJobHasEndedAndOnlyOneWaits() {
		Object id = insert("queue");
		nextMinute();
		nextMinute();
		nextMinute();
		assertThat(slots()).containsExactly(NOON);
		assertThat(this.crontab.row(id)).containsEntry("time", Date.from(NOON.plusSeconds(60)));

		setState("succeeded");
		this.clock.advance(Duration.ofSeconds(5));
		Crontab.rounds(this.scheduler);

		assertThat(slots()).containsExactly(NOON, NOON.plusSeconds(60));
		assertThat(this.crontab.row(id)).containsEntry("time", Date.from(NOON.plusSeconds(240)));
	}

	@Test
	void eachSlotWaitsForTheOneBeforeWhereNoneIsToBeLost() {
		Object id = insert("queue");
		this.crontab.update(id, "{$set: {misfire: 'all'}}");
		nextMinute();
		nextMinute();

		for (int i = 0; i < 2; i++) {
			setState("succeeded");
			Crontab.rounds(this.scheduler);
			assertThat(slots()).hasSize(2 + i);
		}

		assertThat(slots()).containsExactly(NOON, NOON.plusSeconds(60), NOON.plusSeconds(120));
	}

	@Test
	void lastJobIsCancelledAndTheNewOneRuns() {
		Object id = insert("cancel");
		Object first = this.crontab.row(id).get("job_id");

		nextMinute();

		assertThat(this.crontab.cancelled).containsExactly(String.valueOf(first));
		assertThat(slots()).containsExactly(NOON, NOON.plusSeconds(60));
	}

	@Test
	void crashAfterTheCancellationLeavesOneNewJob() {
		insert("cancel");
		this.crontab.beforeMark = () -> {
			this.crontab.beforeMark = () -> {
			};
			throw new IllegalStateException("killed");
		};
		this.clock.advance(Duration.ofMinutes(1));
		assertThatThrownBy(this.scheduler::round).hasMessage("killed");

		Crontab.rounds(this.crontab.scheduler(this.clock));

		assertThat(slots()).containsExactly(NOON, NOON.plusSeconds(60));
	}

	@Test
	void neighboursAreNotHeldUp() {
		insert("queue");
		Object neighbour = this.crontab.insert(Rows.row(Crontab.epoch(NOON.plusSeconds(60))));

		nextMinute();

		assertThat(this.crontab.row(neighbour)).containsEntry("is_done", true);
	}

	/** A row that runs each minute, whose first job is there. */
	private Object insert(@Nullable String whileRunning) {
		Object id = this.crontab
			.insert(Rows.row(Date.from(NOON)).append("every", "1m").append("while_running", whileRunning));
		Crontab.rounds(this.scheduler);
		return id;
	}

	private void nextMinute() {
		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(this.scheduler);
	}

	private void setState(String state) {
		this.crontab.database.jobs().updateMany(new Document(), new Document("$set", new Document("state", state)));
	}

	private List<Instant> slots() {
		return this.crontab.jobs()
			.stream()
			.map((job) -> job.get("origin", Document.class).getDate("time").toInstant())
			.sorted()
			.toList();
	}

}
