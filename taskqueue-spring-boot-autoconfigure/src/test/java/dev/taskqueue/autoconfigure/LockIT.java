package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.CancelResult;
import dev.taskqueue.Job;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobError;
import dev.taskqueue.JobEvent;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.testsupport.MongoServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.BsonString;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.mongodb.autoconfigure.MongoClientSettingsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Jobs with a lock, on one node.
 */
class LockIT {

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final TestApplication application = TestApplication.start(this.database, Application.class);

	private final Jobs jobs = this.application.bean(Jobs.class);

	@AfterEach
	void stop() {
		this.jobs.gate.release(10_000);
		this.application.close();
		MongoServer.drop(this.database);
	}

	@Test
	void jobsOfOneLockRunOneAtATimeAndEachAttemptCountsOnce() {
		List<JobHandle<Object>> handles = IntStream.range(0, 40)
			.mapToObj((i) -> this.application.queue().enqueue((i % 2 == 0) ? "report" : "also_report"))
			.toList();

		handles.forEach((handle) -> assertThat(this.application.ended(handle)).satisfies((job) -> {
			assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
			assertThat(job.attempt()).isEqualTo(1);
			assertThat(job.waitsFor()).isNull();
		}));

		assertThat(this.jobs.most).hasValue(1);
		await(() -> assertThat(this.database.getCollection("taskqueue_locks").countDocuments()).isZero());
		assertThat(this.database.getCollection("taskqueue_jobs").countDocuments(Filters.exists("waits"))).isZero();
	}

	@Test
	void lockOfArgumentsHoldsForThoseThatHaveTheSame() {
		JobHandle<Object> first = this.application.queue().enqueue("bill", new Customer("a"));
		awaitRunning(1);
		JobHandle<Object> same = this.application.queue().enqueue("bill", new Customer("a"));
		JobHandle<Object> other = this.application.queue().enqueue("bill", new Customer("b"));

		awaitRunning(2);
		awaitWaits(same, "customer-a");
		assertThat(this.application.in(other, JobState.RUNNING).waitsFor()).isNull();
		this.jobs.gate.release(3);

		List.of(first, same, other)
			.forEach((job) -> assertThat(this.application.ended(job).state()).isEqualTo(JobState.SUCCEEDED));
	}

	@Test
	void jobsThatWaitTakeNoSlotAndRunOldestFirst() {
		this.application.queue().enqueue("hold");
		awaitRunning(1);
		List<JobHandle<Object>> waiting = new ArrayList<>();
		for (int i = 0; i < 15; i++) {
			waiting.add(this.application.queue().enqueue("hold"));
		}
		waiting.forEach((job) -> awaitWaits(job, "held"));

		JobHandle<Object> free = this.application.queue().enqueue("free");
		assertThat(this.application.ended(free).state()).isEqualTo(JobState.SUCCEEDED);
		this.jobs.gate.release(16);

		waiting.forEach(this.application::ended);
		assertThat(this.jobs.held).hasSize(16).endsWith(waiting.stream().map(JobHandle::id).toArray(String[]::new));
	}

	@Test
	void jobThatFindsItsLockHeldIsLockedAndThenExecuting() {
		this.application.queue().enqueue("hold");
		awaitRunning(1);

		List<JobHandle<Object>> jobs = IntStream.range(0, 30)
			.mapToObj((i) -> this.application.queue().job("hold").delay(Duration.ofMillis(1)).enqueue())
			.toList();
		jobs.forEach((job) -> awaitWaits(job, "held"));
		this.jobs.gate.release(31);

		for (JobHandle<Object> job : jobs) {
			await(() -> assertThat(told(job)).endsWith("Completed"));
			assertThat(told(job)).startsWith("Enqueued", "Scheduled", "Locked").endsWith("Executing", "Completed");
			assertThat(told(job).subList(2, told(job).size() - 2)).containsOnly("Locked");
		}
		assertThat(this.application.bean(Listener.class).locks).containsOnly("held");
		assertThat(this.application.bean(MeterRegistry.class)
			.get("taskqueue.locked")
			.tags("function", "hold", "queue", "default")
			.counter()
			.count()).isGreaterThanOrEqualTo(30);
	}

