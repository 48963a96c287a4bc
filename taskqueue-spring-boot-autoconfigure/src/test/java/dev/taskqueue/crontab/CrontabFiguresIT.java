package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import dev.taskqueue.store.Indexes;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import static org.assertj.core.api.Assertions.assertThat;

/** Figures, on demand: {@code -Dtaskqueue.figures=true}. */
@EnabledIfSystemProperty(named = "taskqueue.figures", matches = "true")
class CrontabFiguresIT {

	private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

	private static final int MINUTE = Crontab.epoch(NOW);

	private final Crontab crontab = new Crontab(MongoServer.freshDatabase());

	private final MovableClock clock = new MovableClock(NOW);

	@BeforeEach
	void warmUp() {
		insertDue(5000);
		Crontab.rounds(this.crontab.scheduler(this.clock));
		this.crontab.database.jobs().drop();
		this.crontab.database.crontab().drop();
		Indexes.create(this.crontab.database);
	}

	@AfterEach
	void drop() {
		MongoServer.drop(this.crontab.database.database());
	}

	@Test
	void dueRowsOfOneMinute() {
		insertDue(100_000);
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

		long took = time(scheduler);

		System.out.printf("FIGURE 100,000 due rows: %d ms, %d rows/s%n", took, 100_000_000L / took);
		assertThat(this.crontab.countJobs()).isEqualTo(100_000);
	}

	@Test
	void dueRowsBesideBadOnes() {
		for (int k = 0; k < 10; k++) {
			this.crontab.database.crontab()
				.insertMany(IntStream.range(0, 1000).mapToObj((i) -> Rows.row(MINUTE).append("params", "x")).toList());
		}
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		System.out.printf("FIGURE 10,000 bad rows, first seen: %d ms%n", time(scheduler));
		this.clock.advance(Duration.ofMinutes(1));
		System.out.printf("FIGURE 10,000 bad rows, each further minute: %d ms%n", time(scheduler));
		this.clock.advance(Duration.ofSeconds(5));
		System.out.printf("FIGURE 10,000 bad rows, each further look: %d ms%n", time(scheduler));
		insertDue(1000);
		System.out.printf("FIGURE 1,000 good rows beside 10,000 bad ones: %d ms%n", time(scheduler));
		insertDue(1000);
		this.clock.advance(Duration.ofMinutes(1));
		long start = System.nanoTime();
		this.crontab.beforeMark = () -> {
			System.out.printf("FIGURE 1,000 good rows at a minute beside 10,000 bad ones: jobs in store after %d ms%n",
					TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
			this.crontab.beforeMark = () -> {
			};
		};
		time(scheduler);
	}

	private void insertDue(int rows) {
		for (int k = 0; k < rows / 1000; k++) {
			this.crontab.database.crontab()
				.insertMany(IntStream.range(0, 1000).mapToObj((i) -> Rows.row(MINUTE)).toList());
		}
	}

	private static long time(CrontabScheduler scheduler) {
		long start = System.nanoTime();
		Crontab.rounds(scheduler);
		return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
	}

}
