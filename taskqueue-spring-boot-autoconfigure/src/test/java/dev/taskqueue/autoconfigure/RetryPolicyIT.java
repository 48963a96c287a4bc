package dev.taskqueue.autoconfigure;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.Job;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobError;
import dev.taskqueue.JobState;
import dev.taskqueue.RetryPolicy;
import dev.taskqueue.testsupport.MongoServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who decides about another attempt: the function's own word, then the bean, then the
 * properties.
 */
@ExtendWith(OutputCaptureExtension.class)
class RetryPolicyIT {

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
	void policyOfTheFunctionIsAskedWithTheAttemptAndWhatItThrew() {
		Job job = application.ended(application.queue().job("decided").enqueue());

		assertThat(job.state()).isEqualTo(JobState.FAILED);
		assertThat(job.attempt()).isEqualTo(3);
		assertThat(application.bean(Picky.class).asked).containsExactly("1 attempt 1", "2 attempt 2", "3 attempt 3");
	}

	@Test
	void waitsOfAListComeOneAfterAnother() {
		Job job = application.ended(application.queue().job("listed").maxAttempts(4).enqueue());

		assertThat(job.state()).isEqualTo(JobState.FAILED);
		assertThat(job.attempt()).isEqualTo(4);
		List<Long> starts = application.bean(Jobs.class).starts;
		assertThat(starts.get(1) - starts.get(0)).isBetween(90L, 1500L);
		assertThat(starts.get(2) - starts.get(1)).isBetween(390L, 1800L);
		assertThat(starts.get(3) - starts.get(2)).isBetween(390L, 1800L);
	}

	@Test
	void exceptionThatIsNotToBeRetriedFailsTheJobAtOnce() {
		Job job = application.ended(application.queue().enqueue("hopeless"));

		assertThat(job.state()).isEqualTo(JobState.FAILED);
		assertThat(job.attempt()).isEqualTo(1);
		assertThat(Objects.requireNonNull(job.error()).reason()).isEqualTo(JobError.Reason.EXCEPTION);
	}

	@Test
	void timeoutIsAReasonOfItsOwnAndAnExceptionToPolicies() {
		Job job = application
			.ended(application.queue().job("slow").timeout(Duration.ofMillis(100)).maxAttempts(5).enqueue());

		assertThat(job.state()).isEqualTo(JobState.FAILED);
		assertThat(job.attempt()).isEqualTo(1);
		assertThat(Objects.requireNonNull(job.error()).reason()).isEqualTo(JobError.Reason.TIMEOUT);
	}

	@Test
	void beanIsThePolicyOfFunctionsThatChooseNone() {
		Job job = application.ended(application.queue().job("plain").maxAttempts(5).enqueue());

		assertThat(job.state()).isEqualTo(JobState.FAILED);
		assertThat(job.attempt()).as("the bean allows one retry").isEqualTo(2);
	}

	@Test
	void ownBackoffGoesBeforeTheBean() {
		Job job = application.ended(application.queue().job("own_backoff").maxAttempts(4).enqueue());

		assertThat(job.attempt()).isEqualTo(4);
	}

	@Test
	void brokenPolicyIsLoggedAndTheBackoffOfThePropertiesHolds(CapturedOutput output) {
		Job job = application.ended(application.queue().job("broken").maxAttempts(2).enqueue());

		assertThat(job.state()).isEqualTo(JobState.FAILED);
		assertThat(job.attempt()).isEqualTo(2);
		assertThat(output).contains("The retry policy of function 'broken' failed");
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Jobs jobs() {
			return new Jobs();
		}

		@Bean(defaultCandidate = false)
		Picky picky() {
			return new Picky();
		}

		@Bean(defaultCandidate = false)
		RetryPolicy brokenPolicy() {
			return (attempt, thrown) -> {
				throw new IllegalStateException("The policy is broken");
			};
		}

		@Bean
		RetryPolicy oneRetry() {
			return (attempt, thrown) -> (attempt < 2) ? Duration.ZERO : null;
		}

	}

	static class Picky implements RetryPolicy {

		private final List<String> asked = new CopyOnWriteArrayList<>();

		@Override
		public @Nullable Duration next(int attempt, Throwable thrown) {
			this.asked.add(attempt + " " + thrown.getMessage());
			return (attempt < 3) ? Duration.ZERO : null;
		}

	}

	static class Jobs {

		private final List<Long> starts = new CopyOnWriteArrayList<>();

		@AsyncJob(name = "decided", retryPolicy = Picky.class)
		public void decided(JobContext job) {
			throw new IllegalStateException("attempt " + job.attempt());
		}

		@AsyncJob(name = "listed", backoff = "100ms, 400ms")
		public void listed() throws IOException {
			this.starts.add(System.nanoTime() / 1_000_000);
			throw new IOException("no");
		}

		@AsyncJob(name = "hopeless", noRetryFor = IOException.class)
		public void hopeless() {
			throw new IllegalStateException("A layer between", new FileNotFoundException("no"));
		}

		@AsyncJob(name = "slow", noRetryFor = TimeoutException.class)
		public void slow() throws InterruptedException {
			new CountDownLatch(1).await();
		}

		@AsyncJob
		public void plain() throws IOException {
			throw new IOException("no");
		}

		@AsyncJob(name = "own_backoff", backoff = "1ms")
		public void ownBackoff() throws IOException {
			throw new IOException("no");
		}

		@AsyncJob(name = "broken", retryPolicyBean = "brokenPolicy")
		public void broken() throws IOException {
			throw new IOException("no");
		}

	}

}
