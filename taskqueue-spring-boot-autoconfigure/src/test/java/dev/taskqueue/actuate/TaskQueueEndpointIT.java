package dev.taskqueue.actuate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobHandle;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Over a real web server and a real MongoDB.
 */
@TestInstance(Lifecycle.PER_CLASS)
class TaskQueueEndpointIT {

	private static final Duration SOON = Duration.ofSeconds(30);

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final HttpClient http = HttpClient.newHttpClient();

	private final ConfigurableApplicationContext application;

	private final TaskQueue queue;

	TaskQueueEndpointIT() {
		this.application = start();
		this.queue = this.application.getBean(TaskQueue.class);
	}

	private ConfigurableApplicationContext start(String... properties) {
		return new SpringApplicationBuilder(WebApplication.class)
			.properties("spring.mongodb.uri=" + MongoServer.uri(this.database), "server.port=0",
					"management.endpoints.web.exposure.include=taskqueue,health,metrics",
					"management.endpoint.health.show-details=always", "spring.main.banner-mode=off")
			.properties(properties)
			.run();
	}

	@BeforeAll
	void waitForTheWorker() {
		await().atMost(SOON).untilAsserted(() -> assertThat(get("taskqueue/workers").body().get("workers")).hasSize(1));
	}

	@AfterAll
	void stop() {
		this.application.close();
		MongoServer.drop(this.database);
	}

	@Test
	void showsEverythingAtAGlance() throws Exception {
		this.queue.job("greet", "later").delay(Duration.ofHours(1)).queue("overview").enqueue();

		JsonNode overview = get("taskqueue").body();

		assertThat(overview.get("queues").findValuesAsString("name")).contains("overview");
		assertThat(overview.get("workers").get(0).get("live").asBoolean()).isTrue();
		assertThat(overview.get("functions").get(0).get("signature").asString()).endsWith("Greeter.greet(String)");
		assertThat(overview.get("crontab").get("enabled").asBoolean()).isTrue();
	}

	@Test
	void hidesArgumentsAndResultsUnlessTold() throws Exception {
		JobHandle<Object> job = this.queue.enqueue("greet", "a secret");
		job.await(SOON);

		JsonNode hidden = get("taskqueue/jobs/" + job.id()).body();

		assertThat(hidden.get("state").asString()).isEqualTo("succeeded");
		assertThat(hidden.get("params").get(0).asString()).isEqualTo("******");
		assertThat(hidden.get("result").asString()).isEqualTo("******");
	}

	@Test
	void showsArgumentsAndResultsWhenTold() throws Exception {
		JobHandle<Object> job = this.queue.enqueue("greet", "no secret");
		job.await(SOON);

		try (ConfigurableApplicationContext open = start("management.endpoint.taskqueue.show-values=always",
				"taskqueue.worker.enabled=false")) {
			JsonNode shown = get(open, "taskqueue/jobs/" + job.id()).body();

			assertThat(shown.get("params").get(0).asString()).isEqualTo("no secret");
			assertThat(shown.get("result").asString()).isEqualTo("Hello no secret");
		}
	}

	@Test
	void showsProgressAndHidesTheLogUnlessTold() throws Exception {
		JobHandle<Object> job = this.queue.enqueue("report", "no secret");
		job.await(SOON);

		JsonNode hidden = get("taskqueue/jobs/" + job.id()).body();

		assertThat(hidden.get("progress").get("percent").asInt()).isEqualTo(40);
		assertThat(hidden.get("progress").get("message").asString()).isEqualTo("of 100");
		assertThat(hidden.get("log").get(0).get("level").asString()).isEqualTo("info");
		assertThat(hidden.get("log").get(0).get("message").asString()).isEqualTo("******");
		try (ConfigurableApplicationContext open = start("management.endpoint.taskqueue.show-values=always",
				"taskqueue.worker.enabled=false")) {
			assertThat(get(open, "taskqueue/jobs/" + job.id()).body().get("log").get(0).get("message").asString())
				.isEqualTo("made for no secret");
		}
	}

	@Test
	void listsJobsPageByPage() throws Exception {
		for (int i = 0; i < 3; i++) {
			this.queue.job("greet", i).queue("pages").delay(Duration.ofHours(1)).enqueue();
		}

		JsonNode first = get("taskqueue/jobs?state=scheduled&queue=pages&limit=2").body();
		JsonNode second = get(
				"taskqueue/jobs?state=scheduled&queue=pages&limit=2&after=" + first.get("next").asString())
			.body();

		assertThat(first.get("jobs")).hasSize(2);
		assertThat(second.get("jobs")).hasSize(1);
		assertThat(second.has("next")).isFalse();
	}

