package dev.taskqueue.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.IndexOptions;
import dev.taskqueue.Job;
import dev.taskqueue.JobError;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobState;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.submit.Submitter;
import dev.taskqueue.submit.Transactions;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import dev.taskqueue.testsupport.Steerings;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@ExtendWith(MongoServer.class)
class BulkIT {

	private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

	private final TaskQueueDatabase database;

	private final DefaultTaskQueue queue;

	BulkIT(MongoDatabase database) {
		this.database = new TaskQueueDatabase(database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(10));
		MovableClock clock = new MovableClock(NOW);
		Submitter submitter = new Submitter(this.database, Transactions.NONE, (name) -> {
		}, (event) -> {
		}, 1_000_000, Duration.ofSeconds(10));
		this.queue = new DefaultTaskQueue(submitter, new JobQueries(this.database, clock),
				FunctionRegistry.of(List.of()), new ArgumentMapper(JsonMapper.builder().build(), BsonValues::toPlain),
				clock, EnqueueHooks.NONE, Steerings.on(this.database, clock));
	}

	@BeforeEach
	void startEmpty() {
		this.database.jobs().drop();
		Indexes.create(this.database);
	}

	@Test
	void queryFindsByEachFieldAndStopsAtItsLimit() {
		insert(job("a-1", "failed").append("error", new Document("reason", "timeout")),
				job("a-2", "failed").append("queue", "mail").append("function", "send"), job("b-1", "pending"),
				job("b-2", "pending").append("run_at", Date.from(NOW.plusSeconds(60))),
				job(7, "succeeded").append("created_at", Date.from(NOW.minusSeconds(60))));

		assertThat(ids(JobQuery.all())).containsExactly("b-2", "b-1", "a-2", "a-1", "7");
		assertThat(ids(JobQuery.all().limit(2))).containsExactly("b-2", "b-1");
		assertThat(ids(JobQuery.all().state(JobState.FAILED))).containsExactly("a-2", "a-1");
		assertThat(ids(JobQuery.all().reason(JobError.Reason.TIMEOUT))).containsExactly("a-1");
		assertThat(ids(JobQuery.all().queue("mail").function("send"))).containsExactly("a-2");
		assertThat(ids(JobQuery.all().idPrefix("b-"))).containsExactly("b-2", "b-1");
		assertThat(ids(JobQuery.all().scheduled())).containsExactly("b-2");
		assertThat(ids(JobQuery.all().createdBefore(NOW))).containsExactly("7");
		assertThat(ids(JobQuery.all().createdAfter(NOW).idPrefix("a"))).containsExactly("a-2", "a-1");
	}

	@Test
	void queryIsReadAsItsStreamIs() {
		insert(IntStream.range(0, 5000).mapToObj((i) -> job(i, "succeeded")).toArray(Document[]::new));

		try (Stream<Job> jobs = this.queue.query(JobQuery.all())) {
			assertThat(jobs.map(Job::id).limit(1)).containsExactly("4999");
		}
		assertThat(this.queue.query(JobQuery.all()).map(Job::id)).hasSize(5000).doesNotHaveDuplicates();
	}

	@Test
	void cancelsPendingAndRunningJobsInBatches() {
		insert(IntStream.range(0, 2500)
			.mapToObj((i) -> job(i, List.of("pending", "running", "succeeded").get(i % 3)))
			.toArray(Document[]::new));
		insert(job("other", "pending").append("queue", "other"));

		long cancelled = this.queue.cancelAll(JobQuery.all().queue("default"));

		assertThat(cancelled).isEqualTo(834 + 833);
		assertThat(count(Filters.eq("state", "cancelled"))).isEqualTo(834);
		assertThat(count(Filters.and(Filters.eq("state", "running"), Filters.eq("cancel_requested", true))))
			.isEqualTo(833);
		assertThat(count(Filters.eq("state", "succeeded"))).isEqualTo(833);
		assertThat(count(Filters.eq("state", "pending"))).isOne();
		assertThat(this.queue.cancelAll(JobQuery.all().queue("default"))).isZero();
	}

