package dev.taskqueue.testsupport;

import java.util.UUID;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;

/**
 * The embedded server on which the sample starts where no MongoDB is configured: in this
 * process, in memory, without transactions and change streams.
 */
public final class EmbeddedServer implements AutoCloseable {

	private final MongoServer server = new MongoServer(new MemoryBackend());

	private final String uri = this.server.bindAndGetConnectionString();

	private final MongoClient client = MongoClients.create(this.uri);

	private EmbeddedServer() {
	}

	public static EmbeddedServer start() {
		return new EmbeddedServer();
	}

	/**
	 * The connection string, without a database.
	 */
	public String uri() {
		return this.uri;
	}

	public MongoClient client() {
		return this.client;
	}

	/**
	 * An empty database with a name of its own.
	 */
	public MongoDatabase freshDatabase() {
		return this.client.getDatabase("t" + UUID.randomUUID().toString().substring(0, 8));
	}

	@Override
	public void close() {
		this.client.close();
		this.server.shutdownNow();
	}

}
