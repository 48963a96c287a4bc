package dev.taskqueue.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.actuate.TaskQueueHealthIndicator;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/** An application that reads its periodic jobs from a file while it runs. */
@ExtendWith(OutputCaptureExtension.class)
class CrontabFileIT {

	private static final Duration SOON = Duration.ofSeconds(60);

	private final MongoDatabase database = MongoServer.freshDatabase();

	@TempDir
	Path directory;

	private ConfigurableApplicationContext application;

	private Path file;

	@BeforeEach
	void start() throws IOException {
		this.file = this.directory.resolve("jobs.yaml");
		write("""
				jobs:
				  hello:
				    every: 1s
				    function: echo
				    params: [{text: hello}]
				configs:
				  - cronspec: "@every 1s"
				    task_type: echo
				    payload: {text: from asynq}
				""");
		this.application = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties(Map.of("spring.mongodb.uri", MongoServer.uri(this.database), "spring.main.banner-mode", "off",
					"taskqueue.crontab.file", "file:" + this.file, "taskqueue.crontab.sync-interval", "1s"))
			.run();
		await(() -> assertThat(results()).contains("hello", "from asynq"));
	}

	@AfterEach
	void end() {
		this.application.close();
		MongoServer.drop(this.database);
	}

	@Test
	void changeOfTheFileCountsWithoutARestart() throws IOException {
		write("""
				jobs:
				  hello:
				    every: 1s
				    function: echo
				    params: [{text: changed}]
				""");

		await(() -> assertThat(results()).contains("changed"));
		assertThat(row("hello")).containsEntry("source", "file").doesNotContainKey("enabled");
		await(() -> assertThat(row("echo")).containsEntry("enabled", false));
	}

	@Test
	void brokenFileKeepsTheLastGoodListAndSaysSo(CapturedOutput output) throws IOException {
		write("jobs: {hello: {every: soon}}");

		await(() -> assertThat(errors()).contains("asking for the periodic jobs of 'file'"));
		int then = results().size();
		await(() -> assertThat(results()).hasSizeGreaterThan(then + 3));
		assertThat(row("echo")).doesNotContainKey("enabled");
		assertThat(output).containsOnlyOnce("An error in asking for the periodic jobs of 'file'")
			.contains("jobs.yaml], cannot be used, so all jobs stay as they are")
			.contains("Periodic job 'hello', every: schedule '@every soon'");

		write("jobs: {}");

		await(() -> assertThat(row("hello")).containsEntry("enabled", false));
		assertThat(errors()).isEqualTo("null");
	}

	@Test
	void fileThatIsGoneIsABrokenOne() throws IOException {
		Files.delete(this.file);

		await(() -> assertThat(errors()).contains("asking for the periodic jobs of 'file'"));
		assertThat(row("hello")).doesNotContainKey("enabled");
	}

	private void write(String content) throws IOException {
		Files.writeString(this.file, content);
	}

	private String errors() {
		return String
			.valueOf(this.application.getBean(TaskQueueHealthIndicator.class).health().getDetails().get("errors"));
	}

	private Document row(String name) {
		return Objects.requireNonNull(
				this.database.getCollection("crontab_jobs").find(new Document("_id", "periodic:" + name)).first());
	}

	private List<Object> results() {
		return this.database.getCollection("taskqueue_jobs")
			.find(new Document("state", "succeeded"))
			.map((job) -> job.get("result", Object.class))
			.into(new ArrayList<>());
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(50)).untilAsserted(condition);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@AsyncJob("echo")
		public String echo(Text text) {
			return text.text();
		}

	}

	record Text(String text) {
	}

}