	@Test
	void retriesWhatFailedForAReasonUpToALimit() {
		insert(IntStream.range(0, 30)
			.mapToObj((i) -> job(i, "failed").append("error",
					new Document("reason", (i % 2 == 0) ? "timeout" : "exception")))
			.toArray(Document[]::new));

		JobQuery timedOut = JobQuery.all().state(JobState.FAILED).reason(JobError.Reason.TIMEOUT);
		assertThat(this.queue.retryAll(timedOut.limit(5))).isEqualTo(5);
		assertThat(this.queue.retryAll(timedOut)).isEqualTo(10);

		assertThat(count(Filters.eq("state", "pending"))).isEqualTo(15);
	}

	@Test
	void retryLeavesAloneWhoseUniqueKeyAnotherHas() {
		this.database.jobs().createIndex(new Document("unique_key", 1), new IndexOptions().unique(true).sparse(true));
		insert(job("taken", "failed").append("ended_key", "k"), job("holder", "running").append("unique_key", "k"),
				job("free", "failed").append("ended_key", "f"), job("plain", "failed"));

		assertThat(this.queue.retryAll(JobQuery.all())).isEqualTo(2);

		assertThat(ids(JobQuery.all().state(JobState.PENDING))).containsExactly("plain", "free");
		assertThat(ids(JobQuery.all().state(JobState.FAILED))).containsExactly("taken");
	}

	@Test
	void deletesAllButWhatRuns() {
		insert(IntStream.range(0, 2500)
			.mapToObj((i) -> job(i, List.of("pending", "running", "failed").get(i % 3)))
			.toArray(Document[]::new));

		assertThat(this.queue.deleteAll(JobQuery.all().state(JobState.FAILED))).isEqualTo(833);
		assertThat(this.queue.deleteAll(JobQuery.all())).isEqualTo(834);

		assertThat(count(Filters.eq("state", "running"))).isEqualTo(833);
		assertThat(this.database.jobs().countDocuments()).isEqualTo(833);
	}

	@Test
	void goesOnWhereOthersMoveTheSameJobs() throws Exception {
		insert(IntStream.range(0, 5000).mapToObj((i) -> job(i, "pending")).toArray(Document[]::new));

		CompletableFuture<Void> others = CompletableFuture.runAsync(() -> {
			for (int i = 4999; i >= 0; i -= 5) {
				Document to = new Document("state", (i % 2 == 0) ? "running" : "succeeded");
				this.database.jobs()
					.updateOne(Filters.and(Filters.eq(i), Filters.eq("state", "pending")), new Document("$set", to));
			}
		});
		long cancelled = this.queue.cancelAll(JobQuery.all());
		others.get();

		long asked = count(Filters.eq("cancel_requested", true));
		assertThat(cancelled).isEqualTo(count(Filters.eq("state", "cancelled")) + asked);
		assertThat(count(Filters.eq("state", "pending"))).isZero();
	}

	@Test
	void stateThatTheActionIsNotForIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.queue.cancelAll(JobQuery.all().state(JobState.FAILED)))
			.withMessageContaining("state is 'failed'")
			.withMessageContaining("[pending, running]");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.queue.deleteAll(JobQuery.all().state(JobState.RUNNING)));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.queue.retryAll(JobQuery.all().state(JobState.SUCCEEDED)));
		assertThatIllegalArgumentException().isThrownBy(() -> JobQuery.all().limit(0))
			.withMessageContaining("limit is '0'");
	}

	private List<String> ids(JobQuery query) {
		try (Stream<Job> jobs = this.queue.query(query)) {
			return jobs.map(Job::id).toList();
		}
	}

	private void insert(Document... jobs) {
		this.database.jobs().insertMany(List.of(jobs));
	}

	private long count(Bson filter) {
		return this.database.jobs().countDocuments(filter);
	}

	private static Document job(Object id, String state) {
		return new Document(Map.of("function", "f", "queue", "default", "priority", 0)).append("_id", id)
			.append("params", List.of())
			.append("state", state)
			.append("run_at", Date.from(NOW))
			.append("created_at", Date.from(NOW));
	}

}
