package dev.taskqueue.client;

import java.time.Duration;
import java.util.UUID;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On a stand-alone server, which tells of no changes. */
class WatchPollingIT extends WatchContract {

	@SuppressWarnings("NullAway.Init")
	private static OwnMongoServer server;

	@SuppressWarnings("NullAway.Init")
	private static MongoClient client;

	WatchPollingIT() {
		super(new TaskQueueDatabase(client.getDatabase("w" + UUID.randomUUID().toString().substring(0, 8)),
				"taskqueue_", "crontab_jobs", Duration.ofSeconds(10)));
	}

	@BeforeAll
	static void start() {
		server = MongoServer.startOwn(false);
		client = MongoClients.create(server.uri());
	}

	@AfterAll
	static void stop() {
		client.close();
		server.close();
	}

}
