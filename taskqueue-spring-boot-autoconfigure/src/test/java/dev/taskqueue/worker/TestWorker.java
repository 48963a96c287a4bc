package dev.taskqueue.worker;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.model.Filters;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import dev.taskqueue.Job;
import dev.taskqueue.claim.QueueWeights;
import dev.taskqueue.finish.RetrySettings;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.AsyncJobScanner;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.BsonString;
import org.bson.Document;
import org.bson.conversions.Bson;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * A worker with the functions of one class on a database of its own, and the commands
 * that it sends.
 */
final class TestWorker<F> implements AutoCloseable {

	/** The updates that were sent, as JSON. */
	final List<String> updates = new CopyOnWriteArrayList<>();

	/** When it asked what is paused or revoked, as {@link System#nanoTime()} tells. */
	final List<Long> ordersAskedAt = new CopyOnWriteArrayList<>();

	private final AnnotationConfigApplicationContext application;

	private final F functions;

	private final SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor();

	private final MongoClient client;

	private final TaskQueueDatabase database;

	private final Worker worker;

	TestWorker(String uri, Class<F> functions) {
		this.application = new AnnotationConfigApplicationContext(functions);
		this.functions = this.application.getBean(functions);
		this.client = MongoClients.create(MongoClientSettings.builder()
			.applyConnectionString(new ConnectionString(uri))
			.addCommandListener(new CommandListener() {

				@Override
				public void commandStarted(CommandStartedEvent event) {
					if (event.getCommandName().equals("update")) {
						TestWorker.this.updates.add(event.getCommand().toJson());
					}
					if (event.getCommand().get("find") instanceof BsonString collection
							&& collection.getValue().equals("taskqueue_queues")) {
						TestWorker.this.ordersAskedAt.add(System.nanoTime());
					}
				}

			})
			.build());
		this.database = new TaskQueueDatabase(this.client.getDatabase("w" + Long.toString(System.nanoTime(), 36)),
				"taskqueue_", "crontab_jobs", Duration.ofSeconds(10));
		Indexes.create(this.database);
		this.worker = new Worker(this.database,
				new AsyncJobScanner(this.application,
						new ArgumentMapper(JsonMapper.builder().build(), BsonValues::toPlain),
						DurationStyle::detectAndParse)
					.scan(),
				new ServerClock(this.database::hello, Clock.systemUTC()), new Outage(), settings(), this.executor,
				() -> {
				}, (event) -> {
				});
		this.worker.start();
	}

	private static WorkerSettings settings() {
		return new WorkerSettings(10, Map.of(), true, QueueWeights.EQUAL, Duration.ofSeconds(30), Duration.ofSeconds(1),
				Duration.ofMillis(500), Duration.ZERO, 3, 100_000,
				new RetrySettings(Duration.ofMillis(20), 1, Duration.ofHours(1), 0),
				new Retention(Duration.ofDays(1), Duration.ofDays(2), Duration.ofDays(1), Duration.ofDays(1)));
	}

	F functions() {
		return this.functions;
	}

	TaskQueueDatabase database() {
		return this.database;
	}

	void insert(String id, String function) {
		insert(new Document("_id", id).append("function", function));
	}

	void insert(Document fields) {
		insert(List.of(fields));
	}

	void insert(List<Document> jobs) {
		this.database.jobs().insertMany(jobs.stream().map(TestWorker::completed).toList());
	}

	private static Document completed(Document fields) {
		Document job = new Document("params", List.of()).append("queue", "default")
			.append("priority", 0)
			.append("state", "pending")
			.append("run_at", Date.from(Instant.now().minusSeconds(2)))
			.append("created_at", Date.from(Instant.now()));
		job.putAll(fields);
		return job;
	}

	void update(String id, Bson update) {
		this.database.jobs().updateOne(Filters.eq(id), update);
	}

	Document document(String id) {
		Document found = this.database.jobs().find(Filters.eq(id)).first();
		if (found == null) {
			throw new AssertionError("No job " + id);
		}
		return found;
	}

	Job job(String id) {
		return new JobDocument(document(id)).toJob();
	}

	void stop() {
		this.worker.stop();
	}

	@Override
	public void close() {
		this.worker.stop();
		this.executor.close();
		this.application.close();
		this.database.database().drop();
		this.client.close();
	}

}
