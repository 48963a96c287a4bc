package dev.taskqueue.worker;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobEvent;
import dev.taskqueue.WorkerLoss;
import dev.taskqueue.claim.QueueWeights;
import dev.taskqueue.finish.RetrySettings;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.AsyncJobScanner;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.BsonBytes;
import dev.taskqueue.testsupport.BsonBytes.Fields;
import dev.taskqueue.testsupport.BsonBytes.Value;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.MDC;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class WorkerIT {

	private final MongoDatabase raw = MongoServer.freshDatabase();

	private final TaskQueueDatabase database = new TaskQueueDatabase(this.raw, "taskqueue_", "crontab_jobs",
			Duration.ofSeconds(10));

	private final AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(
			Functions.class);

	private final Functions functions = this.application.getBean(Functions.class);

	private final SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor();

	private final List<JobEvent> events = new CopyOnWriteArrayList<>();

	private final List<Worker> workers = new ArrayList<>();

	@BeforeEach
	void createIndexes() {
		this.executor.setVirtualThreads(Boolean.getBoolean("taskqueue.test.virtual-threads"));
		Indexes.create(this.database);
	}

	@AfterEach
	void stop() {
		this.functions.gate.countDown();
		this.workers.forEach(Worker::stop);
		this.executor.close();
		this.application.close();
		MongoServer.drop(this.raw);
	}

	@Test
	void runsAJobThatAnotherProgramInserted() {
		start();

		insert(job("a", "greet", "you"));

		await(() -> assertThat(job("a")).containsEntry("state", "succeeded")
			.containsEntry("result", "hello you")
			.containsEntry("attempt", 1)
			.containsKeys("worker", "claim", "claimed_at", "finished_at", "delete_at"));
		await(() -> assertThat(this.events).extracting((event) -> event.getClass().getSimpleName())
			.containsExactly("Executing", "Completed"));
		assertThat(this.functions.threads).containsExactly("taskqueue-default-1 job=a attempt=1 function=greet");
	}

	@Test
	void hearsOfAJobThatAnotherNodeMadePendingAgain() {
		start(new Change(settings(10, Map.of())).pollInterval(Duration.ofSeconds(60)));
		insert(job("a", "greet", "you"));
		await(() -> assertThat(job("a")).containsEntry("state", "succeeded"));
		insert(job("b", "greet", "me").append("state", "running"));

		this.database.jobs().updateOne(Filters.eq("b"), new Document("$set", new Document("state", "pending")));

		Awaitility.await()
			.atMost(Duration.ofSeconds(5))
			.untilAsserted(() -> assertThat(job("b")).containsEntry("state", "succeeded"));
	}

	@Test
	void triesAFailingJobAgainUntilItSucceeds() {
		start();

		insert(job("a", "fail_twice"));

		await(() -> assertThat(job("a")).containsEntry("state", "succeeded").containsEntry("attempt", 3));
		assertThat(job("a").get("error", Document.class)).containsEntry("reason", "exception")
			.containsEntry("type", "java.lang.IllegalStateException")
			.containsEntry("message", "attempt 2");
		await(() -> assertThat(this.events).extracting((event) -> event.getClass().getSimpleName())
			.containsExactly("Executing", "Error", "Retrying", "Scheduled", "Executing", "Error", "Retrying",
					"Scheduled", "Executing", "Completed"));
	}

	@Test
	void failsAJobThatHasNoAttemptLeftAndKeepsItsError() {
		start();

		insert(job("a", "fail_twice").append("max_attempts", 2));

		await(() -> assertThat(job("a")).containsEntry("state", "failed").containsEntry("attempt", 2));
		assertThat(job("a").get("error", Document.class).getString("stack")).contains("Functions.failTwice");
	}

	@Test
	void interruptsAnAttemptThatTakesTooLong() {
		start();

		insert(job("a", "wait").append("timeout_ms", 200L).append("max_attempts", 1));

		await(() -> assertThat(job("a")).containsEntry("state", "failed"));
		assertThat(job("a").get("error", Document.class)).containsEntry("reason", "timeout")
			.hasEntrySatisfying("message", (message) -> assertThat(message.toString()).contains("200 ms"));
		await(() -> assertThat(this.workers.get(0).status().running()).isZero());
	}

	@Test
	void anAttemptThatIgnoresItsInterruptKeepsItsSlotAndSaysSo(CapturedOutput output) {
		Worker worker = start(1);

		insert(job("a", "ignore_interrupts").append("timeout_ms", 100L).append("max_attempts", 1));

		await(() -> assertThat(job("a")).containsEntry("state", "failed"));
		assertThat(worker.status().running()).isEqualTo(1);
		assertThat(worker.status().stuck()).hasSize(1).allSatisfy((stuck) -> {
			assertThat(stuck.jobId()).isEqualTo("a");
			assertThat(stuck.thread()).isEqualTo("taskqueue-default-1");
		});
		insert(job("b", "greet", "you"));
		this.functions.gate.countDown();
		await(() -> assertThat(job("b")).containsEntry("state", "succeeded"));
		assertThat(job("a")).containsEntry("state", "failed");
		assertThat(output.getOut().split("goes on: it keeps its slot", -1)).hasSize(2);
		assertThat(output).contains("Functions.ignoreInterrupts");
	}

	@Test
	void leavesJobsOfForeignFunctionsAloneAndRunsWhatIsBehindThem() {
		insert(IntStream.range(0, 50).mapToObj((i) -> job("foreign" + i, "elsewhere")).toArray(Document[]::new));
		insert(job("a", "greet", "you"));

		start(1);

		await(() -> assertThat(job("a")).containsEntry("state", "succeeded"));
		assertThat(count("state", "pending")).isEqualTo(50);
		assertThat(this.raw.getCollection("taskqueue_jobs").countDocuments(Filters.exists("claim"))).isEqualTo(1);
	}

	@Test
	void setsAsideWhatCannotBeReadAndRunsItsNeighbours() {
		insert(job("nofunction", "greet").append("function", 7), job("params", "greet").append("params", "you"),
				job("kwargs", "greet").append("kwargs", List.of()), job("attempt", "greet").append("attempt", "one"),
				job("max", "greet").append("max_attempts", -1), job("timeout", "greet").append("timeout_ms", "soon"),
				job("expires", "greet").append("expires_at", 5), job("count", "greet"), job("type", "overlap", 1),
				job("nan", "greet", "you").append("attempt", Double.NaN), job("good", "greet", "you"));

		start(1);

		await(() -> assertThat(count("state", "failed")).isEqualTo(10));
		await(() -> assertThat(job("good")).containsEntry("state", "succeeded"));
		assertThat(this.raw.getCollection("taskqueue_jobs").find(Filters.eq("state", "failed"))).allSatisfy((job) -> {
			Document error = job.get("error", Document.class);
			assertThat(error).containsEntry("reason", "unreadable");
			assertThat(error.getString("message")).as("%s", job.get("_id")).isNotBlank();
		});
		assertThat(job("params").get("error", Document.class).getString("message")).contains("'params'")
			.contains("'you'");
	}

	@Test
	void aResultThatCannotBeStoredFailsItsJobAtOnce() {
		start();

		insert(job("a", "give_a_thread"));

		await(() -> assertThat(job("a")).containsEntry("state", "failed").containsEntry("attempt", 1));
		assertThat(job("a").get("error", Document.class)).containsEntry("reason", "unreadable");
	}

	@Test
	void aJobThatIsPendingAgainSinceLongAgoIsFoundDespiteForeignJobs() {
		insert(job("foreign", "elsewhere"), job("known", "greet", "you"));
		start(1);
		await(() -> assertThat(job("known")).containsEntry("state", "succeeded"));
		await(() -> assertThat(this.workers.get(0).status().running()).isZero());

		insert(job("old", "greet", "you").append("run_at", ago(600)));

		await(() -> assertThat(job("old")).containsEntry("state", "succeeded"));
	}

	@Test
	void documentsOfOddShapeDoNotStopTheClaiming() {
		Document nameless = job("x", "greet", "you");
		nameless.put("_id", null);
		insert(job("queues", "greet", "you").append("queue", List.of("x", "default")),
				job("times", "greet", "you").append("run_at", List.of(ago(5))),
				job("null", "greet", "you").append("attempt", null), nameless);
		start(1);

		insert(job("good", "greet", "you"), job("other", "greet", "you").append("queue", "zebra"));

		Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
			assertThat(job("good")).containsEntry("state", "succeeded");
			assertThat(job("other")).containsEntry("state", "succeeded");
			assertThat(job("null")).containsEntry("state", "failed");
		});
	}

	@Test
	void aDocumentThatTheDriverCannotReadHoldsUpNoOther() {
		Value oldBinary = Value.binary(2, new byte[] { 99, 0, 0, 0, 7 });
		Value noUtf8 = Value.text(new byte[] { 'a', (byte) 0xFF });
		insertRaw(Map.of("_id", Value.text("params"), "params", Value.array(oldBinary)));
		insertRaw(Map.of("_id", Value.text("vector"), "params", Value.array(Value.binary(9, new byte[] { 1 }))));
		insertRaw(Map.of("_id", oldBinary));
		insertRaw(Map.of("_id", noUtf8));
		insertRaw(Map.of("_id", Value.document(new Fields().add("a", noUtf8).add("a", noUtf8))));
		insertRaw(Map.of("_id", Value.of(0x0A)));
		insertRaw(Map.of("_id", Value.text("queue"), "queue", noUtf8));
		insertRaw(Map.of("_id", Value.text("symbol"), "queue", Value.symbol("a queue")));
		insertRaw(Map.of("_id", Value.text("array"), "queue", Value.array(Value.text("b queue"))));
		start(1);

		insert(job("good", "greet", "you"), job("behind", "greet", "you").append("queue", "zebra"));

		Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
			assertThat(job("good")).containsEntry("state", "succeeded");
			assertThat(job("behind")).containsEntry("state", "succeeded");
			assertThat(count("state", "failed")).isEqualTo(9);
		});
	}

	@Test
	void aDocumentWithoutRoomForAReasonHoldsUpNoOther() {
		int size = 16 * 1024 * 1024 - 200;
		insert(job("full", "greet", "x".repeat(size)), job("good", "greet", "you"));
		insert(job("nearly", "greet", "x".repeat(size - 200)).append("function", "give_a_thread"));
		start(1);

		await(() -> assertThat(job("good")).containsEntry("state", "succeeded"));
		await(() -> assertThat(count("state", "failed")).isEqualTo(2));
	}

	@Test
	void manyDocumentsThatCannotBeReadAreTwentyLinesOfTheLog(CapturedOutput output) {
		insert(IntStream.range(0, 200)
			.mapToObj((i) -> job("j" + i, "greet", "you").append("attempt", "x"))
			.toArray(Document[]::new));
		start(10);

		await(() -> assertThat(count("state", "failed")).isEqualTo(200));

		assertThat(output.toString().lines().filter((line) -> line.contains("cannot be read"))).hasSize(20);
	}

	@Test
	void aDocumentThatTheServerRefusesToWriteAtAllHoldsUpNoOther() {
		insert(IntStream.range(0, 20).mapToObj((i) -> job("j" + i, "greet", "you")).toArray(Document[]::new));
		this.raw.runCommand(new Document("collMod", "taskqueue_jobs").append("validator",
				Document.parse("{$or: [{_id: {$nin: ['j3', 'j7']}}, {state: 'pending'}]}")));

		start(1);

		await(() -> assertThat(count("state", "succeeded")).isEqualTo(18));
		assertThat(count("state", "pending")).isEqualTo(2);
	}

	@Test
	void aDocumentThatTheServerRefusesToUpdateHoldsUpNoOther() {
		insert(IntStream.range(0, 20).mapToObj((i) -> job("j" + i, "greet", "you")).toArray(Document[]::new));
		this.raw.runCommand(new Document("collMod", "taskqueue_jobs").append("validator",
				Document.parse("{$or: [{_id: {$ne: 'j7'}}, {state: {$ne: 'running'}}]}")));

		start(10);

		await(() -> assertThat(count("state", "succeeded")).isEqualTo(19));
		await(() -> assertThat(job("j7")).containsEntry("state", "failed"));
	}

	@Test
	void aDocumentThatTheServerRefusesHoldsUpNoneOfTheLastThatAreDue() {
		start(new Change(settings(30, Map.of())).pollInterval(Duration.ofSeconds(60)));
		insert(job("a", "greet", "you"));
		await(() -> assertThat(job("a")).containsEntry("state", "succeeded"));
		this.raw.runCommand(new Document("collMod", "taskqueue_jobs").append("validator",
				Document.parse("{$or: [{_id: {$ne: 'j3'}}, {state: 'pending'}]}")));

		// heard of now, and claimed in one batch that leaves slots free
		Date soon = ago(-1);
		insert(IntStream.range(0, 20)
			.mapToObj((i) -> job("j" + i, "greet", "you").append("run_at", soon))
			.toArray(Document[]::new));

		await(() -> assertThat(count("state", "succeeded")).isEqualTo(20));
		assertThat(job("j3")).containsEntry("state", "pending");
	}

	@Test
	void aQueueWithABoundGetsItsSlotsBesideABacklogOfQuickJobs() {
		insert(IntStream.range(0, 20_000).mapToObj((i) -> job("j" + i, "nothing")).toArray(Document[]::new));
		start(settings(4, Map.of("narrow", 1)));
		await(() -> assertThat(count("state", "succeeded")).isPositive());

		insert(job("narrow", "greet", "you").append("queue", "narrow"));

		await(() -> assertThat(job("narrow")).containsEntry("state", "succeeded"));
		assertThat(count("state", "succeeded")).isLessThan(20_000);
	}

	@Test
	void neverRunsMoreThanItHasSlots() {
		start(3);

		insert(IntStream.range(0, 60).mapToObj((i) -> job("j" + i, "overlap")).toArray(Document[]::new));

		await(() -> assertThat(count("state", "succeeded")).isEqualTo(60));
		assertThat(this.functions.most).hasValue(3);
	}

	@Test
	void boundsAQueueWithoutHoldingUpOthers() {
		start(settings(5, Map.of("narrow", 1)));

		insert(IntStream.range(0, 15)
			.mapToObj((i) -> job("n" + i, "overlap").append("queue", "narrow"))
			.toArray(Document[]::new));
		insert(job("other", "greet", "you"));

		await(() -> assertThat(job("other")).containsEntry("state", "succeeded"));
		assertThat(count("state", "succeeded")).isLessThan(16);
		await(() -> assertThat(count("state", "succeeded")).isEqualTo(16));
		assertThat(this.functions.most).hasValue(1);
	}

	@Test
	void leavesQueuesAloneThatItDoesNotServe() {
		start(new Change(settings(2, Map.of("mine", 2))).otherQueues(false));

		insert(job("a", "greet", "a").append("queue", "mine"), job("b", "greet", "b"));

		await(() -> assertThat(job("a")).containsEntry("state", "succeeded"));
		assertThat(job("b")).containsEntry("state", "pending");
	}

	@Test
	void startsByPriorityThenByTime() {
		insert(job("late", "greet", "late").append("run_at", ago(1)), job("early", "greet", "early"),
				job("urgent", "greet", "urgent").append("priority", 9).append("run_at", ago(0)));

		start(1);

		await(() -> assertThat(this.functions.greeted).containsExactly("urgent", "early", "late"));
	}

	@Test
	void startsAScheduledJobAtItsTime() {
		start();
		Date at = Date.from(Instant.now().plusMillis(1500));

		insert(job("a", "greet", "you").append("run_at", at));

		await(() -> assertThat(job("a")).containsEntry("state", "succeeded"));
		assertThat(job("a").getDate("claimed_at").getTime() - at.getTime()).isBetween(0L, 1000L);
	}

	@Test
	void hearsOfAJobOfAnotherProgramWithoutPolling() {
		start(new Change(settings(10, Map.of())).pollInterval(Duration.ofSeconds(60)));
		insert(job("first", "greet", "you"));
		await(() -> assertThat(job("first")).containsEntry("state", "succeeded"));

		insert(job("second", "greet", "you"));

		await(() -> assertThat(job("second")).containsEntry("state", "succeeded"));
	}

	@Test
	void pollsAnIdleQueueByOneQuestionAndStillStartsWhatComes() {
		start(new Change(settings(10, Map.of())).pollInterval(Duration.ofMillis(20)));
		insert(job("first", "greet", "you"));
		await(() -> assertThat(job("first")).containsEntry("state", "succeeded"));
		this.raw.runCommand(new Document("profile", 2));

		await(() -> assertThat(this.raw.getCollection("system.profile")
			.find(Filters.exists("command.hint.function"))
			.sort(Sorts.descending("ts"))
			.limit(3)
			.map((asked) -> asked.get("command", Document.class))).hasSize(3)
			.allSatisfy((asked) -> assertThat(asked).containsEntry("projection", new Document("_id", 1))
				.doesNotContainKey("sort")));
		insert(job("soon", "greet", "you").append("run_at", Date.from(Instant.now().plusMillis(500))));

		await(() -> assertThat(job("soon")).containsEntry("state", "succeeded"));
	}

	@Test
	void startsAJobThatNamesNeitherQueueNorTimeWithoutPolling() {
		start(new Change(settings(10, Map.of())).pollInterval(Duration.ofSeconds(60)));
		insert(job("a", "greet", "you"));
		await(() -> assertThat(job("a")).containsEntry("state", "succeeded"));

		Document bare = job("b", "greet", "me");
		bare.keySet().removeAll(List.of("queue", "priority", "run_at", "created_at"));
		insert(bare);

		await(() -> assertThat(job("b")).containsEntry("state", "succeeded").containsEntry("queue", "default"));
	}

	@Test
	void endsAPendingJobWhoseCancellationWasAskedFor() {
		insert(job("a", "greet", "you").append("cancel_requested", true));

		start();

		await(() -> assertThat(job("a")).containsEntry("state", "cancelled"));
		assertThat(this.functions.greeted).isEmpty();
	}

	@Test
	void doesNotStartAJobThatHasExpired() {
		// whoever ends it: who claims it counts the attempt and takes that back
		insert(job("a", "greet", "you").append("attempt", 0).append("expires_at", ago(5)));

		start();

		await(() -> assertThat(job("a")).containsEntry("state", "expired").containsEntry("attempt", 0));
		assertThat(this.functions.greeted).isEmpty();
	}

	@Test
	void aTimeoutBeyondAllMeasureIsNone() {
		insert(job("a", "greet", "you").append("timeout_ms", Long.MAX_VALUE));

		start();

		await(() -> assertThat(job("a")).containsEntry("state", "succeeded"));
	}

	@Test
	void aFunctionThatMustNotRunTwiceFailsAfterItsWorkerWasLost() {
		insert(job("a", "once").append("recoveries", 1), job("b", "once"));

		start();

		await(() -> assertThat(job("b")).containsEntry("state", "succeeded"));
		await(() -> assertThat(job("a")).containsEntry("state", "failed"));
		assertThat(job("a").get("error", Document.class)).containsEntry("reason", "worker-lost");
	}

	@Test
	void drainsAtTheEndAndGivesBackWhatItDidNotStart() {
		Worker worker = start(2);
		insert(IntStream.range(0, 10).mapToObj((i) -> job("j" + i, "wait_for_gate")).toArray(Document[]::new));
		await(() -> assertThat(this.functions.running).hasValue(2));

		Thread stopping = new Thread(worker::stop);
		stopping.start();
		await(() -> assertThat(stopping.getState()).isIn(Thread.State.TIMED_WAITING, Thread.State.WAITING));
		this.functions.gate.countDown();

		await(() -> assertThat(stopping.isAlive()).isFalse());
		assertThat(count("state", "succeeded")).isEqualTo(2);
		assertThat(count("state", "pending")).isEqualTo(8);
		assertThat(this.raw.getCollection("taskqueue_workers").countDocuments()).isZero();
	}

	@Test
	void drainsManyQuickJobsInLargeBatches() {
		insert(IntStream.range(0, 5000).mapToObj((i) -> job("j" + i, "nothing")).toArray(Document[]::new));

		start();

		await(() -> assertThat(count("state", "succeeded")).isEqualTo(5000));
		assertThat(this.functions.nothings).hasValue(5000);
		List<String> claims = this.raw.getCollection("taskqueue_jobs")
			.distinct("claim", String.class)
			.into(new ArrayList<>());
		assertThat(claims).as("claims for 5,000 jobs with 10 slots").hasSizeLessThan(250);
	}

	private Worker start() {
		return start(10);
	}

	private Worker start(int concurrency) {
		return start(settings(concurrency, Map.of()));
	}

	private Worker start(WorkerSettings settings) {
		ServerClock clock = new ServerClock(this.database::hello, Clock.systemUTC());
		FunctionRegistry registry = new AsyncJobScanner(this.application,
				new ArgumentMapper(JsonMapper.builder().build(), BsonValues::toPlain), DurationStyle::detectAndParse)
			.scan();
		Worker worker = new Worker(this.database, registry, clock, new Outage(), settings, this.executor, () -> {
		}, this.events::add);
		this.workers.add(worker);
		worker.start();
		return worker;
	}

	private static WorkerSettings settings(int concurrency, Map<String, Integer> queues) {
		return new WorkerSettings(concurrency, queues, true, QueueWeights.EQUAL, Duration.ofSeconds(30),
				Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ZERO, 3, 100_000,
				new RetrySettings(Duration.ofMillis(20), 2, Duration.ofHours(1), 0.2),
				new Retention(Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1)));
	}

	private void insert(Document... jobs) {
		this.raw.getCollection("taskqueue_jobs").insertMany(List.of(jobs));
	}

	private void insertRaw(Map<String, Value> changes) {
		Map<String, Value> job = new LinkedHashMap<>(
				Map.of("function", Value.text("greet"), "params", Value.array(Value.text("you")), "queue",
						Value.text("default"), "state", Value.text("pending"), "run_at", Value.date(ago(2).getTime())));
		job.putAll(changes);
		BsonBytes.insert(this.raw.getCollection("taskqueue_jobs"), List.of(new Fields().addAll(job).toDocument()));
	}

	private Document job(String id) {
		Document job = this.raw.getCollection("taskqueue_jobs").find(Filters.eq("_id", id)).first();
		assertThat(job).as("job " + id).isNotNull();
		return (job != null) ? job : new Document();
	}

	private long count(String field, String value) {
		return this.raw.getCollection("taskqueue_jobs").countDocuments(Filters.eq(field, value));
	}

	private static Document job(String id, String function, Object... params) {
		return new Document("_id", id).append("function", function)
			.append("params", List.of(params))
			.append("queue", "default")
			.append("priority", 0)
			.append("state", "pending")
			.append("run_at", ago(2))
			.append("created_at", ago(2));
	}

	private static Date ago(long seconds) {
		return Date.from(Instant.now().minusSeconds(seconds));
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20)).untilAsserted(condition);
	}

	private record Change(WorkerSettings settings) {

		WorkerSettings pollInterval(Duration pollInterval) {
			WorkerSettings s = this.settings;
			return new WorkerSettings(s.concurrency(), s.queues(), s.otherQueues(), s.weights(), s.lease(),
					pollInterval, s.shutdownTimeout(), s.jobTimeout(), s.maxAttempts(), s.maxResultSize(), s.retry(),
					s.retention());
		}

		WorkerSettings otherQueues(boolean otherQueues) {
			WorkerSettings s = this.settings;
			return new WorkerSettings(s.concurrency(), s.queues(), otherQueues, s.weights(), s.lease(),
					s.pollInterval(), s.shutdownTimeout(), s.jobTimeout(), s.maxAttempts(), s.maxResultSize(),
					s.retry(), s.retention());
		}

	}

	static class Functions {

		final CountDownLatch gate = new CountDownLatch(1);

		final List<String> threads = new CopyOnWriteArrayList<>();

		final List<String> greeted = new CopyOnWriteArrayList<>();

		final AtomicInteger running = new AtomicInteger();

		final AtomicInteger most = new AtomicInteger();

		final AtomicInteger nothings = new AtomicInteger();

		@AsyncJob
		public String greet(String name) {
			this.greeted.add(name);
			this.threads.add("%s job=%s attempt=%s function=%s".formatted(Thread.currentThread().getName(),
					MDC.get("job_id"), MDC.get("job_attempt"), MDC.get("job_function")));
			return "hello " + name;
		}

		@AsyncJob("fail_twice")
		public void failTwice(JobContext job) {
			if (job.attempt() < 3) {
				throw new IllegalStateException("attempt " + job.attempt());
			}
		}

		@AsyncJob("wait")
		public void waitForEver() throws InterruptedException {
			new CountDownLatch(1).await();
		}

		@AsyncJob("ignore_interrupts")
		public void ignoreInterrupts() {
			while (this.gate.getCount() > 0) {
				Thread.onSpinWait();
			}
		}

		@AsyncJob("wait_for_gate")
		public void waitForGate() throws InterruptedException {
			this.running.incrementAndGet();
			assertThat(this.gate.await(20, TimeUnit.SECONDS)).isTrue();
		}

		@AsyncJob("overlap")
		public void overlap() throws InterruptedException {
			int now = this.running.incrementAndGet();
			this.most.accumulateAndGet(now, Math::max);
			new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS);
			this.running.decrementAndGet();
		}

		@AsyncJob("give_a_thread")
		public Object giveAThread() {
			return new Object();
		}

		@AsyncJob
		public void nothing() {
			this.nothings.incrementAndGet();
		}

		@AsyncJob(name = "once", onWorkerLoss = WorkerLoss.FAIL)
		public void once() {
			this.running.incrementAndGet();
		}

	}

}
