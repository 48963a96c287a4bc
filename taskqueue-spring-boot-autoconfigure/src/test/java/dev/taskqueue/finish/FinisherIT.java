package dev.taskqueue.finish;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.CreateCollectionOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.ValidationOptions;
import dev.taskqueue.JobError;
import dev.taskqueue.JobEvent;
import dev.taskqueue.claim.Claim;
import dev.taskqueue.claim.Claims;
import dev.taskqueue.execute.Outcome;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.BsonBytes;
import dev.taskqueue.testsupport.BsonBytes.Fields;
import dev.taskqueue.testsupport.BsonBytes.Value;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FinisherIT {

	private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

	private static final Duration TOOK = Duration.ofMillis(5);

	private final MongoDatabase raw = MongoServer.freshDatabase();

	private final TaskQueueDatabase database = new TaskQueueDatabase(this.raw, "taskqueue_", "crontab_jobs",
			Duration.ofSeconds(10));

	private final Claims claims = new Claims();

	private final List<JobEvent> events = new CopyOnWriteArrayList<>();

	private Retention retention = new Retention(Duration.ofDays(1), Duration.ofDays(30), Duration.ofDays(7),
			Duration.ofDays(7));

	@AfterEach
	void drop() {
		MongoServer.drop(this.raw);
	}

	@Test
	void writesSuccessesOfSeveralTokensAtOnce() {
		Claim a = running("a", "t1");
		Claim b = running("b", "t1");
		Claim c = running("c", "t2");

		finish(succeeded(a, null), succeeded(b, null), succeeded(c, "mail sent"));

		assertThat(job("a")).containsEntry("state", "succeeded")
			.containsEntry("finished_at", Date.from(NOW))
			.containsEntry("delete_at", Date.from(NOW.plus(Duration.ofDays(1))))
			.doesNotContainKey("result");
		assertThat(job("b")).containsEntry("state", "succeeded");
		assertThat(job("c")).containsEntry("state", "succeeded").containsEntry("result", "mail sent");
		assertThat(this.events).hasSize(3).hasOnlyElementsOfType(JobEvent.Completed.class);
		assertThat(this.claims.isHeld("t2")).isFalse();
	}

	@Test
	void retentionOfAFunctionHoldsForItsSuccessesAndForNoOtherOfTheToken() {
		Claim a = running("a", "t");
		Claim b = running("b", "t");
		Claim c = running("c", "t");
		Claim d = running("d", "t");

		finish(new Outcome.Succeeded(a, TOOK, null, Duration.ofDays(7)), succeeded(b, null),
				new Outcome.Succeeded(c, TOOK, null, Duration.ZERO),
				new Outcome.Succeeded(d, TOOK, "x".repeat(2000), Duration.ofDays(7)));

		assertThat(job("a")).containsEntry("delete_at", Date.from(NOW.plus(Duration.ofDays(7))));
		assertThat(job("b")).containsEntry("delete_at", Date.from(NOW.plus(Duration.ofDays(1))));
		assertThat(this.raw.getCollection("taskqueue_jobs").countDocuments(Filters.eq("_id", "c"))).isZero();
		assertThat(job("d")).containsEntry("state", "failed")
			.containsEntry("delete_at", Date.from(NOW.plus(Duration.ofDays(30))));
	}

	@Test
	void aFailedAttemptIsPendingAgainLaterAndKeepsItsTokenAndError() {
		Claim claim = running("a", "t");

		finish(failed(claim, 3));

		assertThat(job("a")).containsEntry("state", "pending")
			.containsEntry("run_at", Date.from(NOW.plusSeconds(5)))
			.containsEntry("attempt", 1)
			.containsEntry("claim", "t");
		assertThat(job("a").get("error", Document.class)).containsEntry("reason", "exception")
			.containsEntry("attempt", 1);
		assertThat(this.events).hasExactlyElementsOfTypes(JobEvent.Error.class, JobEvent.Retrying.class,
				JobEvent.Scheduled.class);
		assertThat(this.events.get(2)).isEqualTo(new JobEvent.Scheduled("a", "f", "default", NOW.plusSeconds(5)));
	}

	@Test
	void theLastAttemptFailsTheJob() {
		Claim claim = running(new Document("_id", "a").append("function", "f").append("attempt", 2), "t");

		finish(failed(claim, 3));

		assertThat(job("a")).containsEntry("state", "failed")
			.containsEntry("attempt", 3)
			.containsEntry("delete_at", Date.from(NOW.plus(Duration.ofDays(30))));
		assertThat(this.events).hasExactlyElementsOfTypes(JobEvent.Error.class, JobEvent.Failed.class);
	}

	@Test
	void aJobThatIsGivenBackHasItsAttemptTakenBack() {
		finish(new Outcome.GivenBack(running("a", "t"), TOOK));

		assertThat(job("a")).containsEntry("state", "pending").containsEntry("attempt", 0);
		assertThat(this.events).hasOnlyElementsOfType(JobEvent.Interrupted.class).hasSize(1);
	}

	@Test
	void aCancellationThatCameMeanwhileGoesBeforeARetryAGiveBackAndAFailure() {
		Claim retried = running("a", "t1");
		Claim givenBack = running("b", "t2");
		Claim last = running("c", "t3");
		this.raw.getCollection("taskqueue_jobs")
			.updateMany(Filters.empty(), new Document("$set", new Document("cancel_requested", true)));

		finish(failed(retried, 3), new Outcome.GivenBack(givenBack, TOOK), failed(last, 1));

		assertThat(job("a")).containsEntry("state", "cancelled").containsKey("delete_at");
		assertThat(job("b")).containsEntry("state", "cancelled");
		assertThat(job("c")).containsEntry("state", "cancelled");
		for (String failed : List.of("a", "c")) {
			assertThat(this.events).filteredOn((event) -> event.jobId().equals(failed))
				.hasExactlyElementsOfTypes(JobEvent.Error.class, JobEvent.Cancelled.class);
		}
	}

	@Test
	void anOutcomeOfALostAttemptIsNotTaken() {
		Claim lost = running("a", "old");
		Claim kept = running("b", "old");
		this.raw.getCollection("taskqueue_jobs")
			.updateOne(Filters.eq("_id", "a"),
					new Document("$set", new Document("claim", "new").append("worker", "w2")));

		finish(succeeded(lost, null), succeeded(kept, null));

		assertThat(job("a")).containsEntry("state", "running").containsEntry("claim", "new");
		assertThat(job("b")).containsEntry("state", "succeeded");
		assertThat(this.events).hasSize(2)
			.anySatisfy((event) -> assertThat(event).isInstanceOf(JobEvent.Interrupted.class)
				.extracting(JobEvent::jobId)
				.isEqualTo("a"));
		assertThat(this.claims.isHeld("old")).isFalse();
	}

	@Test
	void anOutcomeThatWasWrittenAlreadyIsASuccess() {
		Claim claim = running("a", "t");
		finish(succeeded(claim, null));
		this.events.clear();

		finish(succeeded(claim, null));

		assertThat(this.events).hasOnlyElementsOfType(JobEvent.Completed.class).hasSize(1);
	}

	@Test
	void aResultThatIsTooLargeFailsTheJobAndSaysWhatToDo() {
		finish(succeeded(running("a", "t"), "x".repeat(2000)), succeeded(running("b", "t2"), "short"));

		assertThat(job("a")).containsEntry("state", "failed").doesNotContainKey("result");
		assertThat(job("a").get("error", Document.class).getString("message")).contains("2018 bytes")
			.contains("taskqueue.job.max-result-size");
		assertThat(job("b")).containsEntry("state", "succeeded");
	}

	@Test
	void aResultThatFindsNoMemoryForAMomentIsStored() {
		AtomicInteger tries = new AtomicInteger();
		Iterable<Integer> result = () -> {
			if (tries.incrementAndGet() <= 2) {
				throw new OutOfMemoryError("Made by the test");
			}
			return List.of(1).iterator();
		};

		finish(succeeded(running("a", "t"), result));

		assertThat(job("a")).containsEntry("state", "succeeded").containsEntry("result", List.of(1));
	}

	@Test
	void aResultForWhichThereIsNeverMemoryFailsTheJob() {
		Iterable<Integer> result = () -> {
			throw new OutOfMemoryError("Made by the test");
		};

		finish(succeeded(running("a", "t"), result));

		assertThat(job("a")).containsEntry("state", "failed");
		assertThat(job("a").get("error", Document.class).getString("message")).contains("cannot be stored")
			.contains("Made by the test");
	}

	@Test
	void aResultThatBsonDoesNotKnowFailsTheJobAlone() {
		finish(succeeded(running("a", "t"), HexFormat.of()), succeeded(running("b", "t"), Map.of("k", List.of(1))));

		assertThat(job("a")).containsEntry("state", "failed");
		assertThat(job("a").get("error", Document.class).getString("message")).contains("cannot be stored");
		assertThat(job("b")).containsEntry("result", new Document("k", List.of(1)));
	}

	@Test
	void zeroRetentionDeletesAsJobsEnd() {
		this.retention = new Retention(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

		finish(succeeded(running("a", "t"), "result"), succeeded(running("b", "t"), null),
				failed(running("c", "t2"), 0), new Outcome.Expired(running("d", "t3")));

		assertThat(this.raw.getCollection("taskqueue_jobs").countDocuments()).isZero();
		assertThat(this.events).hasExactlyElementsOfTypes(JobEvent.Completed.class, JobEvent.Completed.class,
				JobEvent.Error.class, JobEvent.Failed.class, JobEvent.Expired.class);
	}

	@Test
	void theJobOfARowIsKeptForAWhileSinceItsIdGuardsItsSlot() {
		this.retention = new Retention(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
		Document ofRow = new Document("_id", "a").append("function", "f").append("origin", new Document("row", 1));

		finish(succeeded(running(ofRow, "t"), null));

		assertThat(job("a")).containsEntry("state", "succeeded")
			.containsEntry("delete_at", Date.from(NOW.plus(Duration.ofMinutes(5))));
	}

	@Test
	void anOutcomeThatTheServerRefusesEndsItsJobOnly() {
		this.raw.createCollection("taskqueue_jobs", new CreateCollectionOptions()
			.validationOptions(new ValidationOptions().validator(Filters.ne("result", "forbidden"))));

		finish(succeeded(running("a", "t"), "forbidden"), succeeded(running("b", "t2"), "allowed"));

		assertThat(job("a")).containsEntry("state", "failed");
		assertThat(job("a").get("error", Document.class).getString("message")).contains("refused");
		assertThat(job("b")).containsEntry("state", "succeeded");
	}

	@Test
	void oneRefusedSuccessDoesNotFailThoseThatShareItsToken() {
		refuse("{$or: [{_id: {$ne: 'b'}}, {state: {$ne: 'succeeded'}}]}");

		finish(succeeded(running("a", "t"), null), succeeded(running("b", "t"), null),
				succeeded(running("c", "t"), null));

		assertThat(job("a")).containsEntry("state", "succeeded");
		assertThat(job("b")).containsEntry("state", "failed");
		assertThat(job("c")).containsEntry("state", "succeeded");
	}

	@Test
	void aJobWhoseEveryOutcomeIsRefusedHoldsUpNoOther() {
		refuse("{$or: [{_id: {$ne: 'b'}}, {state: 'running'}]}");

		finish(succeeded(running("a", "t1"), null), succeeded(running("b", "t2"), null));

		assertThat(job("a")).containsEntry("state", "succeeded");
		assertThat(job("b")).containsEntry("state", "running");
		assertThat(this.claims.isHeld("t2")).isTrue();
	}

	@Test
	void aJobOfTwoKeysWhoseSecondIsAnothersEndsWithThem() {
		Indexes.create(this.database);
		this.raw.getCollection("taskqueue_jobs").insertOne(new Document("_id", "b").append("unique_key", "taken"));
		Fields twice = new Fields().add("_id", Value.text("a"))
			.add("state", Value.text("running"))
			.add("claim", Value.text("t"))
			.add("unique_key", Value.text("free"))
			.add("unique_key", Value.text("taken"));
		BsonBytes.insert(this.raw.getCollection("taskqueue_jobs"), List.of(twice.toDocument()));

		finish(succeeded(this.claims.of(job("a"), "t"), null));

		assertThat(job("a")).containsEntry("state", "failed").containsKey("error");
		assertThat(this.claims.isHeld("t")).isFalse();
	}

	private void refuse(String validator) {
		this.raw.createCollection("taskqueue_jobs", new CreateCollectionOptions()
			.validationOptions(new ValidationOptions().validator(Document.parse(validator))));
	}

	@Test
	void restsWithoutATimerUntilAnOutcomeComesOrItIsToStop() {
		Claim claim = running("a", "t");
		Finisher finisher = finisher();
		Thread thread = new Thread(finisher::run);
		thread.start();

		await(() -> assertThat(thread.getState()).isEqualTo(Thread.State.WAITING));
		finisher.finish(succeeded(claim, null));
		await(() -> assertThat(job("a")).containsEntry("state", "succeeded"));
		await(() -> assertThat(thread.getState()).isEqualTo(Thread.State.WAITING));
		finisher.stop(Duration.ofSeconds(10).toNanos());

		await(() -> assertThat(thread.isAlive()).isFalse());
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(10)).untilAsserted(condition);
	}

	private Finisher finisher() {
		return new Finisher(this.database, Clock.fixed(NOW, ZoneOffset.UTC), new Outage(),
				new RetrySettings(Duration.ofSeconds(5), 2, Duration.ofHours(1), 0), this.retention, 1000,
				this.events::add);
	}

	private void finish(Outcome... outcomes) {
		Finisher finisher = finisher();
		for (Outcome outcome : outcomes) {
			finisher.finish(outcome);
		}
		finisher.stop(Duration.ofSeconds(10).toNanos());
		finisher.run();
	}

	private Claim running(String id, String token) {
		return running(new Document("_id", id).append("function", "f").append("queue", "default"), token);
	}

	private Claim running(Document before, String token) {
		Document running = new Document(before).append("state", "running")
			.append("claim", token)
			.append("worker", "w")
			.append("attempt", before.getInteger("attempt", 0) + 1);
		this.raw.getCollection("taskqueue_jobs").insertOne(running);
		return this.claims.of(before, token);
	}

	private Document job(String id) {
		Document job = this.raw.getCollection("taskqueue_jobs").find(Filters.eq("_id", id)).first();
		assertThat(job).as("job " + id).isNotNull();
		return (job != null) ? job : new Document();
	}

	private static Outcome succeeded(Claim claim, @Nullable Object result) {
		return new Outcome.Succeeded(claim, TOOK, result, null);
	}

	private static Outcome failed(Claim claim, int maxAttempts) {
		return new Outcome.Failed(claim, TOOK,
				new JobError(JobError.Reason.EXCEPTION, "java.io.IOException", "no", null, claim.attempt(), NOW),
				new Outcome.Retry(maxAttempts, null));
	}

}
