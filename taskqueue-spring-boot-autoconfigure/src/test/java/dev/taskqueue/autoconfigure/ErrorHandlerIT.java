package dev.taskqueue.autoconfigure;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.EnqueueErrorHandler;
import dev.taskqueue.Job;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobError;
import dev.taskqueue.JobErrorHandler;
import dev.taskqueue.JobFailure;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobSpec;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
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
import org.springframework.core.annotation.Order;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

/**
 * Who hears of what fails, and changes nothing by it.
 */
@ExtendWith(OutputCaptureExtension.class)
class ErrorHandlerIT {

	private static final MongoDatabase database = MongoServer.freshDatabase();

	@SuppressWarnings("NullAway.Init")
	private static TestApplication application;

	@BeforeAll
	static void start() {
		application = TestApplication.start(database, Application.class);
	}

	@AfterAll
	static void stop() {
		application.bean(Jobs.class).released.countDown();
		application.close();
		MongoServer.drop(database);
	}

	@Test
	void hearsOfEachAttemptWithWhatItThrewAndWhetherItWasTheLast(CapturedOutput output) {
		JobHandle<Object> job = application.queue().job("fail").maxAttempts(2).enqueue();

		List<JobFailure> failures = heardOf(job, 2);

		assertThat(failures).extracting(JobFailure::isLast).containsExactly(false, true);
		assertThat(failures).extracting(JobFailure::function).containsOnly("fail");
		assertThat(failures).extracting((failure) -> failure.error().attempt()).containsExactly(1, 2);
		assertThat(failures).extracting(JobFailure::thrown)
			.allSatisfy((thrown) -> assertThat(thrown).isInstanceOf(IOException.class));
		// the first of the handlers throws each time
		assertThat(output).contains("A JobErrorHandler failed at job " + job.id());
		Job ended = application.ended(job);
		assertThat(ended.state()).isEqualTo(JobState.FAILED);
		assertThat(ended.attempt()).isEqualTo(2);
	}

	@Test
	void hearsOfAnArgumentThatDoesNotFit() {
		JobHandle<Object> job = application.queue().enqueue("count", "not a number");

		assertThat(heardOf(job, 1)).singleElement().satisfies((failure) -> {
			assertThat(failure.error().reason()).isEqualTo(JobError.Reason.UNREADABLE);
			assertThat(failure.isLast()).isTrue();
		});
	}

	@Test
	void hearsOfATimeoutThoughTheFunctionGoesOn() {
		JobHandle<Object> job = application.queue()
			.job("ignore_interrupts")
			.timeout(Duration.ofMillis(50))
			.maxAttempts(1)
			.enqueue();

		assertThat(heardOf(job, 1)).singleElement().satisfies((failure) -> {
			assertThat(failure.error().reason()).isEqualTo(JobError.Reason.TIMEOUT);
			assertThat(failure.thrown()).isNull();
			assertThat(failure.isLast()).isTrue();
		});
	}

	@Test
	void hearsOfAFailedSubmitBeforeTheSubmitterDoes(CapturedOutput output) {
		TaskQueue queue = application.queue();
		List<String> heard = application.bean(Handlers.class).enqueue;
		heard.clear();

		assertThatIllegalArgumentException().isThrownBy(() -> queue.enqueue("count", new Object()))
			.satisfies((thrown) -> assertThat(heard).containsExactly("count: " + thrown.getMessage()));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> queue.enqueueAll(List.of(queue.job("count", new Object()).spec()).stream()))
			.satisfies((thrown) -> assertThat(heard).hasSize(2).contains("many: " + thrown.getMessage()));
		assertThat(output).contains("An EnqueueErrorHandler failed");
	}

	@Test
	void hearsOfASubmitThatFailsWhenNobodyWaitsForIt() {
		TaskQueue queue = application.queue();
		queue.job("count", 1).id("order-7").enqueue();
		List<String> heard = application.bean(Handlers.class).enqueue;
		heard.clear();

		assertThat(queue.job("count", 2).id("order-7").enqueueAsync()).failsWithin(Duration.ofSeconds(10));
		assertThat(heard).singleElement(as(STRING)).startsWith("count: ").contains("'order-7'");

		assertThatIllegalArgumentException().isThrownBy(() -> queue.job("count", new Object()).enqueueAsync());
		assertThat(heard).hasSize(2);

		TransactionTemplate transaction = new TransactionTemplate(new OtherTransactionManager());
		assertThatIllegalArgumentException().isThrownBy(() -> transaction.executeWithoutResult((status) -> {
			queue.job("count", 3).id("order-7").afterCommit().enqueue();
			assertThat(heard).hasSize(2);
		})).withMessageContaining("'order-7'");
		assertThat(heard).hasSize(3);
	}

	private static List<JobFailure> heardOf(JobHandle<?> job, int count) {
		Handlers handlers = application.bean(Handlers.class);
		return Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.until(() -> handlers.failures.stream().filter((failure) -> failure.jobId().equals(job.id())).toList(),
					(failures) -> failures.size() == count);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Jobs jobs() {
			return new Jobs();
		}

		@Bean
		@Order(2)
		Handlers handlers() {
			return new Handlers();
		}

		@Bean
		@Order(1)
		JobErrorHandler throwing() {
			return (failure) -> {
				throw new IllegalStateException("The handler throws");
			};
		}

		@Bean
		@Order(1)
		EnqueueErrorHandler throwingToo() {
			return (job, thrown) -> {
				throw new IllegalStateException("The handler throws");
			};
		}

	}

	static class Handlers implements JobErrorHandler, EnqueueErrorHandler {

		private final List<JobFailure> failures = new CopyOnWriteArrayList<>();

		private final List<String> enqueue = new CopyOnWriteArrayList<>();

		@Override
		public void attemptFailed(JobFailure failure) {
			this.failures.add(failure);
		}

		@Override
		public void enqueueFailed(@Nullable JobSpec job, RuntimeException thrown) {
			this.enqueue.add(((job != null) ? job.function() : "many") + ": " + thrown.getMessage());
		}

	}

	static class Jobs {

		private final CountDownLatch released = new CountDownLatch(1);

		@AsyncJob
		public void fail(JobContext job) throws IOException {
			throw new IOException("attempt " + job.attempt());
		}

		@AsyncJob
		public int count(int number) {
			return number;
		}

		@AsyncJob("ignore_interrupts")
		public void ignoreInterrupts() {
			while (this.released.getCount() > 0) {
				try {
					this.released.await();
				}
				catch (InterruptedException ex) {
					// it goes on, as functions do that know nothing of interrupts
				}
			}
		}

	}

}
