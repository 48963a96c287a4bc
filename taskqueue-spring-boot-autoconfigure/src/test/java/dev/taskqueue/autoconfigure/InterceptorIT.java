package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.CancelExecution;
import dev.taskqueue.EnqueueInterceptor;
import dev.taskqueue.Job;
import dev.taskqueue.JobBuilder;
import dev.taskqueue.JobError;
import dev.taskqueue.JobInterceptor;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.testsupport.MongoServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What an application puts around its attempts and before its submits.
 */
class InterceptorIT {

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
	void runAroundTheFunctionInTheirOrder() {
		Job job = application.ended(application.queue().enqueue("traced"));

		assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
		assertThat(application.bean(Trace.class).lines).containsExactly("outer begins traced 1", "inner begins",
				"function", "inner ends", "outer ends");
	}

	@Test
	void mayGiveAnotherResult() {
		Job job = application.ended(application.queue().enqueue("doubled", 21));

		assertThat(job.result()).isEqualTo(42);
	}

	@Test
	void mayCancelTheJobWithoutRunningIt() {
		Job job = application.ended(application.queue().enqueue("forbidden"));

		assertThat(job.state()).isEqualTo(JobState.CANCELLED);
		assertThat(Objects.requireNonNull(job.error()).message()).isEqualTo("Not on Sundays");
		assertThat(application.bean(Trace.class).lines).doesNotContain("forbidden ran");
	}

	@Test
	void whatTheyThrowCountsAsThrownByTheFunction() {
		Job job = application.ended(application.queue().job("hindered").maxAttempts(3).enqueue());

		assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
		assertThat(job.attempt()).isEqualTo(2);
		JobError error = Objects.requireNonNull(job.error());
		assertThat(error.reason()).isEqualTo(JobError.Reason.EXCEPTION);
		assertThat(error.message()).isEqualTo("Hindered at attempt 1");
	}

	@Test
	void theirTimeIsTheAttemptsTime() {
		Job job = application
			.ended(application.queue().job("dawdled").timeout(Duration.ofMillis(100)).maxAttempts(1).enqueue());

		assertThat(job.state()).isEqualTo(JobState.FAILED);
		assertThat(Objects.requireNonNull(job.error()).reason()).isEqualTo(JobError.Reason.TIMEOUT);
	}

	@Test
	void enqueueInterceptorsChangeJobsInTheirOrder() {
		Job job = application.ended(application.queue().enqueue("greet", "you"));

		assertThat(job.queue()).isEqualTo("of-greet");
		assertThat(job.result()).isEqualTo("hello you, says the second");
	}

	@Test
	void enqueueInterceptorsSeeEachJobOfMany() {
		TaskQueue queue = application.queue();

		long submitted = queue.enqueueAll(Stream.of("a", "b").map((name) -> queue.job("greet", name).id(name).spec()));

		assertThat(submitted).isEqualTo(2);
		assertThat(List.of("a", "b")).allSatisfy((id) -> assertThat(application.ended(queue.handle(id)).result())
			.isEqualTo("hello " + id + ", says the second"));
	}

	@Test
	void enqueueInterceptorsSeeTheJobThatNobodyWaitsFor() {
		Job job = application.ended(application.queue().job("greet", "you").enqueueAsync().join());

		assertThat(job.queue()).isEqualTo("of-greet");
		assertThat(job.result()).isEqualTo("hello you, says the second");
	}

	@Test
	void refusedJobIsTheSubmittersExceptionAndDoesNotExist() {
		assertThatExceptionOfType(Refused.class).isThrownBy(() -> application.queue().enqueue("unwanted"));
		assertThatExceptionOfType(Refused.class).isThrownBy(() -> application.queue().job("unwanted").enqueueAsync());

		assertThat(database.getCollection("taskqueue_jobs").countDocuments(Filters.eq("function", "unwanted")))
			.isZero();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Jobs jobs(Trace trace) {
			return new Jobs(trace);
		}

		@Bean
		Trace trace() {
			return new Trace();
		}

		@Bean
		@Order(2)
		JobInterceptor inner(Trace trace) {
			return (context, next) -> {
				if (!context.function().equals("traced")) {
					return next.proceed();
				}
				trace.lines.add("inner begins");
				Object result = next.proceed();
				trace.lines.add("inner ends");
				return result;
			};
		}

		@Bean
		@Order(1)
		JobInterceptor outer(Trace trace) {
			return (context, next) -> switch (context.function()) {
				case "traced" -> {
					trace.lines.add("outer begins traced " + context.attempt());
					Object result = next.proceed();
					trace.lines.add("outer ends");
					yield result;
				}
				case "doubled" -> 2 * (Integer) Objects.requireNonNull(next.proceed());
				case "forbidden" -> throw new CancelExecution("Not on Sundays");
				case "hindered" -> hinder(context.attempt(), next);
				case "dawdled" -> {
					new CountDownLatch(1).await();
					yield next.proceed();
				}
				default -> next.proceed();
			};
		}

		private static @Nullable Object hinder(int attempt, JobInterceptor.Invocation next) throws Exception {
			if (attempt == 1) {
				throw new IllegalStateException("Hindered at attempt 1");
			}
			return next.proceed();
		}

		@Bean
		@Order(2)
		EnqueueInterceptor second() {
			return (job) -> (job.function().equals("greet"))
					? JobBuilder.of(job).kwarg("by", job.kwargs().get("by") + " second").spec() : job;
		}

		@Bean
		@Order(1)
		EnqueueInterceptor first() {
			return (job) -> switch (job.function()) {
				case "greet" -> JobBuilder.of(job).queue("of-greet").kwarg("by", "the").spec();
				case "unwanted" -> throw new Refused();
				default -> job;
			};
		}

	}

	static class Refused extends RuntimeException {

	}

	static class Trace {

		private final List<String> lines = new CopyOnWriteArrayList<>();

	}

	static class Jobs {

		private final Trace trace;

		Jobs(Trace trace) {
			this.trace = trace;
		}

		@AsyncJob
		public void traced() {
			this.trace.lines.add("function");
		}

		@AsyncJob
		public int doubled(int number) {
			return number;
		}

		@AsyncJob
		public void forbidden() {
			this.trace.lines.add("forbidden ran");
		}

		@AsyncJob
		public void hindered() {
		}

		@AsyncJob
		public void dawdled() {
		}

		@AsyncJob
		public void unwanted() {
		}

		@AsyncJob
		public String greet(String name, String by) {
			return "hello " + name + ", says " + by;
		}

	}

}
