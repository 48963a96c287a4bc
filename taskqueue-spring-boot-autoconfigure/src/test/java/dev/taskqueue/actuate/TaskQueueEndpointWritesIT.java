package dev.taskqueue.actuate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.Job;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.PeriodicJobs;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.WorkerControl;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.Document;
import org.bson.types.ObjectId;
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
 * What can be done over a real web server.
 */
@TestInstance(Lifecycle.PER_CLASS)
class TaskQueueEndpointWritesIT {

	private static final Duration SOON = Duration.ofSeconds(30);

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final HttpClient http = HttpClient.newHttpClient();

	private final ConfigurableApplicationContext application;

	private final TaskQueue queue;

	TaskQueueEndpointWritesIT() {
		this.application = start();
		this.queue = this.application.getBean(TaskQueue.class);
	}

	private ConfigurableApplicationContext start(String... properties) {
		return new SpringApplicationBuilder(WebApplication.class)
			.properties("spring.mongodb.uri=" + MongoServer.uri(this.database), "server.port=0",
					"management.endpoints.web.exposure.include=taskqueue", "spring.main.banner-mode=off")
			.properties(properties)
			.run();
	}

	@BeforeAll
	void waitForTheWorker() {
		await().atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(get("taskqueue/workers").body().get("workers")).hasSize(1));
	}

	@AfterAll
	void stop() {
		this.application.close();
		MongoServer.drop(this.database);
	}

	@Test
	void cancelsAJob() throws Exception {
		JobHandle<Object> later = later("cancel");
		JobHandle<Object> running = this.queue.enqueue("wait");
		await().atMost(SOON).untilAsserted(() -> assertThat(state(running)).isEqualTo(JobState.RUNNING));

		Answer cancelled = post("taskqueue/jobs/" + later.id(), Map.of("action", "cancel"));
		Answer requested = post("taskqueue/jobs/" + running.id(), Map.of("action", "cancel"));

		assertThat(cancelled.status()).isEqualTo(200);
		assertThat(cancelled.body().get("result").asString()).isEqualTo("cancelled");
		assertThat(requested.body().get("result").asString()).isEqualTo("requested");
		await().atMost(SOON).untilAsserted(() -> assertThat(state(running)).isEqualTo(JobState.CANCELLED));
	}

	@Test
	void runsMovesRetriesAndDeletesAJob() throws Exception {
		JobHandle<Object> job = later("one");

		post("taskqueue/jobs/" + job.id(), Map.of("action", "reschedule", "at", "2099-01-01T00:00:00Z"));
		assertThat(job.find().map(Job::runAt)).contains(Instant.parse("2099-01-01T00:00:00Z"));
		assertThat(post("taskqueue/jobs/" + job.id(), Map.of("action", "run-now")).status()).isEqualTo(200);
		await().atMost(SOON).untilAsserted(() -> assertThat(state(job)).isEqualTo(JobState.SUCCEEDED));

		JobHandle<Object> cancelled = later("two");
		cancelled.cancel();
		assertThat(post("taskqueue/jobs/" + cancelled.id(), Map.of("action", "retry")).status()).isEqualTo(200);
		await().atMost(SOON).untilAsserted(() -> assertThat(state(cancelled)).isEqualTo(JobState.SUCCEEDED));

		assertThat(post("taskqueue/jobs/" + job.id(), Map.of("action", "delete")).status()).isEqualTo(200);
		assertThat(job.find()).isEmpty();
	}

	@Test
	void editsAJob() throws Exception {
		JobHandle<Object> job = later("edited");

		Answer answer = post("taskqueue/jobs/" + job.id(),
				Map.of("action", "edit", "params", "[\"you@example.com\", 3]", "kwargs", "{\"to\": null}", "queue",
						"urgent", "priority", 9, "runAt", "2099-01-01T00:00:00Z", "timeout", "90s", "maxAttempts", 2));

		assertThat(answer.body().get("result").asString()).isEqualTo("done");
		assertThat(job.find()).get().satisfies((edited) -> {
			assertThat(edited.params()).containsExactly("you@example.com", 3);
			assertThat(edited.kwargs()).containsEntry("to", null);
			assertThat(edited.queue()).isEqualTo("urgent");
			assertThat(edited.priority()).isEqualTo(9);
			assertThat(edited.runAt()).isEqualTo("2099-01-01T00:00:00Z");
			assertThat(edited.timeout()).isEqualTo(Duration.ofSeconds(90));
			assertThat(edited.maxAttempts()).isEqualTo(2);
		});
	}

	@Test
	void editLeavesWhatIsNotSaid() throws Exception {
		JobHandle<Object> job = later("edited");
		Job before = job.find().orElseThrow();

		post("taskqueue/jobs/" + job.id(), Map.of("action", "edit", "priority", -3));

		assertThat(job.find()).get().satisfies((edited) -> {
			assertThat(edited.priority()).isEqualTo(-3);
			assertThat(edited).usingRecursiveComparison().ignoringFields("priority").isEqualTo(before);
		});
	}

	@Test
	void actsOnManyJobsUpToALimit() throws Exception {
		for (int i = 0; i < 5; i++) {
			later("many");
		}
		Map<String, Object> many = Map.of("action", "cancel", "queue", "many");

		Answer some = post("taskqueue/jobs", Map.of("action", "cancel", "queue", "many", "limit", 2));
		Answer rest = post("taskqueue/jobs", many);
		Answer moved = post("taskqueue/jobs", Map.of("action", "retry", "queue", "many", "state", "cancelled"));

		assertThat(some.body().get("jobs").asInt()).isEqualTo(2);
		assertThat(rest.body().get("jobs").asInt()).isEqualTo(3);
		assertThat(moved.body().get("jobs").asInt()).isEqualTo(5);
	}

	@Test
	void movesManyJobs() throws Exception {
		JobHandle<Object> first = later("moved");
		JobHandle<Object> second = later("moved");

		Answer moved = post("taskqueue/jobs",
				Map.of("action", "reschedule", "queue", "moved", "at", "2099-01-01T00:00:00Z"));
		Answer run = post("taskqueue/jobs", Map.of("action", "run-now", "queue", "moved", "state", "scheduled"));

		assertThat(moved.body().get("jobs").asInt()).isEqualTo(2);
		assertThat(run.body().get("jobs").asInt()).isEqualTo(2);
		await().atMost(SOON).untilAsserted(() -> {
			assertThat(state(first)).isEqualTo(JobState.SUCCEEDED);
			assertThat(state(second)).isEqualTo(JobState.SUCCEEDED);
		});
	}

	@Test
	void pausesResumesAndPurgesAQueue() throws Exception {
		assertThat(post("taskqueue/queues/held", Map.of("action", "pause")).status()).isEqualTo(200);
		later("held");

		JsonNode held = get("taskqueue/queues").body().get("queues");
		assertThat(held.findParents("name")).filteredOn((queue) -> queue.get("name").asString().equals("held"))
			.singleElement()
			.satisfies((queue) -> assertThat(queue.get("paused").asBoolean()).isTrue());
		assertThat(post("taskqueue/queues/held", Map.of("action", "purge")).body().get("jobs").asInt()).isOne();
		post("taskqueue/queues/held", Map.of("action", "resume"));

		assertThat(this.queue.isPaused("held")).isFalse();
	}

	@Test
	void revokesAndRestoresAFunction() throws Exception {
		post("taskqueue/functions/unwanted", Map.of("action", "revoke", "until", "2099-01-01T00:00:00Z"));
		assertThat(this.queue.isRevoked("unwanted")).isTrue();
		this.queue.revoke("greet");
		JsonNode shown = get("taskqueue/functions").body();
		assertThat(shown.get("revoked")).extracting((one) -> one.get("name").asString())
			.containsExactly("greet", "unwanted");
		assertThat(shown.get("revoked").get(0).has("until")).isFalse();
		assertThat(shown.get("revoked").get(1).get("until").asString()).isEqualTo("2099-01-01T00:00:00Z");
		assertThat(shown.get("functions")).filteredOn((one) -> one.get("revoked").asBoolean())
			.extracting((one) -> one.get("name").asString())
			.containsExactly("greet");
		this.queue.restore("greet");

		post("taskqueue/functions/unwanted", Map.of("action", "restore"));
		assertThat(this.queue.isRevoked("unwanted")).isFalse();
	}

	@Test
	void listsTheRowsThatRecurAndSteersThem() throws Exception {
		PeriodicJobs periodicJobs = this.application.getBean(PeriodicJobs.class);
		periodicJobs.add(PeriodicJobSpec.named("hourly").function("greet").every("1h").build());
		Date next = Date.from(Instant.now().plusSeconds(3600));
		ObjectId hand = new ObjectId();
		this.database.getCollection("crontab_jobs")
			.insertOne(new Document("_id", hand).append("name", "of a person")
				.append("function", "greet")
				.append("params", List.of())
				.append("time", next)
				.append("every", "2h")
				.append("is_done", false));
		await().atMost(SOON)
			.untilAsserted(() -> assertThat(row(hand.toHexString()).get("nextTimes")).hasSizeGreaterThan(1));
		assertThat(row(hand.toHexString()).get("source").asString()).isEqualTo("hand");
		await().atMost(SOON)
			.untilAsserted(() -> assertThat(row("periodic:hourly").get("nextTimes")).hasSizeGreaterThan(1));
		assertThat(row("periodic:hourly").get("source").asString()).isEqualTo("api");

		for (String id : List.of("periodic:hourly", hand.toHexString())) {
			String path = "taskqueue/crontab/" + id;
			Answer triggered = post(path, Map.of("action", "trigger"));
			assertThat(triggered.status()).isEqualTo(200);
			JobHandle<Object> job = this.queue.handle(triggered.body().get("result").asString());
			await().atMost(SOON).untilAsserted(() -> assertThat(state(job)).isEqualTo(JobState.SUCCEEDED));

			post(path, Map.of("action", "disable"));
			assertThat(row(id).get("enabled").asBoolean()).isFalse();
			post(path, Map.of("action", "enable"));
			assertThat(row(id).get("enabled").asBoolean()).isTrue();

			Answer edited = post(path, Map.of("action", "edit", "cron", "30 3 * * *", "zone", "Europe/Berlin",
					"priority", 5, "misfire", "skip", "whileRunning", "queue"));
			assertThat(edited.status()).isEqualTo(200);
			assertThat(row(id).get("cron").asString()).isEqualTo("30 3 * * *");
			assertThat(row(id).hasNonNull("every")).isFalse();
			assertThat(row(id).get("priority").asInt()).isEqualTo(5);
			assertThat(row(id).get("whileRunning").asString()).isEqualTo("queue");
			assertThat(post(path, Map.of("action", "edit", "cron", "61 * * * *")).status()).isEqualTo(400);
			await().atMost(SOON)
				.untilAsserted(() -> assertThat(Instant.parse(row(id).get("nextTimes").get(0).asString())
					.atZone(ZoneId.of("Europe/Berlin"))
					.toLocalTime()).isEqualTo(LocalTime.of(3, 30)));
		}
	}

	@Test
	void editsTheArgumentsAndTheWindowOfARow() throws Exception {
		this.application.getBean(PeriodicJobs.class)
			.add(PeriodicJobSpec.named("edited")
				.function("greet", "a")
				.kwarg("b", 1)
				.kwarg("c", 2)
				.every("1h")
				.build());
		String path = "taskqueue/crontab/periodic:edited";

		Answer edited = post(path, Map.of("action", "edit", "params", "[\"you\", 3, null]", "kwargs",
				"{\"d\": {\"e\": true}}", "startTime", "2098-01-01T00:00:00Z", "endTime", "2099-01-01T00:00:00Z"));

		assertThat(edited.status()).isEqualTo(200);
		assertThat(stored("periodic:edited")).containsEntry("params", Arrays.asList("you", 3, null))
			.containsEntry("kwargs", new Document("d", new Document("e", true)))
			.containsEntry("start_time", Date.from(Instant.parse("2098-01-01T00:00:00Z")))
			.containsEntry("end_time", Date.from(Instant.parse("2099-01-01T00:00:00Z")))
			.containsEntry("every", "1h");
		assertThat(row("periodic:edited").get("startTime").asString()).isEqualTo("2098-01-01T00:00:00Z");

		post(path, Map.of("action", "edit", "kwargs", "{}", "startTime", "none", "endTime", "none"));
		assertThat(stored("periodic:edited")).doesNotContainKeys("kwargs", "start_time", "end_time")
			.containsEntry("params", Arrays.asList("you", 3, null));
		for (Map.Entry<String, String> bad : Map.of("params", "{}", "kwargs", "[]", "startTime", "soon").entrySet()) {
			Answer refused = post(path, Map.of("action", "edit", bad.getKey(), bad.getValue()));
			assertThat(refused.status()).isEqualTo(400);
			assertThat(refused.body().get("message").asString())
				.startsWith(bad.getKey() + " is '" + bad.getValue() + "', expected ");
		}
		Answer wrong = post(path,
				Map.of("action", "edit", "startTime", "2099-01-01T00:00:00Z", "endTime", "2098-01-01T00:00:00Z"));
		assertThat(wrong.status()).isEqualTo(400);
		assertThat(wrong.body().get("message").asString())
			.contains("endTime is '2098-01-01T00:00:00Z', expected a time");
	}

	@Test
	void rowWhoseUniqueKeyAnotherJobHasIsNotTriggered() throws Exception {
		this.application.getBean(PeriodicJobs.class)
			.add(PeriodicJobSpec.named("unique").function("greet").every("1h").uniqueKey("greeting").build());
		JobHandle<Object> holder = this.queue.job("greet").uniqueKey("greeting").delay(Duration.ofHours(1)).enqueue();

		Answer answer = post("taskqueue/crontab/periodic:unique", Map.of("action", "trigger"));

		assertThat(answer.status()).isEqualTo(409);
		assertThat(answer.body().get("message").asString())
			.contains("job " + holder.id() + " has its unique key 'greeting'");
	}

	@Test
	void listsTheRowsThatRecurPageByPage() throws Exception {
		for (String name : List.of("page-a", "page-b", "page-c")) {
			this.application.getBean(PeriodicJobs.class)
				.add(PeriodicJobSpec.named(name).function("greet").every("1h").build());
		}

		JsonNode first = get("taskqueue/crontab?limit=2&after=periodic:page").body();
		JsonNode second = get("taskqueue/crontab?limit=2&after=" + first.get("next").asString()).body();
		JsonNode all = get("taskqueue/crontab?limit=1000").body();

		assertThat(first.get("periodic")).extracting((row) -> row.get("name").asString())
			.containsExactly("page-a", "page-b");
		assertThat(second.get("periodic").get(0).get("name").asString()).isEqualTo("page-c");
		assertThat(all.has("next")).isFalse();
	}

	private Document stored(String id) {
		return Objects
			.requireNonNull(this.database.getCollection("crontab_jobs").find(new Document("_id", id)).first());
	}

	@Test
	void jobThatItsSourceNoLongerAsksForIsShownAsRemovedAndNotEnabled() throws Exception {
		this.database.getCollection("crontab_jobs")
			.insertOne(new Document("_id", "periodic:gone").append("name", "gone")
				.append("function", "greet")
				.append("params", List.of("secret"))
				.append("every", "1h")
				.append("source", "file")
				.append("enabled", false)
				.append("removed", new Document("at", Date.from(Instant.parse("2026-11-21T10:00:00Z"))))
				.append("is_done", false));

		Answer answer = post("taskqueue/crontab/periodic:gone", Map.of("action", "enable"));

		assertThat(answer.status()).isEqualTo(400);
		assertThat(answer.body().get("message").asString()).contains("is not asked for any more by its source, 'file'");
		assertThat(row("periodic:gone").get("removedAt").asString()).isEqualTo("2026-11-21T10:00:00Z");
		assertThat(row("periodic:gone").get("params").get(0).asString()).isEqualTo("******");
	}

	private JsonNode row(String id) throws Exception {
		for (JsonNode row : get("taskqueue/crontab").body().get("periodic")) {
			if (row.get("id").asString().equals(id)) {
				return row;
			}
		}
		throw new AssertionError("no row " + id);
	}

	@Test
	void changesTheConcurrencyOfThisWorkerAndMakesItQuiet() throws Exception {
		String worker = get("taskqueue/workers").body().get("workers").get(0).get("id").asString();
		WorkerControl control = this.application.getBean(WorkerControl.class);

		assertThat(post("taskqueue/workers/" + worker, Map.of("action", "concurrency", "concurrency", 12)).status())
			.isEqualTo(200);
		assertThat(control.concurrency()).isEqualTo(12);
		post("taskqueue/workers/" + worker, Map.of("action", "quiet"));
		assertThat(control.isQuiet()).isTrue();
		post("taskqueue/workers/" + worker, Map.of("action", "resume"));

		assertThat(control.isQuiet()).isFalse();
		assertThat(post("taskqueue/workers/" + worker, Map.of("action", "concurrency", "concurrency", 0)).status())
			.isEqualTo(400);
		assertThat(post("taskqueue/workers/another", Map.of("action", "quiet")).status()).isEqualTo(404);
	}

	@ParameterizedTest(name = "{0} {1}")
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			textBlock = """
					taskqueue/jobs/nobody | {'action': 'cancel'}                       | 404 | There is no such job
					taskqueue/jobs/nobody | {'action': 'retry'}                        | 404 | There is no such job
					taskqueue/jobs/nobody | {'action': 'stop'}                         | 400 | action is 'stop', expected one of cancel, retry, run-now, reschedule, edit, delete
					taskqueue/jobs/nobody | {}                                         | 400 | action is missing, expected one of
					taskqueue/jobs/nobody | {'action': 'reschedule'}                   | 400 | at is 'null', expected a time such as
					taskqueue/jobs/nobody | {'action': 'edit'}                         | 400 | The change is empty
					taskqueue/jobs/nobody | {'action': 'edit', 'priority': 'high'}     | 400 | priority is 'high', expected a whole number
					taskqueue/jobs/nobody | {'action': 'edit', 'params': 'x'}          | 400 | params is 'x', expected an array as JSON
					taskqueue/jobs/nobody | {'action': 'edit', 'params': '{}'}         | 400 | params is '{}', expected an array as JSON
					taskqueue/jobs/nobody | {'action': 'edit', 'kwargs': 'null'}       | 400 | kwargs is 'null', expected an object as JSON
					taskqueue/jobs/nobody | {'action': 'edit', 'timeout': 90}          | 400 | timeout is '90', expected a duration with its unit
					taskqueue/jobs/nobody | {'action': 'edit', 'timeout': '-1s'}       | 400 | The change's timeout is 'PT-1S'
					taskqueue/jobs/nobody | {'action': 'edit', 'queue': ' '}           | 400 | The change's queue is ' '
					taskqueue/jobs/nobody | {'action': 'edit', 'maxAttempts': 0}       | 400 | The change's maxAttempts is '0'
					taskqueue/jobs/nobody | {'action': 'edit', 'run_at': 'x'}          | 400 | The order has a field 'run_at', expected for 'edit' here only params, kwargs, queue, priority, runAt, timeout, maxAttempts
					taskqueue/jobs/nobody | {'action': 'cancel', 'when': 'now'}        | 400 | The order has a field 'when', expected for 'cancel' here none besides the action
					taskqueue/jobs        | {'action': 'edit', 'queue': 'a'}           | 400 | action is 'edit', expected one of cancel, retry, run-now, reschedule, delete
					taskqueue/jobs        | {'action': 'retry', 'queue': 'a', 'stat': 'failed'} | 400 | The order has a field 'stat', expected for 'retry' here only state, queue, function, reason, idPrefix, createdAfter, createdBefore, limit
					taskqueue/jobs        | {'action': 'cancel', 'queue': 'a', 'at': 'x'} | 400 | The order has a field 'at'
					taskqueue/queues/a    | {'action': 'pause', 'until': 'x'}          | 400 | The order has a field 'until', expected for 'pause' here none
					taskqueue/workers/a   | {'action': 'quiet', 'concurrency': 3}      | 400 | The order has a field 'concurrency'
					taskqueue/jobs        | {'action': 'delete'}                       | 400 | No filter is given
					taskqueue/jobs        | {'action': 'delete', 'state': 'running'}   | 400 | state is 'running'
					taskqueue/jobs        | {'action': 'delete', 'state': 'sleeping'}  | 400 | state is 'sleeping', expected one of pending
					taskqueue/jobs        | {'action': 'retry', 'reason': 'bad luck'}  | 400 | reason is 'bad luck', expected one of exception
					taskqueue/jobs        | {'action': 'retry', 'queue': 'a', 'limit': 0} | 400 | limit is '0', expected a number from 1
					taskqueue/queues/a    | {'action': 'drain'}                        | 400 | action is 'drain', expected one of pause, resume, purge
					taskqueue/functions/a | {'action': 'revoke', 'until': 'soon'}      | 400 | until is 'soon', expected a time such as
					taskqueue/crontab/none | {'action': 'trigger'}                    | 404 | There is no such row in the crontab
					taskqueue/crontab/none | {'action': 'run'}                        | 400 | action is 'run', expected one of trigger, enable, disable, edit
					taskqueue/crontab/none | {'action': 'edit', 'timeout': '9s'}      | 400 | The order has a field 'timeout', expected for 'edit' here only cron, every, zone, params, kwargs, startTime, endTime, queue
					taskqueue/crontab/none | {'action': 'edit'}                       | 400 | Nothing is to be changed. Give one of cron
					taskqueue/crontab/none | {'action': 'edit', 'cron': '@daily', 'every': '1h'} | 400 | every is '1h', expected nothing
					taskqueue/nothing     | {'action': 'pause'}                        | 404 | There are: jobs/{id}, jobs, queues/{name}
					""")
	void saysWhatIsWrongWithTheOrder(String path, String order, int status, String message) throws Exception {
		Answer answer = send(this.application, path, order.replace('\'', '"'));

		assertThat(answer.status()).isEqualTo(status);
		assertThat(answer.body().get("message").asString()).contains(message);
	}

	@Test
	void jobInAnotherStateIsAConflict() throws Exception {
		JobHandle<Object> job = this.queue.enqueue("greet");
		job.await(SOON);

		for (String action : new String[] { "cancel", "retry", "run-now" }) {
			Answer answer = post("taskqueue/jobs/" + job.id(), Map.of("action", action));

			assertThat(answer.status()).as(action).isEqualTo(409);
			assertThat(answer.body().get("message").asString()).contains("is succeeded");
		}
	}

	@Test
	void readOnlyAccessRefusesAllOfIt() throws Exception {
		JobHandle<Object> job = later("guarded");

		try (ConfigurableApplicationContext guarded = start("management.endpoint.taskqueue.access=read-only",
				"taskqueue.worker.enabled=false")) {
			Answer answer = send(guarded, "taskqueue/jobs/" + job.id(), "{\"action\": \"cancel\"}");

			assertThat(answer.status()).isEqualTo(405);
		}
		assertThat(state(job)).isEqualTo(JobState.PENDING);
	}

	private JobHandle<Object> later(String queue) {
		return this.queue.job("greet").queue(queue).delay(Duration.ofHours(1)).enqueue();
	}

	private static JobState state(JobHandle<Object> job) {
		return job.find().map(Job::state).orElse(JobState.EXPIRED);
	}

	private Answer get(String path) throws IOException, InterruptedException {
		return answer(HttpRequest.newBuilder(uri(this.application, path)).build());
	}

	private Answer post(String path, Map<String, Object> order) throws IOException, InterruptedException {
		return send(this.application, path, JsonMapper.shared().writeValueAsString(order));
	}

	private Answer send(ConfigurableApplicationContext server, String path, String order)
			throws IOException, InterruptedException {
		return answer(HttpRequest.newBuilder(uri(server, path))
			.header("Content-Type", "application/json")
			.POST(HttpRequest.BodyPublishers.ofString(order))
			.build());
	}

	private Answer answer(HttpRequest request) throws IOException, InterruptedException {
		HttpResponse<String> response = this.http.send(request, HttpResponse.BodyHandlers.ofString());
		return new Answer(response.statusCode(), JsonMapper.shared().readTree(response.body()));
	}

	private static URI uri(ConfigurableApplicationContext server, String path) {
		String port = server.getEnvironment().getRequiredProperty("local.server.port");
		return URI.create("http://localhost:" + port + "/actuator/" + path);
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
		public String greet() {
			return "Hello";
		}

		@AsyncJob("wait")
		public void waitForEver() throws InterruptedException {
			new CountDownLatch(1).await();
		}

	}

}
