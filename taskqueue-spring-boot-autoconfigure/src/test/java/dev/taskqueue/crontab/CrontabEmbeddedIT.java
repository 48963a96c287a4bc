package dev.taskqueue.crontab;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

import dev.taskqueue.testsupport.EmbeddedServer;
import dev.taskqueue.testsupport.MovableClock;
import org.bson.types.Decimal128;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The main way on the sample's server, which knows no bounds of indexes and no streams.
 */
class CrontabEmbeddedIT {

	private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

	private static final int MINUTE = Crontab.epoch(NOW);

	private final EmbeddedServer server = EmbeddedServer.start();

	private final Crontab crontab = new Crontab(this.server.freshDatabase());

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void dueRowsBecomeJobsOnceAndBadOnesGetTheirError() {
		this.crontab.settings = Crontab.settings(4, Duration.ofDays(1), Duration.ofSeconds(5));
		MovableClock clock = new MovableClock(NOW);
		for (Object time : new Object[] { MINUTE, (long) MINUTE, (double) MINUTE, new Decimal128(MINUTE),
				Date.from(NOW) }) {
			for (int i = 0; i < 5; i++) {
				this.crontab.insert(Rows.row(time));
			}
		}
		Object ahead = this.crontab.insert(Rows.row(MINUTE + 60));
		Object bad = this.crontab.insert(Rows.row(MINUTE).append("params", 5));
		Object never = this.crontab.insert(Rows.row("x"));
		Object old = this.crontab.insert(Rows.row(MINUTE - 200_000));
		CrontabScheduler scheduler = this.crontab.scheduler(clock);

		Crontab.rounds(scheduler);

		assertThat(this.crontab.countJobs()).isEqualTo(25);
		assertThat(this.crontab.row(ahead)).containsEntry("is_done", false).doesNotContainKey("error");
		assertThat(this.crontab.error(bad)).containsEntry("field", "params");
		assertThat(this.crontab.error(never)).containsEntry("field", "time");
		assertThat(this.crontab.error(old)).containsEntry("field", "time");
		this.crontab.update(bad, "{$set: {params: [1, 2, 3]}}");
		clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(scheduler);
		assertThat(this.crontab.row(bad)).containsEntry("is_done", true).doesNotContainKey("error");
		assertThat(this.crontab.countJobs()).isEqualTo(27);
	}

	@Test
	void recurringRowRunsAgainAndFollowsItsOwner() {
		MovableClock clock = new MovableClock(NOW);
		Object id = this.crontab.insert(Rows.row(null).append("every", "1m"));
		CrontabScheduler scheduler = this.crontab.scheduler(clock);
		Crontab.rounds(scheduler);
		for (int i = 0; i < 3; i++) {
			clock.advance(Duration.ofMinutes(1));
			Crontab.rounds(scheduler);
		}
		assertThat(this.crontab.countJobs()).isEqualTo(3);

		this.crontab.update(id, "{$set: {every: '1h'}}");
		clock.advance(Duration.ofSeconds(5));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.row(id)).containsEntry("time", Date.from(NOW.plusSeconds(3600 + 180)));
	}

	@Test
	void validatorIsNothingToStumbleOver() {
		RowValidator validator = new RowValidator(this.crontab.database, CrontabSettings.Validation.ERROR);
		this.crontab.insert(Rows.row(MINUTE));

		validator.prepare();
		validator.prepare();

		this.crontab.insert(Rows.row(MINUTE).append("params", 5));
		assertThat(this.crontab.countUndone()).isEqualTo(2);
	}

	@Test
	void loopPollsWithoutAChangeStream() throws InterruptedException {
		this.crontab.settings = Crontab.settings(1000, null, Duration.ofMillis(100));
		CrontabScheduler scheduler = this.crontab.scheduler(Clock.systemUTC());
		Thread loop = new Thread(scheduler::run);
		loop.start();
		scheduler.runWatch();
		Object id = this.crontab.insert(Rows.row(MINUTE - 1_000_000));

		await().until(() -> Boolean.TRUE.equals(this.crontab.row(id).get("is_done")));
		scheduler.stop();
		loop.join(5000);

		assertThat(loop.isAlive()).isFalse();
	}

}
