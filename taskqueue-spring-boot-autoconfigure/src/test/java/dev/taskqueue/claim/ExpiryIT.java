package dev.taskqueue.claim;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.JobEvent;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import org.bson.Document;
import org.bson.types.Binary;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Jobs that were not started in time. */
class ExpiryIT {

	private static final Retention RETENTION = new Retention(Duration.ofDays(1), Duration.ofDays(30),
			Duration.ofDays(6), Duration.ofDays(7));

	/** Not long ago, or the TTL index takes part. */
	private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);

	private final MovableClock clock = new MovableClock(this.now);

	private final MongoDatabase raw = MongoServer.freshDatabase();

	private final TaskQueueDatabase database = new TaskQueueDatabase(this.raw, "taskqueue_", "crontab_jobs",
			Duration.ofSeconds(10));

	private final List<JobEvent> events = new CopyOnWriteArrayList<>();

	private final Expiry expiry = expiry("me", RETENTION);

	@BeforeEach
	void createIndexes() {
		Indexes.create(this.database);
	}

	@AfterEach
	void drop() {
		MongoServer.drop(this.raw);
	}

	@Test
	void endsWhatIsOverWhateverItsQueueAndFunction() {
		insert(job("a").append("expires_at", at(0)),
				job("b").append("function", "nobody-has-it").append("queue", "paused").append("expires_at", at(-5)));

		assertThat(this.expiry.round()).isFalse();

		assertThat(stored("a")).containsEntry("state", "expired")
			.containsEntry("finished_at", at(0))
			.containsEntry("delete_at", Date.from(this.now.plus(Duration.ofDays(7))));
		assertThat(stored("b")).containsEntry("state", "expired");
		assertThat(this.events).containsExactlyInAnyOrder(new JobEvent.Expired("a", "f", "default"),
				new JobEvent.Expired("b", "nobody-has-it", "paused"));
	}

	@Test
	void leavesWhatIsNotOverOrNoLongerPendingOrNoTime() {
		List<Document> jobs = List.of(job("plain"), job("later").append("expires_at", at(1)),
				job("running").append("state", "running").append("expires_at", at(-1)),
				job("ended").append("state", "succeeded").append("expires_at", at(-1)),
				job("text").append("expires_at", "2020-01-01"), job("null").append("expires_at", null),
				job("list").append("expires_at", List.of(at(-1))));
		insert(jobs.toArray(Document[]::new));

		assertThat(this.expiry.round()).isFalse();

		assertThat(this.raw.getCollection("taskqueue_jobs").find()).containsExactlyInAnyOrderElementsOf(jobs);
		assertThat(this.events).isEmpty();
	}

	@Test
	void eachOfTwoNodesTellsOfTheJobsThatItEnded() {
		insert(overdue(3000));
		Expiry other = expiry("other", RETENTION);

		CompletableFuture
			.allOf(CompletableFuture.runAsync(() -> endAll(this.expiry)),
					CompletableFuture.runAsync(() -> endAll(other)))
			.join();

		assertThat(this.raw.getCollection("taskqueue_jobs").countDocuments(Filters.eq("state", "expired")))
			.isEqualTo(3000);
		assertThat(this.events).hasSize(3000).extracting(JobEvent::jobId).doesNotHaveDuplicates();
	}

	@Test
	void endsAPortionAtATime() {
		insert(overdue(Expiry.PORTION + 10));

		assertThat(this.expiry.round()).isTrue();
		assertThat(this.events).hasSize(Expiry.PORTION);
		assertThat(this.expiry.round()).isFalse();
		assertThat(this.events).hasSize(Expiry.PORTION + 10);
	}

	@Test
	void cancellationThatWasAskedForBeforeIsTheEnd() {
		insert(job("a").append("expires_at", at(-1)).append("cancel_requested", true));

		this.expiry.round();

		assertThat(stored("a")).containsEntry("state", "cancelled")
			.containsEntry("delete_at", Date.from(this.now.plus(Duration.ofDays(6))));
		assertThat(this.events).containsExactly(new JobEvent.Cancelled("a", "f", "default", Duration.ZERO));
	}

	@Test
	void withoutRetentionItIsGoneButForTheJobOfARow() {
		insert(job("a").append("expires_at", at(-1)),
				job("row").append("expires_at", at(-1)).append("origin", new Document("row", 7)));

		expiry("me", new Retention(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO)).round();

		assertThat(this.raw.getCollection("taskqueue_jobs").distinct("_id", String.class)).containsExactly("row");
		assertThat(stored("row")).containsEntry("delete_at", Date.from(this.now.plus(Duration.ofMinutes(5))));
		assertThat(this.events).extracting(JobEvent::jobId).containsExactlyInAnyOrder("a", "row");
	}

	@Test
	void jobWithoutRoomForMoreThanItsStateEndsAndHoldsUpNoOther() {
		Document full = job("full").append("expires_at", at(-1)).append("params", List.of(new Binary(new byte[0])));
		int used = TaskQueueDatabase.encode(full).getByteBuffer().remaining();
		full.append("params", List.of(new Binary(new byte[16 * 1024 * 1024 - used])));
		insert(full);
		insert(job("a").append("expires_at", at(-1)));

		this.expiry.round();

		assertThat(this.raw.getCollection("taskqueue_jobs").countDocuments(Filters.eq("state", "expired")))
			.isEqualTo(2);
		assertThat(this.events).extracting(JobEvent::jobId).containsExactlyInAnyOrder("full", "a");
	}

	@Test
	void readsNothingButWhatIsOver() {
		insert(IntStream.range(0, 1000).mapToObj((i) -> job("plain" + i)).toArray(Document[]::new));
		insert(IntStream.range(0, 1000)
			.mapToObj((i) -> job("later" + i).append("expires_at", at(60)))
			.toArray(Document[]::new));
		insert(overdue(3));
		this.raw.runCommand(new Document("profile", 2));

		this.expiry.round();

		this.raw.runCommand(new Document("profile", 0));
		assertThat(this.raw.getCollection("system.profile").find(new Document("op", "query"))).hasSize(1)
			.allSatisfy((query) -> assertThat(query.getInteger("keysExamined")).isLessThanOrEqualTo(4));
	}

	@Test
	void besideAStreamItLooksWhenTheNextJobExpires() {
		insert(job("plain"), job("later").append("expires_at", at(50)), job("next").append("expires_at", at(20)));
		this.expiry.setBesideStream(true);
		assertThat(this.expiry.isDue()).isTrue();

		this.expiry.round();

		assertThatNextLookIsIn(20);
		this.expiry.round();
		assertThat(stored("next")).containsEntry("state", "expired");
		assertThatNextLookIsIn(30);
	}

	@Test
	void besideAStreamItLooksOnceAMinuteWhereNothingExpires() {
		this.expiry.setBesideStream(true);
		this.expiry.round();
		assertThatNextLookIsIn(60);

		this.expiry.round();
		this.expiry.expect(this.clock.instant().plusSeconds(7));
		this.expiry.expect(this.clock.instant().plusSeconds(9));

		assertThatNextLookIsIn(7);
	}

	@Test
	void withoutAStreamItLooksEachTime() {
		this.expiry.round();

		assertThat(this.expiry.isDue()).isTrue();

		this.expiry.setBesideStream(true);
		this.expiry.round();
		assertThat(this.expiry.isDue()).isFalse();
		this.expiry.setBesideStream(false);
		assertThat(this.expiry.isDue()).isTrue();
	}

	private void assertThatNextLookIsIn(int seconds) {
		this.clock.advance(Duration.ofSeconds(seconds).minusMillis(1));
		assertThat(this.expiry.isDue()).isFalse();
		this.clock.advance(Duration.ofMillis(1));
		assertThat(this.expiry.isDue()).isTrue();
	}

	private Expiry expiry(String worker, Retention retention) {
		return new Expiry(this.database, this.clock, retention, new Outage(), () -> worker, this.events::add);
	}

	private static void endAll(Expiry expiry) {
		while (expiry.round()) {
			// the next portion
		}
	}

	private Document[] overdue(int count) {
		return IntStream.range(0, count)
			.mapToObj((i) -> job("overdue" + i).append("expires_at", at(-1)))
			.toArray(Document[]::new);
	}

	private void insert(Document... jobs) {
		this.raw.getCollection("taskqueue_jobs").insertMany(new ArrayList<>(Arrays.asList(jobs)));
	}

	private Document stored(String id) {
		return Objects.requireNonNull(this.raw.getCollection("taskqueue_jobs").find(new Document("_id", id)).first());
	}

	private Document job(String id) {
		return new Document("_id", id).append("function", "f")
			.append("params", List.of())
			.append("queue", "default")
			.append("priority", 0)
			.append("state", "pending")
			.append("run_at", at(-60))
			.append("created_at", at(-60));
	}

	private Date at(long seconds) {
		return Date.from(this.now.plusSeconds(seconds));
	}

}
