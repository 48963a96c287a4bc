package dev.taskqueue.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.IndexOptions;
import dev.taskqueue.JobChange;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobState;
import dev.taskqueue.JobStateException;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@ExtendWith(MongoServer.class)
class JobChangeIT {

	private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

	private final TaskQueueDatabase database;

	private final DefaultTaskQueue queue;

	JobChangeIT(MongoDatabase database) {
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
	void pendingJobIsChangedInEachWay() {
		insert("a", "pending");

		assertThat(this.queue.edit("a",
				JobChange.none()
					.args("you", 3, null)
					.kwargs(Map.of("times", 2))
					.queue("slow")
					.priority(9)
					.runAt(NOW.plusSeconds(60))
					.timeout(Duration.ofSeconds(5))
					.maxAttempts(4)))
			.isTrue();

		assertThat(stored("a")).containsEntry("params", Arrays.asList("you", 3, null))
			.containsEntry("kwargs", new Document("times", 2))
			.containsEntry("queue", "slow")
			.containsEntry("priority", 9)
			.containsEntry("run_at", Date.from(NOW.plusSeconds(60)))
			.containsEntry("timeout_ms", 5000L)
			.containsEntry("max_attempts", 4)
			.containsEntry("state", "pending");
	}

	@Test
	void whatIsNotSaidStaysAndTheClaimSeesThatTheJobWasChanged() {
		insert("a", "pending");

		this.queue.edit("a", JobChange.none().priority(1));

		Document stored = stored("a");
		assertThat(stored.remove("claim")).isInstanceOf(String.class);
		assertThat(stored).isEqualTo(document("a", "pending").append("priority", 1));
	}

	@ParameterizedTest
	@ValueSource(strings = { "running", "succeeded", "failed", "cancelled", "expired" })
	void jobThatIsNotPendingIsNotChangedAndItsStateIsTold(String state) {
		insert("a", state);

		assertThatExceptionOfType(JobStateException.class)
			.isThrownBy(() -> this.queue.edit("a", JobChange.none().priority(1)))
			.withMessageContaining("Job a is " + state + ", so it cannot be edited")
			.satisfies((ex) -> assertThat(ex.getState()).isEqualTo(JobState.of(state)));
		assertThatExceptionOfType(JobStateException.class).isThrownBy(() -> this.queue.runNow("a"));
		assertThatExceptionOfType(JobStateException.class).isThrownBy(() -> this.queue.reschedule("a", NOW));
		assertThat(stored("a")).isEqualTo(document("a", state));
	}

	@Test
	void jobThatDoesNotExistIsNotChanged() {
		assertThat(this.queue.edit("nobody", JobChange.none().priority(1))).isFalse();
		assertThat(this.queue.retry("nobody")).isFalse();
		assertThat(this.queue.runNow("nobody")).isFalse();
		assertThat(this.queue.reschedule("nobody", NOW)).isFalse();
		assertThat(this.queue.delete("nobody")).isFalse();
	}

	@Test
	void changeThatCannotBeMeantSaysWhatIsWrong() {
		insert("a", "pending");

		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.edit("a", JobChange.none()))
			.withMessageContaining("empty");
		assertThatIllegalArgumentException().isThrownBy(() -> JobChange.none().queue(" "))
			.withMessageContaining("queue is ' '");
		assertThatIllegalArgumentException().isThrownBy(() -> JobChange.none().maxAttempts(0))
			.withMessageContaining("maxAttempts is '0'");
		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.edit("a", JobChange.none().runAt(Instant.MAX)))
			.withMessageContaining("runAt is '+1000000000");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.queue.edit("a", JobChange.none().args("x".repeat(1_000_001))))
			.withMessageContaining("expected at most 1000000");
	}

	@Test
	void laterJobIsDueNowOrAtAnotherTime() {
		insert(document("a", "pending").append("run_at", Date.from(NOW.plusSeconds(3600))));

		assertThat(this.queue.reschedule("a", NOW.plusSeconds(60))).isTrue();
		assertThat(stored("a")).containsEntry("run_at", Date.from(NOW.plusSeconds(60)));

		assertThat(this.queue.runNow("a")).isTrue();
		assertThat(stored("a")).containsEntry("run_at", Date.from(NOW));
	}

	@Test
	void jobThatIsDueKeepsItsPlaceInTheOrder() {
		Date earlier = Date.from(NOW.minusSeconds(60));
		insert(document("a", "pending").append("run_at", earlier));

		assertThat(this.queue.runNow("a")).isTrue();

		assertThat(stored("a")).containsEntry("run_at", earlier);
	}

	@ParameterizedTest
	@ValueSource(strings = { "failed", "cancelled", "expired" })
	void endedJobIsPendingAgainWithAllItsAttempts(String state) {
		Document error = new Document("reason", "exception").append("message", "no");
		insert(document("a", state).append("attempt", 3)
			.append("recoveries", 2)
			.append("finished_at", Date.from(NOW))
			.append("delete_at", Date.from(NOW))
			.append("expires_at", Date.from(NOW))
			.append("cancel_requested", true)
			.append("claim", "t")
			.append("error", error));

		assertThat(this.queue.retry("a")).isTrue();

		assertThat(stored("a")).isEqualTo(document("a", "pending").append("claim", "t").append("error", error));
	}

	@ParameterizedTest
	@ValueSource(strings = { "pending", "running", "succeeded" })
	void jobThatNeedsNoRetryIsLeftAlone(String state) {
		insert("a", state);

		assertThatExceptionOfType(JobStateException.class).isThrownBy(() -> this.queue.retry("a"))
			.withMessageContaining("Job a is " + state);
	}

	@Test
	void retryOfAJobWhoseUniqueKeyAnotherHasIsRefused() {
		this.database.jobs().createIndex(new Document("unique_key", 1), new IndexOptions().unique(true).sparse(true));
		insert(document("old", "failed").append("ended_key", "k"));
		insert(document("new", "pending").append("unique_key", "k"));

		assertThatExceptionOfType(JobStateException.class).isThrownBy(() -> this.queue.retry("old"))
			.withMessageContaining("unique key");
		this.queue.cancel("new");
		assertThat(this.queue.retry("old")).isTrue();

		assertThat(stored("old")).containsEntry("unique_key", "k").doesNotContainKey("ended_key");
		assertThat(stored("new")).containsEntry("ended_key", "k").doesNotContainKey("unique_key");
	}

	@Test
	void cancelledJobHoldsItsKeyUntilItsPeriodIsOver() {
		Date until = Date.from(NOW.plus(Duration.ofDays(9)));
		insert(document("held", "pending").append("unique_key", "k").append("unique_until", until));
		insert(document("over", "pending").append("unique_key", "o").append("unique_until", Date.from(NOW)));

		this.queue.cancel("held");
		this.queue.cancelAll(JobQuery.all());

		// kept for seven days otherwise
		assertThat(stored("held")).containsEntry("state", "cancelled")
			.containsEntry("unique_key", "k")
			.containsEntry("delete_at", until);
		assertThat(stored("over")).containsEntry("state", "cancelled").containsEntry("ended_key", "o");
	}

	@Test
	void jobIsDeletedUnlessItRuns() {
		insert("pending", "pending");
		insert("failed", "failed");
		insert("running", "running");

		assertThat(this.queue.delete("pending")).isTrue();
		assertThat(this.queue.delete("failed")).isTrue();
		assertThatExceptionOfType(JobStateException.class).isThrownBy(() -> this.queue.delete("running"))
			.withMessageContaining("Cancel it first");

		assertThat(this.database.jobs().countDocuments()).isOne();
	}

	@Test
	void youngJobOfARowStaysForFiveMinutesSoThatItsSlotIsNotRunAgain() {
		insert(document("young", "pending").append("origin", new Document("row", 1)));
		insert(document("done", "succeeded").append("origin", new Document("row", 1)));
		insert(document("old", "pending").append("origin", new Document("row", 1))
			.append("created_at", Date.from(NOW.minusSeconds(301))));

		assertThat(List.of("young", "done", "old")).allMatch(this.queue::delete);

		assertThat(stored("young")).containsEntry("state", "cancelled")
			.containsEntry("delete_at", Date.from(NOW.plusSeconds(300)));
		assertThat(stored("done")).containsEntry("state", "succeeded")
			.containsEntry("delete_at", Date.from(NOW.plusSeconds(300)));
		assertThat(this.queue.find("old")).isEmpty();
	}

	@Test
	void jobsOfOtherProgramsAreFoundByIdsOfTheirOwnKind() {
		insert(document(17L, "pending"));

		assertThat(this.queue.delete("17")).isTrue();
	}

	private void insert(String id, String state) {
		insert(document(id, state));
	}

	private void insert(Document job) {
		this.database.jobs().insertOne(job);
	}

	private Document stored(String id) {
		Document job = this.database.jobs().find(Filters.eq(id)).first();
		return (job != null) ? job : new Document();
	}

	private static Document document(Object id, String state) {
		return new Document("_id", id).append("function", "f")
			.append("params", List.of("you"))
			.append("queue", "default")
			.append("priority", 0)
			.append("state", state)
			.append("run_at", Date.from(NOW))
			.append("created_at", Date.from(NOW));
	}

}
