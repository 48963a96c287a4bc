package dev.taskqueue.worker;

import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.model.Filters;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobEvent;
import dev.taskqueue.claim.QueueWeights;
import dev.taskqueue.finish.RetrySettings;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.AsyncJobScanner;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The server did what a claim or a finish asked, or did not, and the worker heard of
 * neither. The driver's own retries are off, so that each failure reaches our code.
 */
class LostReplyIT {

	private final OwnMongoServer server = MongoServer.startOwn(true);

	private final MongoClient client = MongoClients
		.create(this.server.uri() + (this.server.uri().contains("?") ? "&" : "?") + "retryWrites=false");

	private final AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(
			Counting.class);

	@AfterEach
	void close() {
		this.application.close();
		this.client.close();
		this.server.close();
	}

	@ParameterizedTest(name = "{0} times {1}")
	@CsvSource(delimiter = '|',
			value = { "1 | writeConcernError: {code: 64, errmsg: 'waiting for replication timed out'}",
					"2 | writeConcernError: {code: 64, errmsg: 'waiting for replication timed out'}",
					"1 | closeConnection: true", "2 | closeConnection: true", "3 | errorCode: 10107" })
	void aJobRunsOnceAndEndsOnceWhateverRepliesAreLost(int times, String failure) {
		TaskQueueDatabase database = new TaskQueueDatabase(this.client.getDatabase("lost"), "taskqueue_",
				"crontab_jobs", Duration.ofSeconds(10));
		Indexes.create(database);
		List<JobEvent> events = new CopyOnWriteArrayList<>();
		Worker worker = worker(database, events);
		Date now = Date.from(Clock.systemUTC().instant());
		fail(times, failure);

		database.jobs()
			.insertOne(new Document("_id", "a").append("function", "count")
				.append("params", List.of())
				.append("queue", "default")
				.append("priority", 0)
				.append("state", "pending")
				.append("run_at", now)
				.append("created_at", now));
		worker.start();

		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.until(() -> events.stream().anyMatch(JobEvent.Completed.class::isInstance));
		worker.stop();
		assertThat(Objects.requireNonNull(database.jobs().find(Filters.eq("_id", "a")).first()))
			.containsEntry("state", "succeeded")
			.containsEntry("attempt", 1);
		assertThat(this.application.getBean(Counting.class).runs).hasValue(1);
		assertThat(events).extracting((event) -> event.getClass().getSimpleName())
			.containsExactly("Executing", "Completed");
		assertThat(database.workers().countDocuments()).isZero();
	}

	private Worker worker(TaskQueueDatabase database, List<JobEvent> events) {
		WorkerSettings settings = new WorkerSettings(2, Map.of(), true, QueueWeights.EQUAL, Duration.ofSeconds(30),
				Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ZERO, 3, 100_000,
				new RetrySettings(Duration.ofMillis(20), 2, Duration.ofHours(1), 0),
				new Retention(Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1)));
		return new Worker(database,
				new AsyncJobScanner(this.application,
						new ArgumentMapper(JsonMapper.builder().build(), BsonValues::toPlain),
						DurationStyle::detectAndParse)
					.scan(),
				new ServerClock(database::hello, Clock.systemUTC()), new Outage(), settings,
				new SimpleAsyncTaskExecutor(), () -> {
				}, events::add);
	}

	private void fail(int times, String failure) {
		this.client.getDatabase("admin")
			.runCommand(Document.parse(("{configureFailPoint: 'failCommand', mode: {times: %d}, data: "
					+ "{failCommands: ['update'], namespace: 'lost.taskqueue_jobs', %s}}")
				.formatted(times, failure)));
	}

	static class Counting {

		final AtomicInteger runs = new AtomicInteger();

		@AsyncJob
		public void count() {
			this.runs.incrementAndGet();
		}

	}

}
