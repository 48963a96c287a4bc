package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.taskqueue.Misfire;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.WhileRunning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

class PeriodicPropertiesTests {

	private static final String JOB = "taskqueue.crontab.jobs.nightly-report.";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withUserConfiguration(TaskQueuePropertiesTests.SettingsConfiguration.class);

	@Test
	void entryIsAJobWithAllThatARowCanSay() {
		this.runner
			.withPropertyValues(JOB + "cron=30 3 * * mon-fri", JOB + "zone=Europe/Berlin", JOB + "function=report",
					JOB + "params[0]=sales", JOB + "params[1]=3", JOB + "kwargs.limit=10",
					JOB + "kwargs[camelCase]=kept", JOB + "start-time=2026-11-21T10:00:00Z", JOB + "misfire=skip",
					JOB + "while-running=cancel", JOB + "queue=reports", JOB + "priority=5", JOB + "max-attempts=3",
					JOB + "timeout=90", JOB + "expires-in=1h", JOB + "unique-key=report-sales", JOB + "enabled=false")
			.run((context) -> {
				PeriodicJobSpec job = job(context, "nightly-report");

				assertThat(job.cron()).isEqualTo("30 3 * * mon-fri");
				assertThat(job.zone()).isEqualTo(ZoneId.of("Europe/Berlin"));
				assertThat(job.function()).isEqualTo("report");
				assertThat(job.params()).isEqualTo(List.of("sales", "3"));
				assertThat(job.kwargs()).isEqualTo(Map.of("limit", "10", "camelCase", "kept"));
				assertThat(job.startTime()).isEqualTo(Instant.parse("2026-11-21T10:00:00Z"));
				assertThat(job.misfire()).isEqualTo(Misfire.SKIP);
				assertThat(job.whileRunning()).isEqualTo(WhileRunning.CANCEL);
				assertThat(job.queue()).isEqualTo("reports");
				assertThat(job.priority()).isEqualTo(5);
				assertThat(job.maxAttempts()).isEqualTo(3);
				assertThat(job.timeout()).isEqualTo(Duration.ofSeconds(90));
				assertThat(job.expiresIn()).isEqualTo(Duration.ofHours(1));
				assertThat(job.uniqueKey()).isEqualTo("report-sales");
				assertThat(job.enabled()).isFalse();
			});
	}

	@Test
	void functionIsTheOneOfTheEntrysNameUnlessNamed() {
		this.runner.withPropertyValues("taskqueue.crontab.jobs.report.every=1h").run((context) -> {
			assertThat(job(context, "report").function()).isEqualTo("report");
			assertThat(context.getBean(TaskQueueSettings.class).crontab().getSyncInterval())
				.isEqualTo(Duration.ofSeconds(10));
		});
	}

	@ParameterizedTest(name = "{0}={1}")
	@CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
			cron         | 61 * * * * | taskqueue.crontab.jobs.nightly-report.cron  | minute is '61'
			every        | soon       | taskqueue.crontab.jobs.nightly-report.every | expected a duration
			function     | report     | taskqueue.crontab.jobs.nightly-report.cron  | a cron expression such as
			""")
	void valueThatCannotBeMeantIsNamed(String field, String value, String name, String message) {
		this.runner.withPropertyValues(JOB + field + "=" + value)
			.run((context) -> assertThat(StartupFailure.of(context).getDescription()).contains("'" + name + "'")
				.contains(message));
	}

	@Test
	void cronAndEveryTogetherAreRefused() {
		this.runner.withPropertyValues(JOB + "cron=@daily", JOB + "every=1h")
			.run((context) -> assertThat(StartupFailure.of(context).getDescription()).contains("'" + JOB + "every'")
				.contains("Expected nothing, since '" + JOB + "cron' is set too. Remove one of them."));
	}

	@Test
	void otherBadValueIsNamedWithItsJob() {
		this.runner.withPropertyValues(JOB + "every=1h", JOB + "max-attempts=0")
			.run((context) -> assertThat(StartupFailure.of(context).getDescription())
				.contains("Periodic job 'nightly-report': maxAttempts is '0', expected 1 or more"));
		this.runner.withPropertyValues(JOB + "every=1h", JOB + "unique-key=")
			.run((context) -> assertThat(StartupFailure.of(context).getDescription())
				.contains("Periodic job 'nightly-report': uniqueKey is '', expected a text, or not given"));
	}

	@Test
	void fileNeedsTheLibraryThatReadsIt() {
		this.runner.withClassLoader(new FilteredClassLoader("org.yaml.snakeyaml"))
			.withPropertyValues("taskqueue.crontab.file=classpath:jobs.yaml")
			.run((context) -> assertThat(StartupFailure.of(context).getDescription())
				.contains("'taskqueue.crontab.file'")
				.contains("org.yaml:snakeyaml"));
	}

	@Test
	void syncIntervalHasItsBounds() {
		this.runner.withPropertyValues("taskqueue.crontab.sync-interval=100ms")
			.run((context) -> assertThat(StartupFailure.of(context).getDescription())
				.contains("'taskqueue.crontab.sync-interval'")
				.contains("a duration from 1s to 5m"));
	}

	@Test
	void misspeltNameOfAFieldIsNamedTogetherWithTheOneThatWasMeant() {
		this.runner.withPropertyValues(JOB + "every=1h", JOB + "functoin=report").run((context) -> {
			FailureAnalysis analysis = StartupFailure.of(context);

			assertThat(analysis.getDescription()).startsWith("Property '" + JOB + "functoin' with the value 'report'");
			assertThat(analysis.getAction()).contains("taskqueue.crontab.jobs.<name>.function");
		});
	}

	private static PeriodicJobSpec job(ApplicationContext context, String name) {
		return Objects.requireNonNull(context.getBean(TaskQueueSettings.class).crontab().getJobs().get(name))
			.toSpec(name);
	}

}
