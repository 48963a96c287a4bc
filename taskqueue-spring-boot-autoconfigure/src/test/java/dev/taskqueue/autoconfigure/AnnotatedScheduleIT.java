package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobHandle;
import dev.taskqueue.PeriodicJob;
import dev.taskqueue.PeriodicJobProvider;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.PeriodicJobs;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.mongodb.autoconfigure.DataMongoAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.mongodb.autoconfigure.MongoAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whole applications whose methods, properties and beans say what runs when.
 */
class AnnotatedScheduleIT {

	private static final Duration SOON = Duration.ofSeconds(60);

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final List<ConfigurableApplicationContext> applications = new ArrayList<>();

	@AfterEach
	void end() {
		this.applications.forEach(ConfigurableApplicationContext::close);
		MongoServer.drop(this.database);
	}

	@Test
	void twoNodesThatDeclareTheSameJobsRunEachOnceASlot() {
		start(Ticking.class, "tick.every=1s");
		start(Ticking.class, "tick.every=1s");

		await(() -> assertThat(jobs("tick")).hasSizeGreaterThan(3)
			.extracting((job) -> job.get("origin", Document.class).get("time"))
			.doesNotHaveDuplicates());

		assertThat(row("tick")).containsEntry("source", "code").containsEntry("every", "1s");
		assertThat(row("daily")).containsEntry("cron", "30 3 * * *").containsEntry("zone", "Europe/Berlin");
		await(() -> assertThat(row("daily")).containsKey("time"));
		assertThat(Ticking.ticks).hasValueGreaterThan(0);
	}

	@Test
	void jobThatIsGoneFromTheCodeIsDisabledAndComesBackWithIt() {
		ConfigurableApplicationContext first = start(Ticking.class, "tick.every=1h");
		await(() -> assertThat(row("tick")).isNotEmpty());
		first.close();

		ConfigurableApplicationContext second = start(Quiet.class);
		await(() -> assertThat(row("tick")).containsEntry("enabled", false));
		assertThat(second.getBean(PeriodicJobs.class).find("tick").orElseThrow().enabled()).isFalse();
		second.close();

		start(Ticking.class, "tick.every=1h");
		await(() -> assertThat(row("tick")).doesNotContainKeys("enabled", "removed"));
	}

	@Test
	void oldNodeKeepsItsJobWhileANewOneDoesNotDeclareItAnyMore() {
		start(Ticking.class, "tick.every=1s");
		await(() -> assertThat(jobs("tick")).isNotEmpty());

		start(Quiet.class, "taskqueue.crontab.jobs.other.every=1h");
		await(() -> assertThat(row("other")).isNotEmpty());
		int then = jobs("tick").size();

		await(() -> assertThat(jobs("tick")).hasSizeGreaterThan(then + 1));
		assertThat(row("tick")).doesNotContainKey("enabled");
	}

	@Test
	void entryOfThePropertiesRunsWithItsArgumentsAndIsDisabledWithoutIt() {
		ConfigurableApplicationContext first = start(Quiet.class, "taskqueue.crontab.jobs.hello.every=1s",
				"taskqueue.crontab.jobs.hello.function=echo", "taskqueue.crontab.jobs.hello.params=a,b");
		await(() -> assertThat(jobs("echo"))
			.anySatisfy((job) -> assertThat(job).containsEntry("state", "succeeded").containsEntry("result", "a b")));
		assertThat(row("hello")).containsEntry("source", "properties");
		first.close();

		start(Quiet.class);

		await(() -> assertThat(row("hello")).containsEntry("enabled", false));
	}

	@Test
	void jobsOfAProviderAreRegistered() {
		ConfigurableApplicationContext application = start(Providing.class, "taskqueue.crontab.sync-interval=1s");

		await(() -> assertThat(jobs("echo"))
			.anySatisfy((job) -> assertThat(job).containsEntry("result", "from provider")));
		assertThat(row("provided")).containsEntry("source", "provider:customers");
		application.getBean(Providing.class).jobs = List.of();
		await(() -> assertThat(row("provided")).containsEntry("enabled", false));
	}