	@Test
	void listsFailedJobsByTheReason() throws Exception {
		JobHandle<Object> late = this.queue.job("stall", 60_000)
			.timeout(Duration.ofMillis(100))
			.maxAttempts(1)
			.enqueue();
		JobHandle<Object> broken = this.queue.job("stall", 0).maxAttempts(1).enqueue();
		await().atMost(SOON).until(() -> late.state().isEnd() && broken.state().isEnd());

		JsonNode timedOut = get("taskqueue/jobs?state=failed&reason=timeout").body().get("jobs");
		JsonNode thrown = get("taskqueue/jobs?state=failed&reason=exception").body().get("jobs");

		assertThat(timedOut).extracting((job) -> job.get("id").asString()).containsExactly(late.id());
		assertThat(timedOut.get(0).get("error").get("reason").asString()).isEqualTo("timeout");
		assertThat(thrown).extracting((job) -> job.get("id").asString()).containsExactly(broken.id());
	}

	@Test
	void showsRowsThatWaitForTheirOwner() {
		this.database.getCollection("crontab_jobs")
			.insertOne(new Document("name", "wrong").append("function", "greet")
				.append("params", "no array")
				.append("time", 1)
				.append("is_done", false));

		await().atMost(SOON).untilAsserted(() -> {
			JsonNode crontab = get("taskqueue/crontab").body();
			assertThat(crontab.get("errors")).hasSize(1);
			assertThat(crontab.get("errors").get(0).get("name").asString()).isEqualTo("wrong");
			assertThat(crontab.get("rowsWithErrors").asString()).isEqualTo("1");
		});
	}

	@ParameterizedTest(name = "{0}")
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			textBlock = """
					taskqueue/jobs?limit=many      | 400 | limit is 'many', expected a number from 1 to 1000
					taskqueue/jobs?limit=0         | 400 | limit is '0', expected a number from 1 to 1000
					taskqueue/jobs?state=sleeping  | 400 | state is 'sleeping', expected one of pending
					taskqueue/jobs?reason=bad      | 400 | reason is 'bad', expected one of exception, timeout
					taskqueue/jobs?stat=failed     | 400 | There is a parameter 'stat', expected for 'jobs' only state, queue, function, reason, idPrefix, limit, after. Correct it
					taskqueue/jobs?state=failed&before=a | 400 | There is a parameter 'before', expected for 'jobs' only state
					taskqueue/jobs/nobody?limit=1  | 400 | There is a parameter 'limit', expected for 'jobs/nobody' none
					taskqueue/crontab?state=failed | 400 | There is a parameter 'state', expected for 'crontab' only limit, after
					taskqueue/queues?name=a        | 400 | There is a parameter 'name', expected for 'queues' none
					taskqueue?limit=1              | 400 | There is a parameter 'limit', expected for 'taskqueue' none
					taskqueue/nothing?limit=1      | 404 | There are: jobs, jobs/{id}, queues
					taskqueue/jobs/nobody          | 404 | There is no such job
					taskqueue/jobs/a/b             | 404 | There are: jobs, jobs/{id}, queues
					taskqueue/nothing              | 404 | There are: jobs, jobs/{id}, queues
					""")
	void saysWhatIsWrongWithTheQuestion(String path, int status, String message) throws Exception {
		Answer answer = get(path);

		assertThat(answer.status()).isEqualTo(status);
		assertThat(answer.body().get("message").asString()).contains(message);
	}

	@Test
	void healthTellsOfTheWorker() {
		await().atMost(SOON).untilAsserted(() -> {
			JsonNode health = get("health").body().get("components").get("taskQueue");
			assertThat(health.get("status").asString()).isEqualTo("UP");
			assertThat(health.get("details").get("concurrency").asInt()).isEqualTo(10);
		});
	}

	@Test
	void metersCountWhatHappens() throws Exception {
		this.queue.enqueue("greet", "you").await(SOON);

		await().atMost(SOON).untilAsserted(() -> {
			JsonNode attempts = get("metrics/taskqueue.attempts?tag=function:greet&tag=outcome:succeeded").body();
			assertThat(attempts.get("measurements").get(0).get("value").asDouble()).isPositive();
		});
		for (String meter : List.of("taskqueue.submits", "taskqueue.worker.running", "taskqueue.worker.free",
				"taskqueue.crontab.lag", "taskqueue.crontab.errors")) {
			assertThat(get("metrics/" + meter).status()).as(meter).isEqualTo(200);
		}
	}

	private Answer get(String path) throws IOException, InterruptedException {
		return get(this.application, path);
	}

	private Answer get(ConfigurableApplicationContext server, String path) throws IOException, InterruptedException {
		String port = server.getEnvironment().getRequiredProperty("local.server.port");
		HttpResponse<String> response = this.http.send(
				HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/" + path)).build(),
				HttpResponse.BodyHandlers.ofString());
		return new Answer(response.statusCode(), JsonMapper.shared().readTree(response.body()));
	}

	private record Answer(int status, JsonNode body) {
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class WebApplication {

		@Bean
		Greeter greeter() {
			return new Greeter();
		}

	}

	static class Greeter {

		@AsyncJob("greet")
		public String greet(String name) {
			return "Hello " + name;
		}

		@AsyncJob("stall")
		public void stall(int millis) throws InterruptedException {
			new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
			throw new IllegalStateException("as ordered");
		}

		@AsyncJob("report")
		public void report(String name, JobContext job) {
			job.progress(40, "of 100");
			job.log("made for " + name);
		}

	}

}
