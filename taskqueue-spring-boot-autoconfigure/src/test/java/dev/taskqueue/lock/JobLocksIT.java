package dev.taskqueue.lock;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The protocol step by step, with the steps of several nodes in any order.
 */
class JobLocksIT {

	private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

	private static final Date UNTIL = Date.from(NOW.plus(Duration.ofHours(1)));

	private final MongoDatabase raw = MongoServer.freshDatabase();

	private final TaskQueueDatabase database = new TaskQueueDatabase(this.raw, "taskqueue_", "crontab_jobs",
			Duration.ofSeconds(10));

	private final MovableClock clock = new MovableClock(NOW);

	private final List<String> woken = new ArrayList<>();

	private Set<String> paused = Set.of();

	private final JobLocks locks = locks(this.clock);

	@BeforeEach
	void createIndexes() {
		Indexes.create(this.database);
		// what is to be looked at is told from now on
		this.locks.handOn();
		this.locks.handOn();
	}

	@AfterEach
	void drop() {
		MongoServer.drop(this.raw);
	}

	@Test
	void oneAttemptHasALockUntilItReleasesIt() {
		JobDocument one = running("one", "t1");
		JobDocument two = running("two", "t2");

		assertThat(this.locks.take("reports", one, "t1")).isTrue();
		assertThat(this.locks.take("reports", two, "t2")).isFalse();
		assertThat(this.locks.take("mails", two, "t2")).isTrue();
		this.locks.release("reports", one, "t1");
		this.locks.handOn();

		assertThat(this.locks.take("reports", two, "t2")).isTrue();
	}

