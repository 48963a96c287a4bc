package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.FunctionOptions;
import dev.taskqueue.Job;
import dev.taskqueue.JobError;
import dev.taskqueue.JobEvent;
import dev.taskqueue.JobFunctions;
import dev.taskqueue.JobFunctions.Registration;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobInterceptor;
import dev.taskqueue.JobState;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Functions that come and go while the application runs. Nothing is found by polling
 * within the time of a test.
 */
class JobFunctionsIT {

	private static final MongoDatabase database = MongoServer.freshDatabase();

	@SuppressWarnings("NullAway.Init")
	private static TestApplication application;

	@BeforeAll
	static void start() {
		application = TestApplication.start(database, Application.class, "taskqueue.worker.poll-interval=60s");
	}

	@AfterAll
	static void stop() {
		application.close();
		MongoServer.drop(database);
	}

	@AfterEach
	void unregister() {
		functions().unregister("resize");
	}

	@Test
	void oneThatWasRegisteredBeforeTheStartRuns() {
		assertThat(application.ended(application.queue().enqueue("early", 1, 2)).result()).isEqualTo("early [1, 2] {}");
	}

	@Test
	void jobsThatWaitBeginAsSoonAsTheirFunctionIsThere() {
		JobHandle<Object> job = application.queue().job("resize", new Resize("a.png", 3)).queue("of-nobody").enqueue();
		JobHandle<Object> ended = application.queue().enqueue("method", "a", "b");
		application.ended(ended);
		assertThat(job.find().orElseThrow().state()).isEqualTo(JobState.PENDING);

		functions().register("resize", Resize.class, (request, context) -> request.file() + " " + request.width());

		assertThat(application.ended(job).result()).isEqualTo("a.png 3");
		// and those that are submitted from then on
		assertThat(application.ended(application.queue().enqueue("resize", Map.of("file", "b", "width", 4))).result())
			.isEqualTo("b 4");
		// by another program, which only the change stream tells of
		insert("c", "resize", List.of(new Document("file", "c").append("width", 5)), new Document());
		assertThat(application.ended(application.queue().handle("c")).result()).isEqualTo("c 5");
	}

	@Test
	void jobsOfOneThatWentAwayAreKeptAndWhatRunsEnds() throws InterruptedException {
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch gate = new CountDownLatch(1);
		Registration registration = functions().register("resize", Resize.class, (request, context) -> {
			running.countDown();
			gate.await(20, TimeUnit.SECONDS);
			return request.file();
		});
		JobHandle<Object> first = application.queue().enqueue("resize", new Resize("first", 1));
		assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();

		registration.close();
		JobHandle<Object> second = application.queue().enqueue("resize", new Resize("second", 1));
		gate.countDown();

		assertThat(application.ended(first).result()).isEqualTo("first");
		// another one in the same queue is passed by nothing
		application.ended(application.queue().enqueue("method", "a", "b"));
		Job kept = second.find().orElseThrow();
		assertThat(kept.state()).isEqualTo(JobState.PENDING);
		assertThat(kept.attempt()).isZero();

		functions().register("resize", Resize.class, (request, context) -> "again " + request.file());
		assertThat(application.ended(second).result()).isEqualTo("again second");
	}

	@Test
	void claimsThatWaitInLineAreGivenBackWhenTheirFunctionGoes() {
		CountDownLatch gate = new CountDownLatch(1);
		Registration registration = functions().register("resize", (params, kwargs, context) -> {
			gate.await(20, TimeUnit.SECONDS);
			return null;
		});
		List<JobHandle<Object>> jobs = new CopyOnWriteArrayList<>();
		for (int i = 0; i < 40; i++) {
			jobs.add(application.queue().enqueue("resize", i));
		}
		Awaitility.await()
			.until(() -> jobs.stream().anyMatch((job) -> job.find().orElseThrow().state() == JobState.RUNNING));

		registration.close();
		gate.countDown();

		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.untilAsserted(() -> assertThat(database.getCollection("taskqueue_jobs")
				.countDocuments(Filters.and(Filters.eq("function", "resize"), Filters.eq("state", "running"))))
				.isZero());
		assertThat(jobs).extracting((job) -> job.find().orElseThrow().state())
			.containsOnly(JobState.PENDING, JobState.SUCCEEDED)
			.contains(JobState.PENDING);
		functions().register("resize", (params, kwargs, context) -> null);
		jobs.forEach((job) -> assertThat(application.ended(job).state()).isEqualTo(JobState.SUCCEEDED));
	}

