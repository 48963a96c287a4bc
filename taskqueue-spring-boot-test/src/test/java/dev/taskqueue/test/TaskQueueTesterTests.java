package dev.taskqueue.test;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobGoneException;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.store.TaskQueueDatabase;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.mongodb.autoconfigure.DataMongoAutoConfiguration;
import org.springframework.boot.mongodb.autoconfigure.MongoAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The tester in an application without MongoDB.
 */
@SpringBootTest
@AutoConfigureTaskQueueTester
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SuppressWarnings("NullAway.Init")
class TaskQueueTesterTests {

	@Autowired
	private TaskQueueTester tester;

	@Autowired
	private TaskQueue queue;

	@Autowired
	private Clock clock;

	@Autowired
	private ObjectProvider<TaskQueueDatabase> database;

	@Test
	@Order(1)
	void everyTestBeginsWithoutTheJobsOfOthersAndOfTheStart() {
		assertThat(this.tester).hasEnqueuedNothing();
		assertThat(this.database.getIfAvailable()).isNull();
		this.queue.enqueue("add", 1, 2);
		this.tester.advance(Duration.ofDays(1));
		this.tester.runAtOnce();
	}

	@Test
	@Order(2)
	void everyTestBeginsWithTheTrueTimeAndWithJobsThatWait() {
		assertThat(this.tester).hasEnqueuedNothing();
		assertThat(Duration.between(Instant.now(), this.clock.instant()).abs()).isLessThan(Duration.ofMinutes(1));

		assertThat(this.queue.enqueue("add", 1, 2).state()).isEqualTo(JobState.PENDING);
	}

	@Test
	void jobsThatAreDueRunWhenToldTo() {
		JobHandle<Object> job = this.queue.enqueue("add", 1, 2);
		assertThat(this.tester.job(job)).isPending().hasAttempts(0);

		assertThat(this.tester.runDue()).isEqualTo(1);

		assertThat(this.tester.job(job)).hasSucceeded()
			.hasFunction("add")
			.hasArgs(1, 2L)
			.hasQueue("default")
			.hasPriority(0)
			.hasResult(3);
		assertThat(this.tester.runDue()).isZero();
	}

	@Test
	void jobsRunAtOnceWhereATestWantsIt() {
		this.tester.runAtOnce();
		JobHandle<Object> job = this.queue.enqueue("add", 1, 2);
		this.tester.holdJobs();

		assertThat(this.tester.job(job)).hasSucceeded();
		assertThat(this.tester.job(this.queue.enqueue("add", 1, 2))).isPending();
	}

	@Test
	void delayedJobIsDueWhenTheClockWasMoved() {
		Instant time = this.clock.instant().plus(Duration.ofHours(1)).truncatedTo(ChronoUnit.MILLIS);
		JobHandle<Object> job = this.queue.job("add", 1, 2).at(time).enqueue();

		assertThat(this.tester.runDue()).isZero();
		this.tester.clock().moveTo(time);

		assertThat(this.tester.job(job)).isDueAt(time);
		assertThat(this.tester.runDue()).isEqualTo(1);
	}

	@Test
	void allThatIsPendingRunsWithTheClockMovedOn() {
		this.queue.job("add", 1, 2).delay(Duration.ofDays(2)).enqueue();
		JobHandle<Object> failing = this.queue.enqueue("failing");

		assertThat(this.tester.runAll()).isEqualTo(4);

		assertThat(this.tester.job(failing)).hasFailed().hasAttempts(3).hasErrorContaining("always");
		assertThat(this.clock.instant()).isAfter(Instant.now().plus(Duration.ofDays(1)));
	}

	@Test
	void jobThatSubmitsItselfForEverMeetsTheBound() {
		this.queue.enqueue("every_minute");

		assertThatIllegalStateException().isThrownBy(() -> this.tester.runAll(5))
			.withMessageContaining("after 5 attempts");
	}

	@Test
	void jobsThatCannotRunStay() {
		JobHandle<Object> unknown = this.queue.enqueue("of_others");
		JobHandle<Object> later = this.queue.job("of_others").delay(Duration.ofDays(1)).enqueue();
		this.queue.pause("slow");
		this.queue.job("add", 1, 2).queue("slow").enqueue();

		assertThat(this.tester.runAll()).isZero();

		assertThat(this.tester.job(unknown)).isPending();
		assertThat(this.tester.job(later.id())).isPending();
	}

	@Test
	void whatWasEnqueuedIsFoundByAllThatIsSaidOfIt() {
		this.queue.job("greet", new Person("Ada", 36)).queue("mail").priority(3).kwarg("greeting", "Dear").enqueue();
		this.queue.enqueue("greet", new Person("Bob", 40));

		assertThat(this.tester).hasNotEnqueued("add").hasEnqueued("greet").times(2);
		assertThat(this.tester).hasEnqueued("greet")
			.withArgs(Map.of("name", "Bob", "age", 40))
			.withDelay(Duration.ZERO);
		assertThat(this.tester).hasEnqueued("greet")
			.withArgs(new Person("Ada", 36))
			.withKwarg("greeting", "Dear")
			.inQueue("mail")
			.once()
			.hasKwarg("greeting", "Dear")
			.hasPriority(3);
		assertThat(this.tester.jobs()).extracting((job) -> job.queue()).isEqualTo(List.of("mail", "default"));
	}

	@Test
	void whatIsNotSoFailsWithTheJobsThatThereAre() {
		JobHandle<Object> job = this.queue.enqueue("add", 1, 2);

		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(this.tester).hasEnqueued("greet"))
			.withMessageContaining("Expected a job of function 'greet', and the test has these jobs")
			.withMessageContaining("add[1, 2] in queue 'default', pending");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThat(this.tester).hasEnqueued("add").withArgs(1, 3))
			.withMessageContaining("with args [1, 3]")
			.withMessageContaining("add[1, 2]");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(this.tester).hasNotEnqueued("add"));
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(this.tester).hasEnqueuedNothing());
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThat(this.tester).hasEnqueued("add").times(2));
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThat(this.tester.job(job)).hasSucceeded())
			.withMessageContaining("Expected the state 'SUCCEEDED', found 'PENDING'");
		assertThatExceptionOfType(JobGoneException.class)
			.isThrownBy(() -> assertThat(this.tester.job("none")).isPending());
	}

	@Test
	void clockGoesForwardOnly() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.tester.advance(Duration.ofSeconds(-1)))
			.withMessageContaining("expected zero or more");
	}

	record Person(String name, int age) {
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = { MongoAutoConfiguration.class, DataMongoAutoConfiguration.class })
	static class Application {

		@Bean
		Jobs jobs(TaskQueue queue) {
			return new Jobs(queue);
		}

		@Bean
		ApplicationRunner submitsAtTheStart(TaskQueue queue) {
			return (args) -> queue.enqueue("add", 0, 0);
		}

	}

	static class Jobs {

		private final TaskQueue queue;

		Jobs(TaskQueue queue) {
			this.queue = queue;
		}

		@AsyncJob
		public int add(int a, int b) {
			return a + b;
		}

		@AsyncJob
		public String greet(Person person, String greeting) {
			return greeting + " " + person.name();
		}

		@AsyncJob(maxAttempts = 3, backoff = "1m")
		public void failing() {
			throw new IllegalStateException("always");
		}

		@AsyncJob(name = "every_minute")
		public void everyMinute() {
			this.queue.job("every_minute").delay(Duration.ofMinutes(1)).enqueue();
		}

	}

}
