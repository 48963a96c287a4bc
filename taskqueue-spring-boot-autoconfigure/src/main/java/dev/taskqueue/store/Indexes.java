package dev.taskqueue.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.mongodb.MongoException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.IndexModel;
import com.mongodb.client.model.IndexOptions;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.conversions.Bson;

/**
 * The indexes, few and partial where they can be: each write of a job pays for every one
 * that it moves.
 */
public final class Indexes {

	/**
	 * The order in which due jobs of a queue are taken, for each function apart: a node
	 * passes no job that it cannot run, however many there are.
	 */
	public static final Bson CLAIM = new Document("queue", 1).append("function", 1)
		.append("priority", -1)
		.append("run_at", 1);

	/** What a worker holds. */
	public static final Bson RUNNING = new Document("worker", 1);

	/**
	 * Pending jobs that are to be started by a certain time. Those that are not pay
	 * nothing for it.
	 */
	public static final Bson EXPIRY = new Document("expires_at", 1);

	/**
	 * The unique keys of jobs that have one. Sparse and not partial, which the simplest
	 * servers take for unique among all.
	 */
	public static final Bson UNIQUE = new Document("unique_key", 1);

	/** The jobs that wait for a lock, those that have waited longest first. */
	public static final Bson WAITING = new Document(LockWait.LOCK, 1).append(LockWait.SINCE, 1).append("_id", 1);

	/** The end of retention. Sparse: a job has none before it ends. */
	public static final Bson RETENTION = new Document("delete_at", 1);

	/**
	 * The undone rows of the crontab that are in order, by their time. The id makes each
	 * key a place to go on from: a million rows may share one time.
	 */
	public static final Bson DUE_ROWS = new Document("time", 1).append("_id", 1);

	/**
	 * The undone rows of the crontab with an error, apart from the others: so no number
	 * of them is in the way of those in order.
	 */
	public static final Bson ERROR_ROWS = new Document("error.field", 1).append("time", 1).append("_id", 1);

	/** The undone rows of the crontab that recur. */
	public static final Bson RECURRING_ROWS = new Document("next.schedule", 1).append("_id", 1);

	/** The way to a job by its id, as a hint. */
	public static final Bson BY_ID = new Document("_id", 1);

	private static final List<Index> JOBS = List.of(
			new Index(CLAIM, new IndexOptions().partialFilterExpression(Filters.eq("state", "pending"))),
			new Index(RUNNING, new IndexOptions().partialFilterExpression(Filters.eq("state", "running"))),
			new Index(EXPIRY,
					new IndexOptions().partialFilterExpression(
							new Document("state", "pending").append("expires_at", new Document("$exists", true)))),
			new Index(WAITING,
					new IndexOptions().partialFilterExpression(
							Filters.and(Filters.eq("state", "pending"), Filters.exists(LockWait.LOCK)))),
			new Index(RETENTION, new IndexOptions().expireAfter(0L, TimeUnit.SECONDS).sparse(true)));

	/** Apart: it cannot be built while jobs have the same key. */
	private static final List<Index> KEYS = List.of(new Index(UNIQUE, new IndexOptions().unique(true).sparse(true)));

	private static final List<Index> ROWS = List.of(
			new Index(DUE_ROWS,
					new IndexOptions().partialFilterExpression(new Document("is_done", false).append("error", null))),
			new Index(ERROR_ROWS,
					new IndexOptions().partialFilterExpression(
							new Document("is_done", false).append("error", new Document("$exists", true)))),
			new Index(RECURRING_ROWS, new IndexOptions().partialFilterExpression(
					new Document("is_done", false).append("next.schedule", new Document("$exists", true)))));

	private static final int BAD_VALUE = 2;

	private static final int DUPLICATE_KEY = 11_000;

	private Indexes() {
	}

	/**
	 * Creates what is missing, the index of unique keys at last.
	 * @param database the collections
	 * @throws MongoException if the server fails, or as {@link #isRefusedForKeys} says
	 */
	public static void create(TaskQueueDatabase database) {
		create(JOBS, database.jobs());
		create(ROWS, database.crontab());
		create(KEYS, database.jobs());
	}

	/**
	 * The same as lines for a database administrator to run in {@code mongosh}.
	 * @param database the collections
	 * @return one line an index
	 */
	public static List<String> commands(TaskQueueDatabase database) {
		List<String> commands = new ArrayList<>();
		Stream.concat(JOBS.stream(), KEYS.stream()).forEach((index) -> commands.add(index.command(database.jobs())));
		ROWS.forEach((index) -> commands.add(index.command(database.crontab())));
		return commands;
	}

	/**
	 * The lines of {@link #commands} whose index is not there.
	 * @param database the collections
	 * @return one line an index; none when all is well
	 * @throws com.mongodb.MongoException if the server cannot be reached
	 */
	public static List<String> missing(TaskQueueDatabase database) {
		List<String> commands = new ArrayList<>();
		addMissing(commands, Stream.concat(JOBS.stream(), KEYS.stream()).toList(), database.jobs());
		addMissing(commands, ROWS, database.crontab());
		return commands;
	}

	/**
	 * Whether a query was refused since an index that it names is not there.
	 * @param exception what the driver threw
	 * @return true if so
	 */
	public static boolean isMissed(RuntimeException exception) {
		return exception instanceof MongoException refusal && refusal.getCode() == BAD_VALUE
				&& String.valueOf(refusal.getMessage()).contains("hint provided does not correspond");
	}

	/**
	 * Whether all is there but the index of unique keys, since several jobs have the same
	 * one.
	 * @param exception what {@link #create} threw
	 * @return true if so
	 */
	public static boolean isRefusedForKeys(MongoException exception) {
		return exception.getCode() == DUPLICATE_KEY;
	}

	private static void create(List<Index> indexes, MongoCollection<Document> collection) {
		collection.createIndexes(indexes.stream().map(Index::toModel).toList());
	}

	private static void addMissing(List<String> commands, List<Index> indexes, MongoCollection<Document> collection) {
		List<BsonDocument> present = collection.listIndexes(BsonDocument.class)
			.map((index) -> index.getDocument("key"))
			.into(new ArrayList<>());
		indexes.stream()
			.filter((index) -> present.stream().noneMatch(index::hasKeys))
			.forEach((index) -> commands.add(index.command(collection)));
	}

	private record Index(Bson keys, IndexOptions options) {

		/** The types of the numbers may differ: mongosh writes doubles. */
		boolean hasKeys(BsonDocument present) {
			BsonDocument wanted = this.keys.toBsonDocument();
			return List.copyOf(present.keySet()).equals(List.copyOf(wanted.keySet())) && wanted.keySet()
				.stream()
				.allMatch((key) -> present.isNumber(key)
						&& present.getNumber(key).intValue() == wanted.getNumber(key).intValue());
		}

		IndexModel toModel() {
			return new IndexModel(this.keys, this.options);
		}

		String command(MongoCollection<Document> collection) {
			Document arguments = new Document();
			if (this.options.getPartialFilterExpression() != null) {
				arguments.append("partialFilterExpression",
						Document.parse(this.options.getPartialFilterExpression().toBsonDocument().toJson()));
			}
			if (this.options.isUnique()) {
				arguments.append("unique", true).append("sparse", true);
			}
			Long seconds = this.options.getExpireAfter(TimeUnit.SECONDS);
			if (seconds != null) {
				arguments.append("expireAfterSeconds", seconds.intValue());
			}
			return "db.getCollection(\"%s\").createIndex(%s, %s)".formatted(
					collection.getNamespace().getCollectionName(), this.keys.toBsonDocument().toJson(),
					arguments.toJson());
		}

	}

}
