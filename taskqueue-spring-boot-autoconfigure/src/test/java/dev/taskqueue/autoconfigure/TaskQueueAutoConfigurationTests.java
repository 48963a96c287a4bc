package dev.taskqueue.autoconfigure;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.EnqueueErrorHandler;
import dev.taskqueue.EnqueueInterceptor;
import dev.taskqueue.JobErrorHandler;
import dev.taskqueue.JobInterceptor;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.actuate.TaskQueueEndpoint;
import dev.taskqueue.actuate.TaskQueueHealthIndicator;
import dev.taskqueue.observe.TaskQueueMetrics;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.data.mongodb.autoconfigure.DataMongoAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.mongodb.autoconfigure.MongoAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.TaskExecutor;
import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.data.mongodb.core.SimpleMongoClientDatabaseFactory;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.transaction.TransactionManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * Without a server: nothing of the start-up may wait for one.
 */
@ExtendWith(OutputCaptureExtension.class)
class TaskQueueAutoConfigurationTests {

	/** Nobody listens at this port. */
	private static final String NOWHERE = "spring.mongodb.uri=mongodb://127.0.0.1:9/none?serverSelectionTimeoutMS=200";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(MongoAutoConfiguration.class, DataMongoAutoConfiguration.class,
				TaskQueueAutoConfiguration.class, TaskQueueWorkerAutoConfiguration.class,
				TaskQueueCrontabAutoConfiguration.class, TaskQueueMetricsAutoConfiguration.class,
				TaskQueueEndpointAutoConfiguration.class, TaskQueueHealthAutoConfiguration.class))
		.withPropertyValues("taskqueue.shutdown.timeout=1s");

	private final ApplicationContextRunner withoutServer = this.runner.withPropertyValues(NOWHERE);

	@Test
	void applicationStartsWithoutAServerAndSaysSoInOneLine(CapturedOutput output) {
		this.withoutServer.run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(TaskQueue.class);
			await().atMost(Duration.ofSeconds(20))
				.untilAsserted(() -> assertThat(output)
					.containsOnlyOnce("MongoDB fails at its first use at 127.0.0.1:9, so the application goes on"));
			assertThat(output).contains("is spring.mongodb.uri right?");
		});
	}

	@Test
	void whoOnlySubmitsHasNoWorkerAndNoScheduler() {
		this.withoutServer.withPropertyValues("taskqueue.worker.enabled=false")
			.run((context) -> assertThat(context).hasSingleBean(TaskQueue.class)
				.doesNotHaveBean(WorkerLifecycle.class)
				.doesNotHaveBean(CrontabLifecycle.class));
	}

	@Test
	void crontabCanBeLeftToOthers() {
		this.withoutServer.withPropertyValues("taskqueue.crontab.enabled=false")
			.run((context) -> assertThat(context).hasSingleBean(WorkerLifecycle.class)
				.doesNotHaveBean(CrontabLifecycle.class));
	}

	@Test
	void nothingIsThereWhenDisabled() {
		this.withoutServer.withPropertyValues("taskqueue.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(TaskQueue.class)
				.doesNotHaveBean(TaskQueueDatabase.class));
	}

	@Test
	void hooksMayInjectTheQueue() {
		this.withoutServer.withUserConfiguration(HooksConfiguration.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThatIllegalArgumentException().isThrownBy(() -> context.getBean(TaskQueue.class).enqueue("refused"))
				.withMessage("No job may be submitted here");
		});
	}

	@Test
	void markedDatabaseIsTaken() {
		this.withoutServer.withUserConfiguration(OwnDatabaseConfiguration.class)
			.run((context) -> assertThat(context.getBean(TaskQueueDatabase.class).database().getName())
				.isEqualTo("for_the_queue"));
	}

	@Test
	void addsNothingThatAnApplicationInjects() {
		this.withoutServer.run((context) -> {
			assertThat(context).hasNotFailed()
				.doesNotHaveBean(Executor.class)
				.doesNotHaveBean(TaskScheduler.class)
				.doesNotHaveBean(JsonMapper.class)
				.doesNotHaveBean(TransactionManager.class);
			// ours is a clock too, but none that is found by its type
			assertThat(context.getBeanProvider(Clock.class).getIfAvailable()).isNull();
		});
	}

	@Test
	void leavesWhatAnApplicationInjectsAsItIs() {
		this.withoutServer
			.withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class,
					TaskSchedulingAutoConfiguration.class, JacksonAutoConfiguration.class))
			.withUserConfiguration(OwnClockConfiguration.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(TaskExecutor.class)).isSameAs(context.getBean("applicationTaskExecutor"));
				assertThat(context.getBean(JsonMapper.class)).isSameAs(context.getBean("jacksonJsonMapper"));
				assertThat(context.getBean(Clock.class)).isSameAs(context.getBean("ownClock"))
					.isNotInstanceOf(ServerClock.class);
			});
	}

	@Test
	void runsWithoutActuatorHealthAndMicrometer() {
		new ApplicationContextRunner().withUserConfiguration(ImportedByNameConfiguration.class)
			.withPropertyValues(NOWHERE)
			.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate",
					"org.springframework.boot.health", "org.springframework.boot.micrometer", "io.micrometer"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(TaskQueue.class)
				.hasSingleBean(WorkerLifecycle.class)
				.hasSingleBean(CrontabLifecycle.class));
	}

	@Test
	void isFoundByBoot() {
		new ApplicationContextRunner().withUserConfiguration(WholeConfiguration.class)
			.withPropertyValues(NOWHERE, "management.endpoints.web.exposure.include=taskqueue")
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(TaskQueueEndpoint.class)
				.hasSingleBean(TaskQueueHealthIndicator.class)
				.hasSingleBean(TaskQueueMetrics.class));
	}

	@Test
	void endpointIsThereOnlyWhereItIsExposed() {
		this.withoutServer.run((context) -> assertThat(context).doesNotHaveBean(TaskQueueEndpoint.class));
	}

	@Test
	void twoFunctionsOfOneNameStopTheStartUp() {
		this.withoutServer.withUserConfiguration(TwiceConfiguration.class).run((context) -> {
			FailureAnalysis analysis = StartupFailure.of(context);

			assertThat(analysis.getDescription()).startsWith("Function 'twice' is defined twice:");
			assertThat(analysis.getAction()).startsWith("Rename one of them");
		});
	}

	@Test
	void connectionThatBootIgnoresStopsTheStartUp() {
		this.runner.withPropertyValues("spring.data.mongodb.uri=mongodb://db.example.com/prod").run((context) -> {
			FailureAnalysis analysis = StartupFailure.of(context);

			assertThat(analysis.getDescription())
				.contains("Property 'spring.data.mongodb.uri' is ignored by Spring Boot 4.");
			assertThat(analysis.getAction()).isEqualTo("Rename 'spring.data.mongodb.uri' to 'spring.mongodb.uri'.");
		});
	}

	@Test
	void connectionOfTheOldNameIsNoFailureWhereTheClientIsTheUsersOwn() {
		this.runner.withPropertyValues("spring.data.mongodb.uri=mongodb://127.0.0.1:9/prod")
			.withUserConfiguration(OwnClientConfiguration.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void leftOverOfTheOldNameIsNoFailureWhereTheNewOneIsSet() {
		this.withoutServer.withPropertyValues("spring.data.mongodb.host=old.example.com")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void functionsAreFoundBehindInterfaces() {
		this.withoutServer.withUserConfiguration(InterfaceConfiguration.class)
			.run((context) -> assertThat(context.getBean(ScannedFunctions.class).registry().names())
				.contains("behind_interface"));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class WholeConfiguration {

	}

	/**
	 * Read without loading them, as an application does: a class in the hand has already
	 * loaded the annotations that are to be missing.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ MongoAutoConfiguration.class, DataMongoAutoConfiguration.class,
			TaskQueueAutoConfiguration.class, TaskQueueWorkerAutoConfiguration.class,
			TaskQueueCrontabAutoConfiguration.class, TaskQueueMetricsAutoConfiguration.class,
			TaskQueueEndpointAutoConfiguration.class, TaskQueueHealthAutoConfiguration.class })
	static class ImportedByNameConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnDatabaseConfiguration {

		@Bean(defaultCandidate = false)
		@TaskQueueMongo
		MongoDatabaseFactory queueDatabase(MongoClient client) {
			return new SimpleMongoClientDatabaseFactory(client, "for_the_queue");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnClientConfiguration {

		@Bean
		MongoClient ownClient() {
			return MongoClients.create("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class HooksConfiguration {

		@Bean
		JobInterceptor interceptor(TaskQueue queue) {
			return (context, next) -> next.proceed();
		}

		@Bean
		EnqueueInterceptor enqueueInterceptor(TaskQueue queue) {
			return (job) -> {
				throw new IllegalArgumentException("No job may be submitted here");
			};
		}

		@Bean
		JobErrorHandler errorHandler(TaskQueue queue) {
			return (failure) -> {
			};
		}

		@Bean
		EnqueueErrorHandler enqueueErrorHandler(TaskQueue queue) {
			return (job, thrown) -> {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnClockConfiguration {

		@Bean
		Clock ownClock() {
			return Clock.systemUTC();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwiceConfiguration {

		@Bean
		First first() {
			return new First();
		}

		@Bean
		Second second() {
			return new Second();
		}

	}

	static class First {

		@AsyncJob("twice")
		public void run() {
		}

	}

	static class Second {

		@AsyncJob("twice")
		public void run() {
		}

	}

	interface Greeter {

		Map<String, String> greet();

	}

	static class PoliteGreeter implements Greeter {

		@Override
		@AsyncJob("behind_interface")
		public Map<String, String> greet() {
			return Map.of();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InterfaceConfiguration {

		/** Injects the queue, so this is made before all beans are. */
		@Bean
		Runnable first(TaskQueue queue) {
			return () -> queue.find("1");
		}

		@Bean
		Greeter greeter() {
			return new PoliteGreeter();
		}

	}

}
