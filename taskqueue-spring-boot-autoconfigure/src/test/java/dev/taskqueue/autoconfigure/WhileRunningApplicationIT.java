package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.PeriodicJobs;
import dev.taskqueue.WhileRunning;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/** A periodic job that takes longer than its interval, in a whole application. */
class WhileRunningApplicationIT {

	private static final Duration SOON = Duration.ofSeconds(60);

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final ConfigurableApplicationContext application = new SpringApplicationBuilder(Application.class)
		.web(WebApplicationType.NONE)
		.properties(Map.of("spring.mongodb.uri", MongoServer.uri(this.database), "spring.main.banner-mode", "off",
				"taskqueue.worker.lease", "2s", "taskqueue.shutdown.timeout", "1s"))
		.run();

	private final Jobs jobs = this.application.getBean(Jobs.class);

	@AfterEach
	void end() {
		this.application.close();
		MongoServer.drop(this.database);
	}

	@Test
	void nextRunWaitsForTheLastOneAndFollowsSoon() {
		add("slow", WhileRunning.QUEUE);

		await(() -> assertThat(this.jobs.ended).hasValueGreaterThan(2));

		assertThat(this.jobs.most).hasValue(1);
	}

	@Test
	void runIsLeftOutWhileTheLastOneGoesOn() {
		add("slow", WhileRunning.SKIP);

		await(() -> assertThat(this.jobs.ended).hasValueGreaterThan(1));

		assertThat(this.jobs.most).hasValue(1);
		Document row = Objects.requireNonNull(this.database.getCollection("crontab_jobs").find().first());
		assertThat(row.get("skipped", Document.class)).containsKeys("time", "at", "job_id");
	}

	@Test
	void lastRunIsCancelledByTheNextOne() {
		add("endless", WhileRunning.CANCEL);

		await(() -> assertThat(states()).filteredOn("cancelled"::equals).hasSizeGreaterThan(1));

		assertThat(states()).filteredOn((state) -> !state.equals("cancelled")).hasSizeLessThanOrEqualTo(2);
	}

	private void add(String function, WhileRunning whileRunning) {
		this.application.getBean(PeriodicJobs.class)
			.add(PeriodicJobSpec.named("job").function(function).every("1s").whileRunning(whileRunning).build());
	}

	private List<String> states() {
		return this.database.getCollection("taskqueue_jobs")
			.find()
			.map((job) -> job.getString("state"))
			.into(new ArrayList<>());
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(50)).untilAsserted(condition);
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

		final AtomicInteger ended = new AtomicInteger();

		final AtomicInteger most = new AtomicInteger();

		private final AtomicInteger running = new AtomicInteger();

		@AsyncJob("slow")
		public void slow() throws InterruptedException {
			this.most.accumulateAndGet(this.running.incrementAndGet(), Math::max);
			boolean isOver = new CountDownLatch(1).await(1500, TimeUnit.MILLISECONDS);
			this.running.decrementAndGet();
			this.ended.addAndGet(isOver ? 0 : 1);
		}

		@AsyncJob("endless")
		public void endless() throws InterruptedException {
			new CountDownLatch(1).await();
		}

	}

}
