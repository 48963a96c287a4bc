package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoDatabase;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.Job;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobHandle;
import dev.taskqueue.RetryLater;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.TaskDecorator;
import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.data.mongodb.MongoTransactionManager;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Whole applications on a real server, wired as users wire them.
 */
@ExtendWith(OutputCaptureExtension.class)
class ApplicationIT {

	private static final Duration SOON = Duration.ofSeconds(60);

	private final MongoDatabase database = MongoServer.freshDatabase();

	@AfterEach
	void drop() {
		MongoServer.drop(this.database);
	}

	@Test
	void rowOfAnotherProgramRunsAndKeepsWhatItHas() {
		try (ConfigurableApplicationContext application = start()) {
			// the server's own time: this machine's clock is none that counts
			long now = this.database.runCommand(new Document("hello", 1)).getDate("localTime").getTime() / 1000;
			Document row = new Document("name", "SQL run").append("function", "add")
				.append("x_id", "42")
				.append("params", List.of("app", 40, 2))
				.append("time", now)
				.append("is_done", false)
				.append("create_at", now)
				.append("update_at", now);
			this.database.getCollection("crontab_jobs").insertOne(row);

			await().atMost(SOON).untilAsserted(() -> {
				Document done = this.database.getCollection("crontab_jobs").find(new Document("x_id", "42")).first();
				assertThat(done).containsEntry("is_done", true).containsEntry("name", "SQL run");
			});
			Document done = Objects.requireNonNull(this.database.getCollection("crontab_jobs").find().first());
			TaskQueue queue = application.getBean(TaskQueue.class);
			await().atMost(SOON)
				.untilAsserted(() -> assertThat(queue.find(done.getString("job_id"))).get()
					.satisfies((job) -> assertThat(job.result()).isEqualTo(42)));
		}
	}

	@Test
	void onlyAnApplicationWithASchedulerSetsTheValidator() throws Exception {
		String validator = "taskqueue.crontab.validator=error";
		try (ConfigurableApplicationContext submitting = start(validator, "taskqueue.worker.enabled=false");
				ConfigurableApplicationContext working = start(validator, "taskqueue.crontab.enabled=false")) {
			submitting.getBean(TaskQueue.class).enqueue("add", null, 1, 2).await(SOON);
			assertThat(working.isRunning()).isTrue();
			assertThat(validator()).isNull();
		}

		try (ConfigurableApplicationContext scheduling = start(validator)) {
			await().atMost(SOON).untilAsserted(() -> assertThat(validator()).isNotNull());
			assertThat(scheduling.isRunning()).isTrue();
			assertThatExceptionOfType(MongoWriteException.class)
				.isThrownBy(() -> this.database.getCollection("crontab_jobs")
					.insertOne(new Document("function", "add").append("time", "noon").append("is_done", false)));
		}
	}

	private @Nullable Document validator() {
		return this.database.listCollections()
			.filter(new Document("name", "crontab_jobs"))
			.map((collection) -> collection.get("options", Document.class).get("validator", Document.class))
			.first();
	}

	@Test
	void applicationThatStartsBeforeItsServerRunsJobsWhenItComes() throws Exception {
		try (OwnMongoServer server = MongoServer.startOwn(true)) {
			server.stop();
			try (ConfigurableApplicationContext application = start("spring.mongodb.uri=" + server.uri(),
					"spring.mongodb.database=late")) {
				server.start();

				Object result = application.getBean(TaskQueue.class)
					.enqueue("add", null, 1, 2)
					.as(Integer.class)
					.await(SOON);

				assertThat(result).isEqualTo(3);
			}
		}
	}

	@Test
	void jobOfATransactionRunsAfterItsCommitOnly() throws Exception {
		try (ConfigurableApplicationContext application = start()) {
			TaskQueue queue = application.getBean(TaskQueue.class);
			// a transaction beside the building of the indexes conflicts with it; jobs
			// run
			// when they are built
			queue.enqueue("add", null, 1, 2).await(SOON);
			TransactionTemplate transaction = new TransactionTemplate(
					application.getBean(PlatformTransactionManager.class));

			JobHandle<Object> committed = transaction.execute((status) -> {
				JobHandle<Object> job = queue.enqueue("add", null, 1, 2);
				assertThat(job.find()).as("seen from outside before the commit").isEmpty();
				return job;
			});
			JobHandle<Object> rolledBack = transaction.execute((status) -> {
				status.setRollbackOnly();
				return queue.enqueue("add", null, 1, 2);
			});

			assertThat(committed.await(SOON)).isEqualTo(3);
			assertThat(rolledBack.find()).isEmpty();
		}
	}

	@Test
	void functionSubmitsAnotherJobOnceHoweverOftenItRuns() throws Exception {
		try (ConfigurableApplicationContext application = start()) {
			TaskQueue queue = application.getBean(TaskQueue.class);
			JobHandle<Object> job = queue.job("order").maxAttempts(2).enqueue();

			String submitted = Objects.requireNonNull(job.as(String.class).await(SOON));

			assertThat(submitted).isEqualTo(job.id() + "-add");
			assertThat(queue.handle(submitted).await(SOON)).isEqualTo(42);
			assertThat(job.find()).map(Job::attempt).contains(2);
			assertThat(this.database.getCollection("taskqueue_jobs").countDocuments()).isEqualTo(2);
		}
	}

