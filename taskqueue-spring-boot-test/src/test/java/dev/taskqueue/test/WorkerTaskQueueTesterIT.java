package dev.taskqueue.test;

import java.time.Duration;
import java.util.List;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobHandle;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.autoconfigure.TaskQueueProperties;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The tester on a real MongoDB, where the worker and the scheduler run what is due.
 */
@SpringBootTest(properties = "taskqueue.worker.lease=3s")
@AutoConfigureTaskQueueTester(mode = TaskQueueProperties.Mode.NORMAL)
@SuppressWarnings("NullAway.Init")
class WorkerTaskQueueTesterIT {

	private static final MongoDatabase database = MongoServer.freshDatabase();

	@Autowired
	private TaskQueueTester tester;

	@Autowired
	private TaskQueue queue;

	@DynamicPropertySource
	static void server(DynamicPropertyRegistry registry) {
		registry.add("spring.mongodb.uri", () -> MongoServer.uri(database));
	}

	@AfterAll
	static void drop() {
		MongoServer.drop(database);
	}

	@Test
	void workerIsWaitedFor() {
		JobHandle<Object> job = this.queue.enqueue("add", 1, 2);

		this.tester.runDue();

		assertThat(this.tester.job(job)).hasSucceeded().hasResult(3);
		assertThat(this.tester).hasEnqueued("add").withArgs(1, 2).times(1);
	}

	@Test
	void delayedJobIsRunByTheWorkerWhenTheClockWasMoved() {
		JobHandle<Object> job = this.queue.job("add", 1, 2).delay(Duration.ofDays(7)).enqueue();
		this.tester.runDue();
		assertThat(this.tester.job(job)).isPending();

		this.tester.advance(Duration.ofDays(7));
		this.tester.runDue();

		assertThat(this.tester.job(job)).hasSucceeded();
	}

	@Test
	void retriesRunWithTheClockMovedOn() {
		JobHandle<Object> job = this.queue.enqueue("failing");

		this.tester.runAll();

		assertThat(this.tester.job(job)).hasFailed().hasAttempts(3);
	}

	@Test
	void rowOfTheCrontabIsDueWhenTheClockWasMoved() {
		Document row = new Document("name", "later").append("function", "add")
			.append("params", List.of(20, 22))
			.append("time", this.tester.clock().instant().plus(Duration.ofHours(3)).getEpochSecond())
			.append("is_done", false);
		database.getCollection("crontab_jobs").insertOne(row);

		this.tester.runDue();
		assertThat(this.tester).hasEnqueuedNothing();
		this.tester.advance(Duration.ofHours(3).plusMinutes(1));
		this.tester.runDue();

		assertThat(this.tester).hasEnqueued("add").withArgs(20, 22).once().hasSucceeded();
	}

	@Test
	void jobsCannotBeHeld() {
		assertThatIllegalStateException().isThrownBy(() -> this.tester.holdJobs())
			.withMessageContaining("@AutoConfigureTaskQueueTester without a mode");
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

		@AsyncJob
		public int add(int a, int b) {
			return a + b;
		}

		@AsyncJob(maxAttempts = 3, backoff = "10m")
		public void failing() {
			throw new IllegalStateException("always");
		}

	}

}
