package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.CancelExecution;
import dev.taskqueue.Job;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobEvent;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.WorkerStarted;
import dev.taskqueue.WorkerStopping;
import dev.taskqueue.testsupport.MongoServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.data.mongodb.core.MongoTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The order of signals is a promise: what an application's listeners hear of its jobs.
 */
@ExtendWith(OutputCaptureExtension.class)
class EventOrderIT {

	private static final MongoDatabase database = MongoServer.freshDatabase();

	@SuppressWarnings("NullAway.Init")
	private static TestApplication application;

	@BeforeAll
	static void start() {
		application = TestApplication.start(database, Application.class);
	}

	@AfterAll
	static void stop() {
		application.close();
		MongoServer.drop(database);
	}

	@Test
	void delayedJobIsScheduledExecutingCompleted() {
		JobHandle<Object> job = application.queue().job("work").delay(Duration.ofMillis(300)).enqueue();

		assertToldOf(job, "Enqueued", "Scheduled", "Executing", "Completed");
	}

	@Test
	void jobThatFailsOnceIsExecutingErrorRetryingScheduledExecutingCompleted() {
		JobHandle<Object> job = application.queue().job("fail", 1).delay(Duration.ofMillis(300)).enqueue();

		assertToldOf(job, "Enqueued", "Scheduled", "Executing", "Error", "Retrying", "Scheduled", "Executing",
				"Completed");
	}

	@Test
	void orderHoldsForRetriesThatAreDueAtOnce() {
		List<JobHandle<Object>> jobs = IntStream.range(0, 100)
			.mapToObj((i) -> application.queue().job("fail", 2).enqueue())
			.toList();

		for (JobHandle<Object> job : jobs) {
			await(() -> told(job).contains("Completed") && told(job).contains("Enqueued"));
			// of a job that is due at once, its submitter may tell after its worker
			assertThat(told(job)).filteredOn((event) -> !event.equals("Enqueued"))
				.containsExactly("Executing", "Error", "Retrying", "Scheduled", "Executing", "Error", "Retrying",
						"Scheduled", "Executing", "Completed");
		}
	}

	@Test
	void jobThatFailsForGoodIsExecutingErrorFailed() {
		JobHandle<Object> job = application.queue()
			.job("fail", 1)
			.maxAttempts(1)
			.delay(Duration.ofMillis(300))
			.enqueue();

		assertToldOf(job, "Enqueued", "Scheduled", "Executing", "Error", "Failed");
	}

	@Test
	void jobThatCancelsItselfIsExecutingCancelled() {
		JobHandle<Object> job = application.queue().job("cancel").delay(Duration.ofMillis(300)).enqueue();

		assertToldOf(job, "Enqueued", "Scheduled", "Executing", "Cancelled");
	}

	@Test
	void jobOfARevokedFunctionIsRevokedCancelled() {
		application.queue().revoke("revoked");

		JobHandle<Object> job = application.queue().job("revoked").delay(Duration.ofMillis(300)).enqueue();

		assertToldOf(job, "Enqueued", "Scheduled", "Revoked", "Cancelled");
	}

	@Test
	void completedIsToldWhenTheOutcomeIsDurable() {
		JobHandle<Object> job = application.queue().enqueue("work");

		await(() -> told(job).contains("Completed"));
		assertThat(application.bean(Listener.class).stored).containsEntry(job.id(), "succeeded");
	}

	@Test
	void listenerThatThrowsIsLoggedAndChangesNoOutcome(CapturedOutput output) {
		JobHandle<Object> handle = application.queue().enqueue("disturbing");

		Job job = application.ended(handle);

		assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
		assertThat(job.attempt()).isEqualTo(1);
		await(() -> told(handle).contains("Completed"));
		assertThat(output).contains("A listener failed at Executing[jobId=" + handle.id())
			.contains("A listener failed at Completed[jobId=" + handle.id());
	}

	@Test
	void slowListenerIsSeenInItsMetric() {
		JobHandle<Object> job = application.queue().job("slowly_heard").delay(Duration.ofMillis(100)).enqueue();

		application.ended(job);

		assertThat(application.bean(MeterRegistry.class)
			.get("taskqueue.listeners")
			.tag("event", "executing")
			.timer()
			.max(TimeUnit.MILLISECONDS)).isGreaterThanOrEqualTo(300);
	}

	@Test
	void workerTellsOfItsStartAndItsEnd() {
		MongoDatabase own = MongoServer.freshDatabase();
		List<Object> told;
		try (TestApplication other = TestApplication.start(own, Application.class)) {
			Listener listener = other.bean(Listener.class);
			told = listener.ofTheWorker;
			Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !told.isEmpty());
			assertThat(told).hasSize(1);
		}
		finally {
			MongoServer.drop(own);
		}

		assertThat(told).hasExactlyElementsOfTypes(WorkerStarted.class, WorkerStopping.class);
		WorkerStarted started = (WorkerStarted) told.get(0);
		assertThat(started.worker()).isNotEmpty();
		assertThat(told.get(1)).isEqualTo(new WorkerStopping(started.worker()));
	}

	private static void assertToldOf(JobHandle<?> job, String... signals) {
		await(() -> told(job).size() >= signals.length);
		assertThat(told(job)).containsExactly(signals);
	}

	private static List<String> told(JobHandle<?> job) {
		return application.bean(Listener.class).told.getOrDefault(job.id(), List.of());
	}

	private static void await(Callable<Boolean> condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).until(condition);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Jobs jobs() {
			return new Jobs();
		}

		@Bean
		Listener listener(MongoTemplate store) {
			return new Listener(store);
		}

		@Bean
		MeterRegistry meterRegistry() {
			return new SimpleMeterRegistry();
		}

	}

	static class Listener {

		private final Map<String, List<String>> told = new ConcurrentHashMap<>();

		private final Map<String, String> stored = new ConcurrentHashMap<>();

		private final List<Object> ofTheWorker = new CopyOnWriteArrayList<>();

		private final MongoTemplate store;

		Listener(MongoTemplate store) {
			this.store = store;
		}

		@EventListener
		void heard(JobEvent event) throws InterruptedException {
			this.told.computeIfAbsent(event.jobId(), (id) -> new CopyOnWriteArrayList<>())
				.add(event.getClass().getSimpleName());
			if (event.function().equals("disturbing")) {
				throw new IllegalStateException("The listener throws");
			}
			if (event.function().equals("slowly_heard") && event instanceof JobEvent.Executing) {
				assertThat(new CountDownLatch(1).await(300, TimeUnit.MILLISECONDS)).isFalse();
			}
		}

		@EventListener
		void completed(JobEvent.Completed event) {
			Document job = this.store.getDb()
				.getCollection("taskqueue_jobs")
				.find(Filters.eq(new ObjectId(event.jobId())))
				.first();
			this.stored.put(event.jobId(), Objects.requireNonNull(job).getString("state"));
		}

		@EventListener
		void started(WorkerStarted event) {
			this.ofTheWorker.add(event);
		}

		@EventListener
		void stopping(WorkerStopping event) {
			this.ofTheWorker.add(event);
		}

	}

	static class Jobs {

		@AsyncJob
		public void work() {
		}

		@AsyncJob
		public void fail(JobContext job, int times) {
			if (job.attempt() <= times) {
				throw new IllegalStateException("attempt " + job.attempt());
			}
		}

		@AsyncJob
		public void cancel() {
			throw new CancelExecution();
		}

		@AsyncJob
		public void revoked() {
		}

		@AsyncJob
		public void disturbing() {
		}

		@AsyncJob("slowly_heard")
		public void slowlyHeard() {
		}

	}

}
