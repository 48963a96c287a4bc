package dev.taskqueue.client;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import dev.taskqueue.testsupport.Steerings;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The driver's own retries are off, so that each failure reaches our code. */
class AwaitOutageIT {

	@SuppressWarnings("NullAway.Init")
	private static OwnMongoServer server;

	@SuppressWarnings("NullAway.Init")
	private static MongoClient client;

	@SuppressWarnings("NullAway.Init")
	private static TaskQueueDatabase database;

	private final JobQueries queries = new JobQueries(database, Clock.systemUTC());

	private final StoredJobHandle<Object> handle = new StoredJobHandle<>("a", Object.class, this.queries,
			new ArgumentMapper(new JsonMapper(), BsonValues::toPlain), new JobWaits(this.queries),
			Steerings.on(database, Clock.systemUTC()), false);

	@BeforeAll
	static void start() {
		server = MongoServer.startOwn(true);
		client = MongoClients.create(server.uri() + (server.uri().contains("?") ? "&" : "?") + "retryReads=false");
		database = new TaskQueueDatabase(client.getDatabase("await"), "taskqueue_", "crontab_jobs",
				Duration.ofSeconds(10));
		database.jobs().insertOne(new Document("_id", "a").append("state", "succeeded").append("result", "done"));
	}

	@AfterAll
	static void stop() {
		client.close();
		server.close();
	}

	@AfterEach
	void mend() {
		client.getDatabase("admin").runCommand(Document.parse("{configureFailPoint: 'failCommand', mode: 'off'}"));
	}

	@Test
	void awaitOutlivesAnOutage() throws TimeoutException, InterruptedException {
		fail(new Document("times", 4));

		assertThat(this.handle.await(Duration.ofSeconds(30))).isEqualTo("done");
	}

	@Test
	void awaitSaysThatTheStoreCouldNotBeReadWhenTheOutageOutlivesIt() {
		fail("alwaysOn");

		assertThatExceptionOfType(TaskQueueException.class).isThrownBy(() -> this.handle.await(Duration.ofSeconds(1)))
			.withMessageContaining("MongoDB could not be read");
	}

	@Test
	void completionOutlivesAnOutage() throws Exception {
		fail(new Document("times", 2));

		assertThat(this.handle.completion().get(30, TimeUnit.SECONDS)).isEqualTo("done");
	}

	private static void fail(Object mode) {
		client.getDatabase("admin")
			.runCommand(new Document("configureFailPoint", "failCommand").append("mode", mode)
				.append("data", new Document("failCommands", List.of("find")).append("closeConnection", true)));
	}

}
