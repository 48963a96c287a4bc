package dev.taskqueue.crontab;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

import dev.taskqueue.Misfire;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.WhileRunning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class PeriodicFileTests {

	@Test
	void readsJobsWithTheFieldsOfARow() throws Exception {
		List<PeriodicJobSpec> jobs = jobs("""
				jobs:
				  nightly-report:
				    cron: "30 3 * * mon-fri"
				    zone: Europe/Berlin
				    function: report
				    params: [sales, 3, null]
				    kwargs: {limit: 10, deep: {a: [1, 2]}}
				    start_time: 2026-11-21T10:00:00Z
				    misfire: all
				    while_running: skip
				    queue: reports
				    priority: 5
				    max_attempts: 3
				    timeout: 90s
				    expires_in: 3600
				    unique_key: report-sales
				    enabled: false
				  heartbeat:
				    every: 30
				""");

		assertThat(jobs).hasSize(2);
		PeriodicJobSpec report = jobs.get(0);
		assertThat(report.name()).isEqualTo("nightly-report");
		assertThat(report.function()).isEqualTo("report");
		assertThat(report.params()).containsExactly("sales", 3, null);
		assertThat(report.kwargs()).isEqualTo(Map.of("limit", 10, "deep", Map.of("a", List.of(1, 2))));
		assertThat(report.cron()).isEqualTo("30 3 * * mon-fri");
		assertThat(report.zone()).isEqualTo(ZoneId.of("Europe/Berlin"));
		assertThat(report.startTime()).isEqualTo(Instant.parse("2026-11-21T10:00:00Z"));
		assertThat(report.misfire()).isEqualTo(Misfire.ALL);
		assertThat(report.whileRunning()).isEqualTo(WhileRunning.SKIP);
		assertThat(report.queue()).isEqualTo("reports");
		assertThat(report.priority()).isEqualTo(5);
		assertThat(report.maxAttempts()).isEqualTo(3);
		assertThat(report.timeout()).isEqualTo(Duration.ofSeconds(90));
		assertThat(report.expiresIn()).isEqualTo(Duration.ofHours(1));
		assertThat(report.uniqueKey()).isEqualTo("report-sales");
		assertThat(report.enabled()).isFalse();
		assertThat(jobs.get(1).function()).as("the job's name").isEqualTo("heartbeat");
		assertThat(jobs.get(1).every()).isEqualTo("PT30S");
	}

	@Test
	void readsConfigsAsAsynqHasThem() throws Exception {
		List<PeriodicJobSpec> jobs = jobs("""
				configs:
				  - cronspec: "*/5 * * * *"
				    task_type: email:deliver
				    payload: {user: 42, template: welcome}
				  - cronspec: "@every 24h"
				    task_type: image:resize
				  - cronspec: "CRON_TZ=America/New_York 0 9 * * *"
				    task_type: email:deliver
				    payload: text
				""");

		assertThat(jobs).extracting(PeriodicJobSpec::name)
			.containsExactly("email:deliver", "image:resize", "email:deliver#2");
		assertThat(jobs).extracting(PeriodicJobSpec::function)
			.containsExactly("email:deliver", "image:resize", "email:deliver");
		assertThat(jobs.get(0).params()).containsExactly(Map.of("user", 42, "template", "welcome"));
		assertThat(jobs.get(1).params()).isEmpty();
		assertThat(jobs.get(1).cron()).isEqualTo("@every 24h");
		assertThat(jobs.get(2).params()).containsExactly("text");
		assertThat(jobs.get(2).zone()).isEqualTo(ZoneId.of("America/New_York"));
		assertThat(jobs.get(2).cron()).isEqualTo("0 9 * * *");
	}

	@Test
	void exampleOfTheDocumentationIsAGoodFile() throws Exception {
		String docs = Files.readString(Path.of("../docs/schedules.md"));
		String example = docs.substring(docs.indexOf("```yaml", docs.indexOf("**By a file**")) + "```yaml".length());

		List<PeriodicJobSpec> jobs = jobs(example.substring(0, example.indexOf("```")));

		assertThat(jobs).extracting(PeriodicJobSpec::name).containsExactly("nightly-report", "email:deliver");
		assertThat(jobs.get(1).params()).containsExactly(Map.of("user", 42));
	}

	@Test
	void emptyListsAreGoodOnes() throws Exception {
		assertThat(jobs("jobs: {}\nconfigs: []")).isEmpty();
	}

	@ParameterizedTest(name = "{0}")
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			textBlock = """
					``                                         | the file is null, expected an object of [configs, jobs]
					{}                                         | expected 'jobs' or 'configs'
					[1, 2]                                     | the file is an array
					jobs:                                      | jobs is null, expected jobs by their names
					jobs: {a: {every: 1h, functoin: f}}        | job 'a' has 'functoin', expected only [cron,
					jobs: {a: {cron: 61 * * * *}}              | Periodic job 'a', cron: schedule '61 * * * *': minute is '61'
					jobs: {a: {function: f}}                   | Periodic job 'a': cron is not given
					jobs: {a: {cron: "@daily", every: 1h}}     | Periodic job 'a': field 'every' is '1h' (string), expected nothing
					jobs: {a: {every: 1h, zone: Mars}}         | Periodic job 'a': field 'zone' is 'Mars'
					jobs: {a: {every: 1h, misfire: often}}     | Periodic job 'a': field 'misfire' is 'often' (string), expected one of
					jobs: {a: {every: 1h, params: x}}          | Periodic job 'a': field 'params' is 'x' (string), expected an array
					jobs: {a: {every: 1h}, a: {every: 2h}}     | found duplicate key a
					configs: [{cronspec: "@daily"}]            | task_type is null, expected the name of a function
					configs: [{task_type: a}]                  | cronspec of 'a' is null
					configs: [{task_type: a, cronspec: "x y"}] | Periodic job 'a', cron: schedule 'x y'
					jobs: !!javax.script.ScriptEngineManager [] | Global tag is not allowed: tag:yaml.org
					""")
	void brokenFileSaysWhereAndWhy(String content, String message) {
		assertThatIllegalStateException().isThrownBy(() -> jobs(content))
			.withMessageStartingWith("The file of periodic jobs, here, cannot be used, so all jobs stay as they are.")
			.withMessageContaining(message)
			.withMessageNotContaining("The row is");
	}

	@Test
	void fileThatIsNotThereIsABrokenOne() {
		PeriodicFile file = new PeriodicFile("here", () -> {
			throw new FileNotFoundException("no such file");
		});

		assertThatIllegalStateException().isThrownBy(file::jobs).withMessageEndingWith("no such file");
	}

	private static List<PeriodicJobSpec> jobs(String content) throws Exception {
		return new PeriodicFile("here", () -> new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)))
			.jobs();
	}

}
