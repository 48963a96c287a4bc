package dev.taskqueue.benchmark;

import java.util.Set;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import org.bson.Document;

/**
 * The database, as whoever measures sees it.
 */
final class Store implements AutoCloseable {

	static final String DATABASE = "benchmark";

	private final MongoClient client;

	Store(Settings settings) {
		this.client = MongoClients.create(settings.uri());
	}

	MongoDatabase database() {
		return this.client.getDatabase(DATABASE);
	}

	MongoCollection<Document> jobs() {
		return database().getCollection("taskqueue_jobs");
	}

	void clear() {
		jobs().deleteMany(Filters.empty());
	}

	/** What the server has done since it began. */
	Traffic traffic() {
		Document status = status();
		Document network = status.get("network", Document.class);
		Document process = status.get("extra_info", Document.class);
		return new Traffic(number(network, "numRequests"), number(network, "bytesIn") + number(network, "bytesOut"),
				number(process, "user_time_us") + number(process, "system_time_us"), commands(status));
	}

	/** Without what drivers ask for their own sake, and what is asked here. */
	private static long commands(Document status) {
		Document commands = status.get("metrics", Document.class).get("commands", Document.class);
		return commands.keySet()
			.stream()
			.filter((name) -> !Set.of("hello", "serverStatus").contains(name))
			.filter((name) -> commands.get(name) instanceof Document)
			.mapToLong((name) -> number(commands.get(name, Document.class), "total"))
			.sum();
	}

	/** The resident memory of the server. */
	double residentMegabytes() {
		return number(status().get("mem", Document.class), "resident");
	}

	private Document status() {
		return this.client.getDatabase("admin").runCommand(new Document("serverStatus", 1));
	}

	private static long number(Document document, String field) {
		return document.get(field, Number.class).longValue();
	}

	/** Whether all outcomes are stored of what was run. */
	boolean isNothingRunning() {
		return jobs().find(Filters.eq("state", "running")).hint(new Document("worker", 1)).first() == null;
	}

	void check(long succeeded) {
		long found = jobs().countDocuments(Filters.eq("state", "succeeded"));
		if (found != succeeded) {
			throw new IllegalStateException(found + " jobs succeeded of " + succeeded);
		}
	}

	@Override
	public void close() {
		this.client.close();
	}

	/**
	 * What the server did.
	 *
	 * @param requests round trips
	 * @param bytes over the network, in both directions
	 * @param cpu its CPU time in microseconds
	 * @param commands without those for the drivers' own sake
	 */
	record Traffic(long requests, long bytes, long cpu, long commands) {

		Traffic since(Traffic before) {
			return new Traffic(this.requests - before.requests, this.bytes - before.bytes, this.cpu - before.cpu,
					this.commands - before.commands);
		}

	}

}