	@Test
	void jobIsAddedTriggeredAndWatchedAtRunTime() throws Exception {
		ConfigurableApplicationContext application = start(Quiet.class);
		PeriodicJobs jobs = application.getBean(PeriodicJobs.class);
		jobs.add(PeriodicJobSpec.named("yearly").function("echo", "happy", "birthday").cron("@yearly").build());

		JobHandle<Object> triggered = jobs.trigger("yearly");

		assertThat(triggered.await(SOON)).isEqualTo("happy birthday");
		await(() -> assertThat(jobs.list()).extracting(PeriodicJob::nextTimes)
			.singleElement()
			.satisfies((times) -> assertThat(times).hasSize(5)));
	}

	@Test
	void periodicJobsAreManagedWithoutAWorkerToo() {
		ConfigurableApplicationContext application = start(Quiet.class, "taskqueue.worker.enabled=false");
		PeriodicJobs jobs = application.getBean(PeriodicJobs.class);

		jobs.add(PeriodicJobSpec.named("yearly").function("elsewhere").cron("@yearly").build());

		assertThat(row("yearly")).containsEntry("source", "api");
	}

	@Test
	void methodThatCannotBeRunByAScheduleStopsTheStartUp() {
		runner(NeedsArgument.class).run((context) -> {
			FailureAnalysis analysis = StartupFailure.of(context);

			assertThat(analysis.getDescription()).contains("'needy'", "is run by a schedule and has parameters");
			assertThat(analysis.getAction()).contains("taskqueue.crontab.jobs");
		});
	}

	@Test
	void entryWithTheNameOfAnAnnotatedJobStopsTheStartUp() {
		runner(Ticking.class).withPropertyValues("tick.every=1h", "taskqueue.crontab.jobs.tick.every=2h")
			.run((context) -> assertThat(StartupFailure.of(context).getDescription())
				.contains("'taskqueue.crontab.jobs.tick'")
				.contains("Ticking.tick() says itself when it runs"));
	}

	private ApplicationContextRunner runner(Class<?> configuration) {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(MongoAutoConfiguration.class, DataMongoAutoConfiguration.class,
					TaskQueueAutoConfiguration.class, TaskQueueWorkerAutoConfiguration.class,
					TaskQueueCrontabAutoConfiguration.class))
			.withUserConfiguration(configuration)
			.withPropertyValues("spring.mongodb.uri=" + MongoServer.uri(this.database));
	}

	private ConfigurableApplicationContext start(Class<?> configuration, String... properties) {
		ConfigurableApplicationContext application = new SpringApplicationBuilder(configuration)
			.web(WebApplicationType.NONE)
			.properties(Map.of("spring.mongodb.uri", MongoServer.uri(this.database), "spring.main.banner-mode", "off",
					"taskqueue.worker.lease", "2s"))
			.properties(properties)
			.run();
		this.applications.add(application);
		return application;
	}

	private Document row(String name) {
		Document row = this.database.getCollection("crontab_jobs")
			.find(new Document("_id", "periodic:" + name))
			.first();
		return Objects.requireNonNullElseGet(row, Document::new);
	}

	private List<Document> jobs(String function) {
		return this.database.getCollection("taskqueue_jobs")
			.find(new Document("function", function))
			.into(new ArrayList<>());
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(50)).untilAsserted(condition);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Ticking {

		static final AtomicInteger ticks = new AtomicInteger();

		@AsyncJob(every = "${tick.every}")
		public void tick() {
			ticks.incrementAndGet();
		}

		@AsyncJob(cron = "30 3 * * *", zone = "Europe/Berlin")
		public void daily() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Quiet {

		@AsyncJob("echo")
		public String echo(String one, String other) {
			return one + " " + other;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Providing {

		volatile List<PeriodicJobSpec> jobs = List
			.of(PeriodicJobSpec.named("provided").function("echo", "from", "provider").every("1s").build());

		@AsyncJob("echo")
		public String echo(String one, String other) {
			return one + " " + other;
		}

		@Bean
		PeriodicJobProvider customers() {
			return () -> this.jobs;
		}

	}

	static class NeedsArgument {

		@AsyncJob(cron = "@daily")
		public void needy(String argument) {
		}

	}

}
