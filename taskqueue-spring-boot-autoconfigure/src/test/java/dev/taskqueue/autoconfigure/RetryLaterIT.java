package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.CancelExecution;
import dev.taskqueue.Job;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobError;
import dev.taskqueue.JobFailedException;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.RetryLater;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What a job says of itself by what it throws.
 */
class RetryLaterIT {

	private static final MongoDatabase database = MongoServer.freshDatabase();

	@SuppressWarnings("NullAway.Init")
	private static TestApplication application;

	@BeforeAll
	static void start() {
		// so that nothing but the jobs' own word brings another attempt in time
		application = TestApplication.start(database, Application.class, "taskqueue.job.backoff.initial=1h");
	}

	@AfterAll
	static void stop() {
		application.close();
		MongoServer.drop(database);
	}

	@Test
	void runsAgainAfterTheDelayThatTheJobAskedFor() {
		Job job = application.ended(application.queue().enqueue("not_yet", 400));

		assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
		assertThat(job.attempt()).isEqualTo(2);
		List<Long> starts = application.bean(Jobs.class).starts;
		assertThat(starts.get(1) - starts.get(0)).as("milliseconds").isBetween(390L, 5000L);
	}

	@Test
	void spendsAnAttemptSoThatTheLastOneFailsTheJob() {
		Job job = application.ended(application.queue().job("never").maxAttempts(3).enqueue());

		assertThat(job.state()).isEqualTo(JobState.FAILED);
		assertThat(job.attempt()).isEqualTo(3);
		JobError error = Objects.requireNonNull(job.error());
		assertThat(error.reason()).isEqualTo(JobError.Reason.EXCEPTION);
		assertThat(error.type()).isEqualTo(RetryLater.class.getName());
		assertThat(error.message()).isEqualTo("The other side is busy");
	}

	@Test
	void isHeardOneLayerDownAndAgainstNoRetryFor() {
		Job job = application.ended(application.queue().enqueue("wrapped"));

		assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
		assertThat(job.attempt()).isEqualTo(2);
	}

	@Test
	void delayBeyondAllMeasureLeavesTheJobPending() {
		JobHandle<Object> job = application.queue().enqueue("in_eternity");

		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(job.find()).get()
				.satisfies((found) -> assertThat(found.state()).isEqualTo(JobState.PENDING))
				.satisfies((found) -> assertThat(found.attempt()).isEqualTo(1)));
	}

	@Test
	void cancelsItselfAndSaysWhy() {
		JobHandle<Object> handle = application.queue().enqueue("cancel", "The order was withdrawn");

		Job job = application.ended(handle);

		assertThat(job.state()).isEqualTo(JobState.CANCELLED);
		assertThat(job.attempt()).isEqualTo(1);
		JobError error = Objects.requireNonNull(job.error());
		assertThat(error.reason()).isEqualTo(JobError.Reason.CANCELLED);
		assertThat(error.message()).isEqualTo("The order was withdrawn");
		assertThatExceptionOfType(JobFailedException.class).isThrownBy(() -> handle.await(Duration.ofSeconds(10)))
			.withMessageContaining("ended cancelled: The order was withdrawn");
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Jobs jobs() {
			return new Jobs();
		}

	}

	static class Jobs {

		private final List<Long> starts = new CopyOnWriteArrayList<>();

		@AsyncJob("not_yet")
		public void notYet(JobContext job, int delayMs) {
			this.starts.add(System.nanoTime() / 1_000_000);
			if (job.attempt() == 1) {
				throw new RetryLater(Duration.ofMillis(delayMs));
			}
		}

		@AsyncJob("never")
		public void never() {
			throw new RetryLater(Duration.ZERO, "The other side is busy", null);
		}

		@AsyncJob(name = "wrapped", noRetryFor = RuntimeException.class)
		public void wrapped(JobContext job) {
			if (job.attempt() == 1) {
				throw new IllegalStateException("A layer between", new RetryLater(Duration.ZERO));
			}
		}

		@AsyncJob("in_eternity")
		public void inEternity() {
			throw new RetryLater(Duration.ofSeconds(Long.MAX_VALUE));
		}

		@AsyncJob("cancel")
		public void cancel(String reason) {
			throw new IllegalStateException("A layer between", new CancelExecution(reason));
		}

	}

}