	@Test
	void optionsHoldAndErrorsAreAsThoseOfMethods() {
		functions().register("resize", Resize.class, (request, context) -> {
			throw new IllegalStateException("attempt " + context.attempt());
		}, FunctionOptions.defaults().queue("images").maxAttempts(2));

		Job failed = application.ended(application.queue().enqueue("resize", new Resize("a", 1)));

		assertThat(failed.state()).isEqualTo(JobState.FAILED);
		assertThat(failed.queue()).isEqualTo("images");
		assertThat(failed.attempt()).isEqualTo(2);
		assertThat(failed.error()).isNotNull()
			.extracting(JobError::reason, JobError::message)
			.containsExactly(JobError.Reason.EXCEPTION, "attempt 2");
		assertThat(message(application.queue().enqueue("resize", "no document").id()))
			.startsWith("Function 'resize', parameter 'JobFunctionsIT.Resize request': params[0] is \"no document\"");
	}

	@Test
	void jobsAreUniqueForAPeriodAndRunOneAtATimeWhereOptionsSaySo() {
		AtomicInteger running = new AtomicInteger();
		functions().register("resize", Resize.class, (request, context) -> {
			int most = running.incrementAndGet();
			assertThat(new CountDownLatch(1).await(2, TimeUnit.MILLISECONDS)).isFalse();
			running.decrementAndGet();
			return most;
		}, FunctionOptions.defaults()
			.uniqueBy("#request.file")
			.uniqueFor(Duration.ofHours(1))
			.lock("'width-' + #request.width"));
		JobHandle<Object> first = application.queue().enqueue("resize", new Resize("unique", 1));
		application.ended(first);

		JobHandle<Object> again = application.queue().enqueue("resize", new Resize("unique", 2));
		List<JobHandle<Object>> others = IntStream.range(0, 20)
			.mapToObj((i) -> application.queue().enqueue("resize", new Resize("other" + i, 1)))
			.toList();

		assertThat(again.isDuplicate()).isTrue();
		assertThat(again.id()).isEqualTo(first.id());
		assertThat(others).extracting((job) -> application.ended(job).result()).containsOnly(1);
	}

	@Test
	void interceptorsAndEventsKnowNoDifference() {
		functions().register("resize", (params, kwargs, context) -> 21);

		Job job = application.ended(application.queue().enqueue("resize", "intercepted"));

		assertThat(job.result()).isEqualTo("intercepted 21");
		Awaitility.await()
			.untilAsserted(() -> assertThat(application.bean(Heard.class).events)
				.filteredOn((event) -> event.jobId().equals(job.id()))
				.extracting((event) -> event.getClass().getSimpleName())
				.contains("Executing", "Completed"));
	}

	@Test
	void paramsAndKwargsOfAnotherProgramFillAMethodTogether() {
		insert("both", "method", List.of("position"), new Document("second", "name"));
		insert("named", "method", List.of(), new Document("second", "b").append("first", "a"));
		insert("default", "method", List.of("only"), new Document());
		insert("doubled", "method", List.of("a"), new Document("first", "b"));
		insert("unknown", "method", List.of("a"), new Document("third", "b"));

		assertThat(application.ended(application.queue().handle("both")).result()).isEqualTo("position name");
		assertThat(application.ended(application.queue().handle("named")).result()).isEqualTo("a b");
		assertThat(application.ended(application.queue().handle("default")).result()).isEqualTo("only null");
		assertThat(message("doubled"))
			.isEqualTo("Function 'method': kwargs.first is \"b\": expected nothing, since params[0] is this argument"
					+ " too. Remove one of them.");
		assertThat(message("unknown")).startsWith("Function 'method': kwargs.third is \"b\": expected a parameter of ")
			.endsWith(": first, second. Rename or remove it.");
	}

	private static String message(String id) {
		Job job = application.ended(application.queue().handle(id));
		assertThat(job.state()).isEqualTo(JobState.FAILED);
		JobError error = job.error();
		return (error != null) ? String.valueOf(error.message()) : "";
	}

	private static JobFunctions functions() {
		return application.bean(JobFunctions.class);
	}

	private static void insert(String id, String function, List<?> params, Document kwargs) {
		Date now = Date.from(Instant.now());
		database.getCollection("taskqueue_jobs")
			.insertOne(new Document("_id", id).append("function", function)
				.append("params", params)
				.append("kwargs", kwargs)
				.append("queue", "default")
				.append("priority", 0)
				.append("state", "pending")
				.append("run_at", now)
				.append("created_at", now));
	}

	record Resize(String file, int width) {
	}

	static class Heard {

		private final List<JobEvent> events = new CopyOnWriteArrayList<>();

		@EventListener
		void on(JobEvent event) {
			this.events.add(event);
		}

	}

	static class Methods {

		Methods(JobFunctions functions) {
			functions.register("early", (params, kwargs, context) -> "early " + params + " " + kwargs);
		}

		@AsyncJob
		public String method(String first, @Nullable String second) {
			return first + " " + second;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Methods methods(JobFunctions functions) {
			return new Methods(functions);
		}

		@Bean
		Heard heard() {
			return new Heard();
		}

		@Bean
		JobInterceptor interceptor() {
			return (context, chain) -> {
				Object result = chain.proceed();
				return context.function().equals("resize") && Integer.valueOf(21).equals(result) ? "intercepted 21"
						: result;
			};
		}

	}

}
