package dev.taskqueue.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;

import dev.taskqueue.claim.QueueWeights;
import dev.taskqueue.crontab.CrontabSettings;
import dev.taskqueue.worker.WorkerSettings;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class TaskQueuePropertiesTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withUserConfiguration(SettingsConfiguration.class);

	@Test
	void defaultsSuitProduction() {
		this.runner.run((context) -> {
			WorkerSettings worker = context.getBean(TaskQueueSettings.class).worker();

			assertThat(worker.concurrency()).isEqualTo(10);
			assertThat(worker.otherQueues()).isTrue();
			assertThat(worker.lease()).isEqualTo(Duration.ofSeconds(30));
			assertThat(worker.pollInterval()).isEqualTo(Duration.ofSeconds(1));
			assertThat(worker.shutdownTimeout()).isEqualTo(Duration.ofSeconds(25));
			assertThat(worker.jobTimeout()).isEqualTo(Duration.ofMinutes(30));
			assertThat(worker.maxResultSize()).isEqualTo(1024 * 1024);
			assertThat(worker.maxAttempts()).isEqualTo(10);
			assertThat(worker.retry().maxBackoff()).isEqualTo(Duration.ofHours(1));
			assertThat(worker.retention().succeeded()).isEqualTo(Duration.ofDays(1));
			assertThat(worker.retention().failed()).isEqualTo(Duration.ofDays(30));
			assertThat(context.getBean(TaskQueueSettings.class).crontab().getValidator())
				.isEqualTo(CrontabSettings.Validation.OFF);
		});
	}

	@Test
	void durationWithoutUnitIsInSeconds() {
		this.runner.withPropertyValues("taskqueue.retention.succeeded=3600", "taskqueue.job.timeout=0")
			.run((context) -> {
				WorkerSettings worker = context.getBean(TaskQueueSettings.class).worker();

				assertThat(worker.retention().succeeded()).isEqualTo(Duration.ofHours(1));
				assertThat(worker.jobTimeout()).isZero();
			});
	}

	@Test
	void namedQueuesAreTheOnlyOnes() {
		this.runner
			.withPropertyValues("taskqueue.worker.queues.mail.concurrency=3",
					"taskqueue.worker.queues[my.reports].concurrency=2")
			.run((context) -> {
				WorkerSettings worker = context.getBean(TaskQueueSettings.class).worker();

				assertThat(worker.queues()).containsEntry("mail", 3).containsEntry("my.reports", 2).hasSize(2);
				assertThat(worker.otherQueues()).isFalse();
			});
	}

	@Test
	void starKeepsTheQueuesThatAreNotNamed() {
		this.runner
			.withPropertyValues("taskqueue.worker.queues.mail.concurrency=3",
					"taskqueue.worker.queues[*].concurrency=10")
			.run((context) -> {
				WorkerSettings worker = context.getBean(TaskQueueSettings.class).worker();

				assertThat(worker.queues()).containsOnlyKeys("mail");
				assertThat(worker.otherQueues()).isTrue();
			});
	}

	@Test
	void queuesHaveWeights() {
		this.runner
			.withPropertyValues("taskqueue.worker.queues.mail.weight=6", "taskqueue.worker.queues[my.reports].weight=3",
					"taskqueue.worker.queues[*].weight=2", "taskqueue.worker.queue-order=strict")
			.run((context) -> {
				WorkerSettings worker = context.getBean(TaskQueueSettings.class).worker();

				assertThat(worker.weights()).isEqualTo(new QueueWeights(Map.of("mail", 6, "my.reports", 3), 2, true));
				assertThat(worker.queues()).containsEntry("mail", worker.concurrency());
			});
	}

	@Test
	void queuesTakeTurnsUnlessTheyHaveWeights() {
		this.runner.withPropertyValues("taskqueue.worker.queues.mail.concurrency=6")
			.run((context) -> assertThat(context.getBean(TaskQueueSettings.class).worker().weights().areEqual())
				.isTrue());
	}

	@Test
	void noneLiftsTheLateness() {
		assertThat(PropertyCheck.maxLateness("none")).isNull();
		assertThat(PropertyCheck.maxLateness("90m")).isEqualTo(Duration.ofMinutes(90));
	}

	@ParameterizedTest(name = "{0}={1}")
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			textBlock = """
					taskqueue.worker.concurrency          | 0     | a number from 1 to 10000
					taskqueue.worker.queues.mail.concurrency | -1 | a number from 1 to 10000
					taskqueue.worker.queues.mail.weight   | 0     | a number from 1 to 1000
					taskqueue.worker.queue-order          | strict | queues of different weights
					taskqueue.worker.lease                | 1s    | a duration from 2s to 1h
					taskqueue.worker.lease                | 30000 | a number without a unit is in seconds
					taskqueue.worker.poll-interval        | 500   | a duration from 10ms to 1m
					taskqueue.crontab.max-lateness        | soon  | 'none' for no limit
					taskqueue.crontab.max-lateness        | 0     | a positive duration
					taskqueue.crontab.batch-size          | 0     | a number from 1 to 100000
					taskqueue.crontab.max-attempts        | 0     | a number from 1
					taskqueue.crontab.collection          | a$b   | the name of a collection
					taskqueue.mongodb.collection-prefix   | other_ | Set taskqueue.crontab.collection too, for instance to 'other_crontab'
					taskqueue.mongodb.timeout             | 0     | a duration from 100ms to 10m
					taskqueue.job.max-attempts            | 0     | a number from 1
					taskqueue.job.timeout                 | -1s   | a duration of 0 or more
					taskqueue.job.max-arguments-size      | 20MB  | up to 15MB
					taskqueue.job.max-result-size         | -1B   | a size such as
					taskqueue.job.backoff.initial         | -1s   | a duration of 0 or more
					taskqueue.job.backoff.multiplier      | 0.5   | a number from 1 to 1000
					taskqueue.job.backoff.max             | 1s    | at least taskqueue.job.backoff.initial, which is 5s
					taskqueue.job.backoff.jitter          | 2     | a number from 0 to 1
					taskqueue.retention.failed            | -1d   | a duration of 0 or more
					taskqueue.shutdown.timeout            | -1s   | a duration of 0 or more
					""")
	void valueThatCannotBeMeantIsNamedWithWhatIsExpected(String name, String value, String expected) {
		this.runner.withPropertyValues(name + "=" + value)
			.run((context) -> assertThat(StartupFailure.of(context).getDescription()).contains("'" + name + "'")
				.contains("Expected ")
				.contains(expected));
	}

	/** YAML makes a boolean of off. */
	@ParameterizedTest(name = "{0}")
	@CsvSource({ "off,OFF", "false,OFF", "warn,WARN", "error,ERROR", "ERROR,ERROR" })
	void validatorIsOffWarnOrError(String value, CrontabSettings.Validation expected) {
		this.runner.withPropertyValues("taskqueue.crontab.validator=" + value)
			.run((context) -> assertThat(context.getBean(TaskQueueSettings.class).crontab().getValidator())
				.isEqualTo(expected));
	}

	@Test
	void anotherValidatorStopsTheStartUpWithTheValuesThereAre() {
		this.runner.withPropertyValues("taskqueue.crontab.validator=strict").run((context) -> {
			FailureAnalysis analysis = StartupFailure.of(context);

			assertThat(analysis.getDescription()).contains("taskqueue.crontab.validator").contains("strict");
			assertThat(analysis.getAction()).containsIgnoringCase("off")
				.containsIgnoringCase("warn")
				.containsIgnoringCase("error");
		});
	}

	@Test
	void anotherPrefixGoesWithACrontabOfItsOwn() {
		this.runner
			.withPropertyValues("taskqueue.mongodb.collection-prefix=other_",
					"taskqueue.crontab.collection=other_crontab")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void unknownPropertyIsNamedTogetherWithTheOneThatWasMeant() {
		this.runner.withPropertyValues("taskqueue.worker.concurency=5").run((context) -> {
			FailureAnalysis analysis = StartupFailure.of(context);

			assertThat(analysis.getDescription())
				.startsWith("Property 'taskqueue.worker.concurency' with the value '5'")
				.endsWith("does not exist.");
			assertThat(analysis.getAction()).startsWith("Did you mean 'taskqueue.worker.concurrency'?")
				.contains("taskqueue.worker.queues.<name>.concurrency");
		});
	}

	@Test
	@EnabledForJreRange(max = JRE.JAVA_20)
	void virtualThreadsOnAnOlderJavaStopTheStartUp() {
		this.runner.withPropertyValues("taskqueue.worker.threads=virtual").run((context) -> {
			FailureAnalysis analysis = StartupFailure.of(context);

			assertThat(analysis.getDescription())
				.startsWith("Property 'taskqueue.worker.threads' is 'virtual', which needs Java 21 or later");
			assertThat(analysis.getAction()).contains("set 'taskqueue.worker.threads' to 'platform'");
		});
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void threadsFollowTheRestOfTheApplicationUnlessSet() {
		this.runner.withPropertyValues("spring.threads.virtual.enabled=true")
			.run((context) -> assertThat(context.getBean(TaskQueueSettings.class).usesVirtualThreads()).isTrue());
		this.runner.withPropertyValues("spring.threads.virtual.enabled=true", "taskqueue.worker.threads=platform")
			.run((context) -> assertThat(context.getBean(TaskQueueSettings.class).usesVirtualThreads()).isFalse());
	}

	@Test
	void drainLongerThanThePhaseIsWarnedOf(CapturedOutput output) {
		this.runner.withPropertyValues("taskqueue.shutdown.timeout=40s")
			.run((context) -> assertThat(output).containsOnlyOnce("taskqueue.shutdown.timeout (40 s) is longer than "
					+ "spring.lifecycle.timeout-per-shutdown-phase (30 s)"));
	}

	@Test
	void everyPropertyHasADescription() throws IOException {
		JsonNode properties = metadata().get("properties");

		assertThat(properties).hasSizeGreaterThan(25)
			.allSatisfy((property) -> assertThat(property.path("description").asString(""))
				.as(property.get("name").asString())
				.isNotBlank()
				.endsWith("."));
	}

	private static JsonNode metadata() throws IOException {
		try (InputStream stream = TaskQueueProperties.class
			.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
			Assertions.assertThat(stream).isNotNull();
			return JsonMapper.shared().readTree(stream);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(TaskQueueProperties.class)
	static class SettingsConfiguration {

		@Bean
		TaskQueueSettings settings(TaskQueueProperties properties, Environment environment) {
			return new TaskQueueSettings(properties, environment);
		}

	}

}