	@Test
	void runningAttemptEndsBeforeTheApplicationDoes() {
		ConfigurableApplicationContext application = start();
		Slow slow = application.getBean(Slow.class);
		JobHandle<Object> job = application.getBean(TaskQueue.class).enqueue("slow");
		await().atMost(SOON).until(() -> slow.began.getCount() == 0);

		application.close();

		Document stored = Objects.requireNonNull(this.database.getCollection("taskqueue_jobs").find().first());
		assertThat(stored).containsEntry("state", "succeeded").containsEntry("result", "done");
		assertThat(stored.get("_id")).hasToString(job.id());
		assertThat(this.database.getCollection("taskqueue_workers").countDocuments()).isZero();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whatABeanSubmitsAtItsEndIsKept(boolean isItsFirst) throws Exception {
		ConfigurableApplicationContext application = start();
		if (!isItsFirst) {
			application.getBean(TaskQueue.class).enqueue("add", null, 1, 2).await(SOON);
		}
		Orders orders = application.getBean(Orders.class);
		orders.submitsAtTheEnd = true;

		application.close();

		assertThat(orders.last).succeedsWithin(SOON);
		assertThat(this.database.getCollection("taskqueue_jobs").countDocuments(new Document("state", "pending")))
			.isEqualTo(1);
	}

	@Test
	void decoratorsWrapEachAttempt() throws Exception {
		try (ConfigurableApplicationContext application = start()) {
			application.getBean(TaskQueue.class).enqueue("add", null, 1, 2).await(SOON);

			assertThat(application.getBean(Decorator.class).threads).isNotEmpty();
		}
	}

	@Test
	void missingIndexesArePrintedForTheirAdministrator(CapturedOutput output) {
		try (ConfigurableApplicationContext application = start("taskqueue.mongodb.create-indexes=false")) {
			await().atMost(SOON)
				.untilAsserted(() -> assertThat(output).containsOnlyOnce("taskqueue.mongodb.create-indexes is false"));
			assertThat(output).contains("db.getCollection(\"taskqueue_jobs\").createIndex({\"queue\": 1");
			assertThat(application.isActive()).isTrue();
		}
	}

	private ConfigurableApplicationContext start(String... properties) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties(Map.of("spring.mongodb.uri", MongoServer.uri(this.database), "spring.main.banner-mode", "off"))
			.properties(properties)
			.run();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Adder adder() {
			return new Adder();
		}

		@Bean
		Orders orders(TaskQueue queue) {
			return new Orders(queue);
		}

		@Bean
		ThreadPoolTaskScheduler scheduler() {
			return new ThreadPoolTaskScheduler();
		}

		@Bean
		Slow slow(ThreadPoolTaskScheduler scheduler) {
			return new Slow(scheduler);
		}

		@Bean
		Decorator decorator() {
			return new Decorator();
		}

		@Bean
		MongoTransactionManager transactionManager(MongoDatabaseFactory factory) {
			return new MongoTransactionManager(factory);
		}

	}

	static class Adder {

		@AsyncJob("add")
		public int add(@Nullable ApplicationContext app, int one, int other) {
			return one + other;
		}

	}

	static class Orders implements DisposableBean {

		private final TaskQueue queue;

		private volatile boolean submitsAtTheEnd;

		private volatile @Nullable CompletableFuture<JobHandle<Object>> last;

		Orders(TaskQueue queue) {
			this.queue = queue;
		}

		/** Fails once, when it has submitted. */
		@AsyncJob("order")
		public String order(JobContext job) {
			String id = this.queue.job("add", null, 40, 2).id(job.jobId() + "-add").enqueue().id();
			if (job.attempt() == 1) {
				throw new RetryLater(Duration.ZERO);
			}
			return id;
		}

		@Override
		public void destroy() {
			if (this.submitsAtTheEnd) {
				this.last = this.queue.enqueueAsync(this.queue.job("add", null, 1, 2).spec());
			}
		}

	}

	static class Slow {

		private final CountDownLatch began = new CountDownLatch(1);

		private final CountDownLatch end = new CountDownLatch(1);

		private final Executor executor;

		Slow(Executor executor) {
			this.executor = executor;
		}

		/**
		 * Goes on while the application closes, and at its end needs a scheduler, which
		 * takes no more work once it hears that the context closes.
		 */
		@AsyncJob("slow")
		public String run() throws InterruptedException {
			this.began.countDown();
			if (this.end.await(2, TimeUnit.SECONDS)) {
				return "not meant";
			}
			CountDownLatch ran = new CountDownLatch(1);
			this.executor.execute(ran::countDown);
			return ran.await(10, TimeUnit.SECONDS) ? "done" : "the scheduler was gone";
		}

	}

	static class Decorator implements TaskDecorator {

		private final List<String> threads = new CopyOnWriteArrayList<>();

		@Override
		public Runnable decorate(Runnable attempt) {
			return () -> {
				this.threads.add(Thread.currentThread().getName());
				attempt.run();
			};
		}

	}

}