	@Test
	void waitingJobThatIsCancelledNeverRuns() {
		this.application.queue().enqueue("hold");
		awaitRunning(1);
		JobHandle<Object> cancelled = this.application.queue().enqueue("hold");
		JobHandle<Object> next = this.application.queue().enqueue("hold");
		awaitWaits(cancelled, "held");
		awaitWaits(next, "held");

		assertThat(cancelled.cancel()).isEqualTo(CancelResult.CANCELLED);
		this.jobs.gate.release(2);

		assertThat(this.application.ended(next).state()).isEqualTo(JobState.SUCCEEDED);
		assertThat(this.application.ended(cancelled).state()).isEqualTo(JobState.CANCELLED);
		assertThat(this.jobs.held).hasSize(2).doesNotContain(cancelled.id());
	}

	@Test
	void cancelsWhileLocksAreTakenAndHandedOnAreNotLost() {
		List<JobHandle<Object>> handles = new ArrayList<>();
		List<JobHandle<Object>> accepted = new ArrayList<>();
		for (int i = 0; i < 60; i++) {
			handles.add(this.application.queue().enqueue("report"));
			if (i % 3 == 2) {
				JobHandle<Object> job = handles.get(i - 1);
				CancelResult result = job.cancel();
				if (result == CancelResult.CANCELLED) {
					accepted.add(job);
				}
			}
		}

		handles.forEach(
				(job) -> assertThat(this.application.ended(job).state()).isIn(JobState.SUCCEEDED, JobState.CANCELLED));
		accepted.forEach((job) -> {
			assertThat(this.application.ended(job).state()).isEqualTo(JobState.CANCELLED);
			assertThat(this.jobs.reported).doesNotContain(job.id());
		});
		assertThat(this.jobs.most).hasValue(1);
	}

	@Test
	void jobThatWaitsForItsNextAttemptHoldsNoLock() {
		JobHandle<Object> failing = this.application.queue().enqueue("fail_later");
		await(() -> assertThat(this.application.in(failing, JobState.PENDING).error()).isNotNull());

		JobHandle<Object> report = this.application.queue().enqueue("report");

		assertThat(this.application.ended(report).state()).isEqualTo(JobState.SUCCEEDED);
	}

	@Test
	void jobHasTheLockOfItsFunctionOrItsOwnWhoeverSubmitsIt() {
		this.application.queue().enqueue("hold");
		awaitRunning(1);

		insert("a", new Document("function", "hold"));
		insert("b", new Document("function", "free").append("lock", "held"));
		insert("c", new Document("function", "report").append("lock", "another"));
		JobHandle<Object> built = this.application.queue().job("free").lock("held").enqueue();

		awaitWaits(this.application.queue().handle("a"), "held");
		awaitWaits(this.application.queue().handle("b"), "held");
		awaitWaits(built, "held");
		assertThat(this.application.ended(this.application.queue().handle("c")).state()).isEqualTo(JobState.SUCCEEDED);
	}

	@Test
	void lockThatIsNoneFailsTheJobWithWhatToDo() {
		insert("number", new Document("function", "free").append("lock", 7));
		insert("blank", new Document("function", "free").append("lock", " "));
		JobHandle<Object> unknown = this.application.queue().enqueue("welcome", new Customer(null));

		assertThat(error("number").message()).contains("field 'lock' is '7' (Integer)", "expected the name of a lock");
		assertThat(error("blank").message()).contains("field 'lock' is ' ' (String)");
		assertThat(error(unknown.id()).message()).contains("Function 'welcome': lock '#customer.id' is null")
			.contains("Give arguments");
	}

	@Test
	void aThousandJobsThatWaitLeaveTheServerAndTheOthersAlone() {
		this.application.queue().enqueue("hold");
		awaitRunning(1);
		this.application.queue()
			.enqueueAll(IntStream.range(0, 1000).mapToObj((i) -> this.application.queue().job("hold").spec()));
		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.until(() -> this.database.getCollection("taskqueue_jobs").countDocuments(Filters.exists("waits")) == 1000);
		Commands commands = this.application.bean(Commands.class);

		commands.count.clear();
		JobHandle<Object> free = this.application.queue().enqueue("free");
		assertThat(this.application.ended(free).state()).isEqualTo(JobState.SUCCEEDED);
		Instant end = Instant.now().plusSeconds(3);
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> Instant.now().isAfter(end));