	@Test
	void attemptWhoseReplyWasLostHasTheLockAllTheSame() {
		JobDocument one = running("one", "t1");

		assertThat(this.locks.take("reports", one, "t1")).isTrue();
		assertThat(this.locks.take("reports", one, "t1")).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "succeeded", "pending", "claimed again", "deleted" })
	void lockOfAnAttemptThatIsOverIsTakenByTheNext(String end) {
		this.locks.take("reports", running("one", "t1"), "t1");
		switch (end) {
			case "claimed again" -> update("one", new Document("claim", "t3"));
			case "deleted" -> this.database.jobs().deleteOne(Filters.eq("one"));
			default -> update("one", new Document("state", end));
		}

		assertThat(this.locks.take("reports", running("two", "t2"), "t2")).isTrue();
		assertThat(lock("reports")).containsEntry("job", "two").containsEntry("claim", "t2");
	}

	@Test
	void lateReleaseOfAFencedAttemptTouchesNobodyElsesLock() {
		JobDocument fenced = running("one", "t1");
		this.locks.take("reports", fenced, "t1");
		update("one", new Document("claim", "t2"));
		this.locks.take("reports", fenced, "t2");

		this.locks.release("reports", fenced, "t1");
		this.locks.handOn();

		assertThat(lock("reports")).containsEntry("claim", "t2");
	}

	@Test
	void oneOfManyNodesTakesALockThatIsFree() throws Exception {
		this.locks.take("reports", running("one", "t1"), "t1");
		update("one", new Document("state", "succeeded"));
		List<Callable<Boolean>> takes = IntStream.range(0, 20)
			.mapToObj((i) -> running("job" + i, "of" + i))
			.map((job) -> (Callable<Boolean>) () -> locks(Clock.systemUTC()).take("reports", job,
					Objects.requireNonNull(job.claim())))
			.toList();

		ExecutorService nodes = Executors.newFixedThreadPool(takes.size());
		List<Future<Boolean>> taken = nodes.invokeAll(takes);
		nodes.shutdown();

		int winners = 0;
		for (Future<Boolean> each : taken) {
			winners += each.get() ? 1 : 0;
		}
		assertThat(winners).isOne();
	}

	@Test
	void theOneThatHasWaitedLongestIsWokenAtItsOldPlaceAndNoneThatComesPassesIt() {
		JobDocument one = running("one", "t1");
		this.locks.take("reports", one, "t1");
		waiting("late", "reports", -1);
		waiting("early", "reports", -2);

		this.locks.release("reports", one, "t1");
		this.locks.handOn();

		assertThat(job("early")).containsEntry("run_at", at(-2))
			.containsEntry("state", "pending")
			.doesNotContainKey("waits");
		assertThat(job("early").getString("claim")).isNotEqualTo("before");
		assertThat(job("late")).containsKey("waits");
		assertThat(this.woken).containsExactly("default");
		assertThat(this.locks.take("reports", running("newcomer", "t2"), "t2")).isFalse();
		update("early", new Document("state", "running").append("claim", "t3"));
		assertThat(this.locks.take("reports", new JobDocument(job("early")), "t3")).isTrue();
	}

	@Test
	void jobThatDoesNotComeHoldsTheLockNoLongerThanItsPromise() {
		waiting("gone", "reports", -2);
		waiting("next", "reports", -1);
		this.locks.look("reports");
		this.locks.handOn();

		this.locks.look("reports");
		this.locks.handOn();
		assertThat(job("next")).containsKey("waits");
		this.clock.advance(Holders.PROMISE);
		this.locks.look("reports");
		this.locks.handOn();

		assertThat(job("next")).doesNotContainKey("waits");
		this.clock.advance(Holders.PROMISE);
		assertThat(this.locks.take("reports", running("newcomer", "t2"), "t2")).isTrue();
	}

	@Test
	void promiseOfAClockThatWasPutBackIsNone() {
		waiting("gone", "reports", -2);
		this.locks.look("reports");
		this.locks.handOn();
		this.clock.set(NOW.minus(Duration.ofHours(1)));

		assertThat(this.locks.take("reports", running("newcomer", "t2"), "t2")).isTrue();
	}

	@Test
	void timeThatAJobGotWhileItWaitedHolds() {
		waiting("moved", "reports", -2);
		update("moved", new Document("run_at", at(600)));
		waiting("next", "reports", -1);

		this.locks.look("reports");
		this.locks.handOn();

		assertThat(job("moved")).containsEntry("run_at", at(600)).doesNotContainKey("waits");
		assertThat(job("next")).containsEntry("run_at", at(-1)).doesNotContainKey("waits");
	}

	@Test
	void cancelledJobIsNotWoken() {
		waiting("cancelled", "reports", -2);
		update("cancelled", new Document("state", "cancelled"));
		waiting("next", "reports", -1);

		this.locks.look("reports");
		this.locks.handOn();

		assertThat(job("cancelled")).containsEntry("state", "cancelled").containsKey("waits");
		assertThat(job("next")).doesNotContainKey("waits");
	}

	@Test
	void jobsOfPausedQueuesComeLast() {
		waiting("paused", "reports", -2);
		update("paused", new Document("queue", "slow"));
		waiting("next", "reports", -1);
		this.paused = Set.of("slow");

		this.locks.look("reports");
		this.locks.handOn();
		assertThat(job("paused")).containsKey("waits");
		assertThat(job("next")).doesNotContainKey("waits");

		this.clock.advance(Holders.PROMISE);
		this.locks.look("reports");
		this.locks.handOn();
		assertThat(job("paused")).doesNotContainKey("waits");
	}

	@Test
	void lookAtAllFindsWhatLostProcessesLeft() {
		IntStream.range(0, 250).forEach((i) -> waiting("job" + i, "lock" + i, -1));
		this.locks.take("held", running("one", "t1"), "t1");
		this.locks.take("left", running("two", "t2"), "t2");
		this.locks.take("lock7", running("three", "t3"), "t3");
		this.locks.take("lock8", running("four", "t4"), "t4");
		update("two", new Document("state", "failed"));
		update("four", new Document("state", "failed"));
		this.database.locks().insertOne(new Document("_id", "crontab").append("holder", "a-node"));

		this.locks.lookAtAll();
		// portions of those that are waited for and of those that are held, and the ends
		IntStream.range(0, 10).forEach((i) -> this.locks.handOn());

		assertThat(this.database.jobs().find(Filters.exists("waits")).map((job) -> job.get("_id")))
			.containsExactly("job7");
		assertThat(lock("held")).containsEntry("job", "one");
		assertThat(lock("left")).isNull();
		assertThat(lock("lock8")).containsEntry("job", "job8");
		assertThat(this.database.locks().find(Filters.eq("crontab")).first()).isNotNull();
	}

	@Test
	void eachPeriodicLookFindsThoseThatWaitAndOneOfTwentyWhatIsInNobodysWay() {
		JobLocks often = new JobLocks(this.database, this.clock, new Outage(), Duration.ZERO, () -> this.paused,
				this.woken::add);
		often.handOn();
		this.locks.take("left", running("one", "t1"), "t1");
		this.locks.take("waited", running("two", "t2"), "t2");
		update("one", new Document("state", "failed"));
		update("two", new Document("state", "failed"));
		waiting("job", "waited", -1);

		// the portion and the end
		often.handOn();
		often.handOn();
		assertThat(job("job")).doesNotContainKey("waits");
		IntStream.range(0, 18).forEach((i) -> often.handOn());
		assertThat(lock("left")).isNotNull();
		often.handOn();

		assertThat(lock("left")).isNull();
	}

	@Test
	void lockIsHandedOnWithoutReadingAllThatWait() {
		JobDocument one = running("one", "t1");
		this.locks.take("reports", one, "t1");
		this.database.jobs()
			.insertMany(IntStream.range(0, 2000).mapToObj((i) -> waitingJob("job" + i, "reports", -i)).toList());
		this.raw.runCommand(new Document("profile", 2));

		this.locks.release("reports", one, "t1");
		this.locks.handOn();
		this.locks.lookAtAll();
		IntStream.range(0, 4).forEach((i) -> this.locks.handOn());

		this.raw.runCommand(new Document("profile", 0));
		List<Document> operations = this.raw.getCollection("system.profile")
			.find(new Document("ns", new Document("$regex", "taskqueue_(jobs|locks)")))
			.into(new ArrayList<>());
		assertThat(job("job1999")).doesNotContainKey("waits");
		assertThat(operations).hasSizeBetween(4, 15)
			.allSatisfy((operation) -> assertThat(operation.getInteger("docsExamined", 0)).isLessThan(3));
	}

	@Test
	void claimedJobThatNobodyWokeLeavesTheLineWithItsLock() {
		waiting("one", "reports", -1);
		update("one", new Document("state", "running").append("claim", "t1"));

		assertThat(this.locks.take("reports", new JobDocument(job("one")), "t1")).isTrue();

		assertThat(job("one")).doesNotContainKey("waits").containsEntry("state", "running");
	}

	private JobLocks locks(Clock time) {
		return new JobLocks(this.database, time, new Outage(), Duration.ofHours(1), () -> this.paused, this.woken::add);
	}

	private JobDocument running(String id, String claim) {
		Document job = new Document("_id", id).append("function", "f")
			.append("queue", "default")
			.append("state", "running")
			.append("run_at", at(-10))
			.append("claim", claim);
		this.database.jobs().insertOne(job);
		return new JobDocument(job);
	}

	private void waiting(String id, String lock, int since) {
		this.database.jobs().insertOne(waitingJob(id, lock, since));
	}

	private static Document waitingJob(String id, String lock, int since) {
		return new Document("_id", id).append("function", "f")
			.append("queue", "default")
			.append("state", "pending")
			.append("run_at", UNTIL)
			.append("claim", "before")
			.append("waits", new Document("lock", lock).append("since", at(since)).append("until", UNTIL));
	}

	private void update(String id, Document set) {
		this.database.jobs()
			.updateOne(Filters.eq(id), Updates.combine(
					set.entrySet().stream().map((field) -> Updates.set(field.getKey(), field.getValue())).toList()));
	}

	private Document job(String id) {
		return Objects.requireNonNull(this.database.jobs().find(Filters.eq(id)).first());
	}

	private @Nullable Document lock(String name) {
		return this.database.locks().find(Filters.eq(Holders.key(name))).first();
	}

	private static Date at(int seconds) {
		return Date.from(NOW.plusSeconds(seconds));
	}

}
