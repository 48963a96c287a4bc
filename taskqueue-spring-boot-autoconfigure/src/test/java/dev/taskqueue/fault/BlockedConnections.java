package dev.taskqueue.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commands of the application's own that hold connections of its pool.
 */
final class BlockedConnections implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(BlockedConnections.class);

	private static final Duration SOON = Duration.ofMinutes(2);

	private final MongoClient admin;

	private final MongoDatabase application;

	private final int count;

	private final List<Thread> threads = new ArrayList<>();

	/**
	 * Creates them; nothing is sent.
	 * @param uri of the server, for a client beside the application's
	 * @param application the client of the application
	 * @param count how many connections are held
	 */
	BlockedConnections(String uri, MongoClient application, int count) {
		this.admin = MongoClients.create(uri);
		this.application = application.getDatabase("admin");
		this.count = count;
	}

	/** Returns when all are held. */
	void begin() {
		for (int i = 0; i < this.count; i++) {
			Thread thread = new Thread(this::sleep, "blocked-" + i);
			thread.start();
			this.threads.add(thread);
		}
		Awaitility.await(this.count + " connections to be held")
			.atMost(SOON)
			.pollInterval(Duration.ofMillis(20))
			.until(() -> held().size() == this.count);
	}

	private void sleep() {
		try {
			this.application.runCommand(new Document("sleep", 1).append("millis", 600_000).append("lock", "none"));
		}
		catch (MongoException ex) {
			// killed by end()
			logger.debug("A sleep ended", ex);
		}
	}

	private List<Object> held() {
		return database()
			.aggregate(List.of(new Document("$currentOp", new Document("allUsers", true)),
					new Document("$match", new Document("command.sleep", new Document("$exists", true)))))
			.map((operation) -> operation.get("opid"))
			.into(new ArrayList<>());
	}

	private MongoDatabase database() {
		return this.admin.getDatabase("admin");
	}

	/** Returns when none is held any more. */
	void end() {
		held().forEach((operation) -> database().runCommand(new Document("killOp", 1).append("op", operation)));
		Awaitility.await("no connection to be held")
			.atMost(SOON)
			.until(() -> this.threads.stream().noneMatch(Thread::isAlive));
	}

	@Override
	public void close() {
		end();
		this.admin.close();
	}

}