		assertThat(commands.count.values().stream().mapToInt(AtomicInteger::get).sum()).as("%s", commands.count)
			.isLessThan(100);
		assertThat(commands.count.getOrDefault("taskqueue_locks", new AtomicInteger()).get()).isLessThan(20);
	}

	private JobError error(String id) {
		Job job = this.application.ended(this.application.queue().handle(id));
		assertThat(job.state()).isEqualTo(JobState.FAILED);
		JobError error = Objects.requireNonNull(job.error());
		assertThat(error.reason()).isEqualTo(JobError.Reason.UNREADABLE);
		return error;
	}

	private void insert(String id, Document fields) {
		Document job = new Document("_id", id).append("params", List.of())
			.append("queue", "default")
			.append("priority", 0)
			.append("state", "pending")
			.append("run_at", new Date())
			.append("created_at", new Date());
		job.putAll(fields);
		this.database.getCollection("taskqueue_jobs").insertOne(job);
	}

	private void awaitRunning(int count) {
		await(() -> assertThat(this.jobs.held).hasSize(count));
	}

	private void awaitWaits(JobHandle<?> job, String lock) {
		await(() -> assertThat(job.find().orElseThrow().waitsFor()).isEqualTo(lock));
	}

	private List<String> told(JobHandle<?> job) {
		return this.application.bean(Listener.class).told.getOrDefault(job.id(), List.of());
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(condition);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Jobs jobs() {
			return new Jobs();
		}

		@Bean
		Listener listener() {
			return new Listener();
		}

		@Bean
		Commands commands() {
			return new Commands();
		}

		@Bean
		MongoClientSettingsBuilderCustomizer counting(Commands commands) {
			return (settings) -> settings.addCommandListener(commands);
		}

		@Bean
		MeterRegistry meterRegistry() {
			return new SimpleMeterRegistry();
		}

	}

	/** Commands by their collection. */
	static class Commands implements CommandListener {

		private final Map<String, AtomicInteger> count = new ConcurrentHashMap<>();

		@Override
		public void commandStarted(CommandStartedEvent event) {
			if (event.getCommand().get(event.getCommandName()) instanceof BsonString collection) {
				this.count.computeIfAbsent(collection.getValue(), (name) -> new AtomicInteger()).incrementAndGet();
			}
		}

	}

	static class Listener {

		private final Map<String, List<String>> told = new ConcurrentHashMap<>();

		private final Set<String> locks = ConcurrentHashMap.newKeySet();

		@EventListener
		void heard(JobEvent event) {
			this.told.computeIfAbsent(event.jobId(), (id) -> new CopyOnWriteArrayList<>())
				.add(event.getClass().getSimpleName());
			if (event instanceof JobEvent.Locked locked) {
				this.locks.add(locked.lock());
			}
		}

	}

	public record Customer(@Nullable String id) {
	}

	static class Jobs {

		private final AtomicInteger running = new AtomicInteger();

		private final AtomicInteger most = new AtomicInteger();

		private final List<String> reported = new CopyOnWriteArrayList<>();

		private final List<String> held = new CopyOnWriteArrayList<>();

		private final Semaphore gate = new Semaphore(0);

		@AsyncJob(lock = "reports")
		public void report(JobContext job) throws InterruptedException {
			this.reported.add(job.jobId());
			this.most.accumulateAndGet(this.running.incrementAndGet(), Math::max);
			try {
				assertThat(new CountDownLatch(1).await(2, TimeUnit.MILLISECONDS)).isFalse();
			}
			finally {
				// a cancelled one is interrupted
				this.running.decrementAndGet();
			}
		}

		@AsyncJob(name = "also_report", lock = "reports")
		public void alsoReport(JobContext job) throws InterruptedException {
			report(job);
		}

		@AsyncJob(lock = "held")
		public void hold(JobContext job) throws InterruptedException {
			this.held.add(job.jobId());
			assertThat(this.gate.tryAcquire(5, TimeUnit.MINUTES)).isTrue();
		}

		@AsyncJob(lock = "'customer-' + #customer.id")
		public void bill(JobContext job, Customer customer) throws InterruptedException {
			hold(job);
		}

		@AsyncJob(lock = "#customer.id")
		public void welcome(Customer customer) {
		}

		@AsyncJob
		public void free() {
		}

		@AsyncJob(name = "fail_later", lock = "reports", backoff = "1h")
		public void failLater() {
			throw new IllegalStateException("as ordered");
		}

	}

}
