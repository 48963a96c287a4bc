package dev.taskqueue.store;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCommandException;
import com.mongodb.ReadConcern;
import com.mongodb.ReadPreference;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.UuidRepresentation;
import org.bson.codecs.Codec;
import org.bson.codecs.configuration.CodecRegistries;
import org.bson.codecs.configuration.CodecRegistry;

/**
 * The collections of the queue, with the concerns that its promise needs.
 */
public final class TaskQueueDatabase {

	/**
	 * The driver's own codecs and none of the application's. A database or collection
	 * that is given them puts the client's UUID representation back, which is why
	 * {@link BsonValues#toStored} turns UUIDs into standard binaries itself.
	 */
	static final CodecRegistry CODECS = CodecRegistries
		.withUuidRepresentation(MongoClientSettings.getDefaultCodecRegistry(), UuidRepresentation.STANDARD);

	private static final CodecRegistry STORED = CodecRegistries.fromRegistries(
			CodecRegistries.fromCodecs(new StoredDocumentCodec(), new UnreadableId.UnreadableIdCodec()), CODECS);

	private final MongoDatabase database;

	private final String prefix;

	private final String crontab;

	/**
	 * Creates one.
	 * @param database the database, with whatever concerns
	 * @param prefix of the names of all collections but the crontab
	 * @param crontab the name of the collection of schedules
	 * @param timeout the longest that one operation may take, all retries by the driver
	 * included: without one, a server that hangs would hold its callers for ever
	 */
	public TaskQueueDatabase(MongoDatabase database, String prefix, String crontab, Duration timeout) {
		this.database = database.withCodecRegistry(STORED)
			.withWriteConcern(WriteConcern.MAJORITY)
			.withReadConcern(ReadConcern.LOCAL)
			.withReadPreference(ReadPreference.primary())
			.withTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
		this.prefix = prefix;
		this.crontab = crontab;
	}

	/**
	 * The same collections with another limit for one operation.
	 * @param timeout the longest that one operation may take
	 * @return a view
	 */
	public TaskQueueDatabase withTimeout(Duration timeout) {
		return new TaskQueueDatabase(this.database, this.prefix, this.crontab, timeout);
	}

	/**
	 * The jobs, one document each.
	 * @return the collection
	 */
	public MongoCollection<Document> jobs() {
		return collection("jobs");
	}

	/**
	 * The live workers.
	 * @return the collection
	 */
	public MongoCollection<Document> workers() {
		return collection("workers");
	}

	/**
	 * What is said about queues, such as that one is paused.
	 * @return the collection
	 */
	public MongoCollection<Document> queues() {
		return collection("queues");
	}

	/**
	 * The named locks.
	 * @return the collection
	 */
	public MongoCollection<Document> locks() {
		return collection("locks");
	}

	/**
	 * The schedules, written by users.
	 * @return the collection
	 */
	public MongoCollection<Document> crontab() {
		return this.database.getCollection(this.crontab);
	}

	/**
	 * The database itself.
	 * @return the database with our concerns
	 */
	public MongoDatabase database() {
		return this.database;
	}

	/**
	 * What the server says about itself.
	 * @return the reply of {@code isMaster}, which the simplest servers know too, or of
	 * {@code hello} where only the stable API is allowed
	 */
	public Document hello() {
		try {
			return this.database.runCommand(new Document("isMaster", 1));
		}
		catch (MongoCommandException ex) {
			return this.database.runCommand(new Document("hello", 1));
		}
	}

	/**
	 * Whether the server tells of changes: a replica set or a sharded cluster does.
	 * @return true where change streams work
	 */
	public boolean hasChangeStreams() {
		Document hello = hello();
		return hello.containsKey("setName") || "isdbgrid".equals(hello.get("msg"));
	}

	/**
	 * A document as it goes to the server.
	 * @param document the document
	 * @return its bytes
	 * @throws RuntimeException if it holds a value that BSON does not know
	 */
	public static RawBsonDocument encode(Document document) {
		return new RawBsonDocument(document, CODECS.get(Document.class));
	}

	/**
	 * How documents are read and written.
	 * @return the codec
	 */
	public static Codec<Document> codec() {
		return STORED.get(Document.class);
	}

	private MongoCollection<Document> collection(String name) {
		return this.database.getCollection(this.prefix + name);
	}

}
