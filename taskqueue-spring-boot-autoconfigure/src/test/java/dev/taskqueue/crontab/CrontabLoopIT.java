package dev.taskqueue.crontab;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import dev.taskqueue.store.Indexes;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class CrontabLoopIT {

	private static final Duration SOON = Duration.ofSeconds(5);

	private final Crontab crontab = new Crontab(MongoServer.freshDatabase());

	private final Clock clock = Clock.systemUTC();

	private final List<CrontabScheduler> schedulers = new ArrayList<>();

	private final List<Thread> threads = new ArrayList<>();

	@AfterEach
	void stop() throws InterruptedException {
		this.schedulers.forEach(CrontabScheduler::stop);
		// with a write, a stream hears that it is over
		this.crontab.database.locks().insertOne(new Document("_id", "any"));
		for (Thread thread : this.threads) {
			thread.join(SOON.toMillis());
			assertThat(thread.isAlive()).as(thread.getName()).isFalse();
		}
		MongoServer.drop(this.crontab.database.database());
	}

	@Test
	void insertedRowIsDispatchedAtOnceWhereTheServerTells() {
		slowPolling();
		startAndWatch();

		long before = System.nanoTime();
		Object id = this.crontab.insert(Rows.row(Crontab.epoch(this.clock.instant()) - 5));
		await().pollInterval(Duration.ofMillis(5)).atMost(SOON).until(() -> isDone(id));

		assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
	}

	@Test
	void ownersChangesAreHeardToo() {
		slowPolling();
		startAndWatch();
		Object id = this.crontab.insert(Rows.row("soon"));
		await().atMost(SOON).until(() -> this.crontab.error(id) != null);

		// mended, then armed again, then its error is removed by hand
		this.crontab.update(id, "{$set: {time: %d}}".formatted(Crontab.epoch(this.clock.instant()) - 5));
		await().atMost(SOON).until(() -> isDone(id));
		assertThat(this.crontab.row(id)).doesNotContainKey("error");
		this.crontab.update(id, "{$set: {is_done: false}}");
		await().atMost(SOON).until(() -> isDone(id) && this.crontab.countJobs() == 2);
		this.crontab.update(id, "{$set: {is_done: false, params: 'x'}}");
		await().atMost(SOON).until(() -> this.crontab.error(id) != null);
		this.crontab.update(id, "{$unset: {error: 1}}");
		await().atMost(SOON).until(() -> this.crontab.error(id) != null);
	}

	@Test
	void recurringRowFollowsItsOwnersUpdatesAtOnce() {
		slowPolling();
		startAndWatch();
		Object id = this.crontab.insert(Rows.row(null).append("every", "1s"));
		await().atMost(SOON).until(() -> this.crontab.countJobs() >= 2);

		this.crontab.update(id, "{$set: {every: '1h'}}");
		await().atMost(SOON).until(() -> isDueIn(id, Duration.ofMinutes(50)));
		this.crontab.update(id, "{$set: {enabled: false, every: '1s'}}");
		long before = this.crontab.countJobs();
		this.crontab.update(id, "{$set: {enabled: true}}");
		await().atMost(SOON).until(() -> this.crontab.countJobs() > before);
		this.crontab.update(id, "{$set: {cron: '0 0 1 1 *'}, $unset: {every: 1}}");
		await().atMost(SOON)
			.untilAsserted(() -> assertThat(this.crontab.row(id).get("next", Document.class).getString("schedule"))
				.startsWith("cron"));
	}

	private boolean isDueIn(Object id, Duration least) {
		return this.crontab.row(id).getDate("time").toInstant().isAfter(this.clock.instant().plus(least));
	}

	@Test
	void rowIsDispatchedAtItsTimeAndNotBefore() {
		slowPolling();
		startAndWatch();
		Instant due = this.clock.instant().plusMillis(1500);
		Object id = this.crontab.insert(Rows.row(Date.from(due)));

		await().pollInterval(Duration.ofMillis(5)).atMost(SOON).until(() -> isDone(id));

		Instant at = this.crontab.row(id).getDate("dispatched_at").toInstant();
		assertThat(Duration.between(due, at)).isBetween(Duration.ofMillis(-1), Duration.ofSeconds(1));
	}

	@Test
	void rowsAreFoundByPollingWhereNobodyWatches() {
		this.crontab.settings = Crontab.settings(1000, null, Duration.ofMillis(200));
		start(this.crontab.scheduler(this.clock));
		Object id = this.crontab.insert(Rows.row(5));

		await().atMost(SOON).until(() -> isDone(id));
	}

	@Test
	void anotherNodeGoesOnWhenTheLeaderIsLost() {
		this.crontab.settings = Crontab.settings(1000, null, Duration.ofMillis(200));
		AtomicBoolean first = new AtomicBoolean(true);
		CrontabScheduler one = this.crontab.scheduler(this.clock, first::get);
		CrontabScheduler other = this.crontab.scheduler(this.clock, () -> !first.get());
		start(one);
		start(other);
		await().atMost(SOON).until(() -> one.status().isLeader() && !other.status().isLeader());

		first.set(false);
		await().atMost(SOON).until(() -> !one.status().isLeader() && other.status().isLeader());
		Object id = this.crontab.insert(Rows.row(5));

		await().atMost(SOON).until(() -> isDone(id));
	}

	@Test
	void droppedCollectionIsWatchedAgain() {
		slowPolling();
		CrontabScheduler scheduler = startAndWatch();
		this.crontab.database.crontab().drop();
		await().atMost(SOON).until(() -> !scheduler.status().isWatching());
		Indexes.create(this.crontab.database);

		await().atMost(SOON).until(() -> scheduler.status().isWatching());
		Object id = this.crontab.insert(Rows.row(5));

		await().atMost(SOON).until(() -> isDone(id));
	}

	@Test
	void changedRowDoesNotWaitForAllThatAreDue() {
		insertMany(20_000, Crontab.epoch(this.clock.instant()) - 5);
		this.crontab.settings = Crontab.settings(10, null, Duration.ofSeconds(50));
		startAndWatch();

		Object id = this.crontab.insert(Rows.row(Crontab.epoch(this.clock.instant()) - 1));
		await().atMost(SOON).until(() -> isDone(id));

		assertThat(this.crontab.countUndone()).isGreaterThan(5000);
	}

	@Test
	void dueRowDoesNotWaitForTheEndOfAFloodOfChanges() {
		this.crontab.settings = Crontab.settings(1, null, Duration.ofSeconds(50));
		int soon = Crontab.epoch(this.clock.instant()) + 3;
		Object id = this.crontab.insert(Rows.row(soon));
		startAndWatch();
		AtomicBoolean flood = new AtomicBoolean(true);
		thread("flood", () -> {
			while (flood.get()) {
				insertMany(100, soon + 86_400);
			}
		});

		try {
			await().atMost(SOON.plusSeconds(3)).until(() -> isDone(id));
		}
		finally {
			flood.set(false);
		}
	}

	@Test
	void whatNobodyToldOfInARushIsLookedThroughAfterIt() {
		this.crontab.settings = Crontab.settings(1000, null, Duration.ofMillis(200));
		MovableClock clock = new MovableClock(this.clock.instant());
		CrontabScheduler scheduler = this.crontab.scheduler(clock);
		start(scheduler);
		watch(scheduler);
		this.crontab.busy.set(true);
		scheduler.stopWatching();
		// a stream that waits notices its end with the next write
		this.crontab.database.locks().insertOne(new Document("_id", "write"));
		await().atMost(SOON).until(() -> !scheduler.status().isWatching());
		Object later = this.crontab.insert(Rows.row(Crontab.epoch(clock.instant()) + 3600).append("every", "1h"));
		Object odd = this.crontab.insert(Rows.row(5).append("enabled", List.of(false)));

		clock.advance(Duration.ofMinutes(2));
		this.crontab.busy.set(false);

		await().atMost(SOON).until(() -> scheduler.status().isWatching());
		await().atMost(SOON).until(() -> this.crontab.row(later).containsKey("next"));
		await().atMost(SOON).until(() -> this.crontab.error(odd) != null);
	}

	private void insertMany(int count, int time) {
		this.crontab.database.crontab().insertMany(IntStream.range(0, count).mapToObj((i) -> Rows.row(time)).toList());
	}

	private void slowPolling() {
		this.crontab.settings = Crontab.settings(1000, null, Duration.ofSeconds(50));
	}

	private CrontabScheduler startAndWatch() {
		CrontabScheduler scheduler = this.crontab.scheduler(this.clock);
		start(scheduler);
		watch(scheduler);
		return scheduler;
	}

	private void watch(CrontabScheduler scheduler) {
		thread("watch", scheduler::runWatch);
		await().atMost(SOON).until(() -> scheduler.status().isWatching());
	}

	private void start(CrontabScheduler scheduler) {
		this.schedulers.add(scheduler);
		thread("run", scheduler::run);
	}

	private void thread(String name, Runnable loop) {
		Thread thread = new Thread(loop, name);
		this.threads.add(thread);
		thread.start();
	}

	private boolean isDone(Object id) {
		return Boolean.TRUE.equals(this.crontab.row(id).get("is_done"));
	}

}
