package dev.taskqueue.crontab;

import java.util.List;
import java.util.function.BooleanSupplier;

import dev.taskqueue.store.ChangeStream;
import dev.taskqueue.store.RawFields;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * Hears of rows that are inserted or changed, where the server tells.
 */
final class RowWatch {

	private static final BsonString INVALIDATE = new BsonString("invalidate");

	private final TaskQueueDatabase database;

	private final Signals signals;

	private volatile @Nullable ChangeStream stream;

	RowWatch(TaskQueueDatabase database, Signals signals) {
		this.database = database;
		this.signals = signals;
	}

	boolean isOpen() {
		return this.stream != null;
	}

	/**
	 * Listens. What changed before it was heard is found by a look through all rows, so
	 * no place in the stream is kept.
	 * @param goOn asked every ten seconds at least, and after {@link #cancel()}
	 * @throws com.mongodb.MongoException if the stream breaks
	 */
	void follow(BooleanSupplier goOn) {
		try (ChangeStream opened = ChangeStream.open(this.database, this.database.crontab(), pipeline())) {
			this.stream = opened;
			this.signals.lookThroughAll();
			boolean valid = true;
			while (valid && !opened.isOver() && goOn.getAsBoolean()) {
				RawBsonDocument change = opened.next();
				valid = change == null || hear(change);
			}
		}
		finally {
			this.stream = null;
		}
	}

	/** Ends {@link #follow} soon. */
	void cancel() {
		ChangeStream opened = this.stream;
		if (opened != null) {
			opened.cancel();
		}
	}

	private boolean hear(RawBsonDocument change) {
		if (INVALIDATE.equals(change.get("operationType"))) {
			return false;
		}
		@Nullable BsonValue id = (change.get("documentKey") instanceof RawBsonDocument key) ? RawFields.value(key, RowFields.ID)
				: null;
		this.signals.changed(id);
		return true;
	}

	/**
	 * What the server sends: the ids of undone rows that were inserted or changed by
	 * others than the scheduler. A mark never sets {@code is_done} false, and writes none
	 * but its own fields and, together with the next times, the time; an update that
	 * removes nothing but the error may be an owner's who wants the row looked at again.
	 */
	private static List<Document> pipeline() {
		Document inserted = new Document("operationType", new Document("$in", List.of("insert", "replace")))
			.append("fullDocument.is_done", false);
		Document armed = new Document("updateDescription.updatedFields.is_done", false);
		Document removed = new Document("operationType", "update").append("updateDescription.updatedFields",
				new Document());
		Document names = new Document("$map",
				new Document("input", new Document("$objectToArray", "$updateDescription.updatedFields")).append("in",
						"$$this.k"));
		Document own = new Document("$or", List.of(new Document("$in", List.of(RowFields.NEXT, names)),
				new Document("$setIsSubset", List.of(names, RowFields.OWN))));
		Document changed = new Document("operationType", "update").append("$expr", new Document("$not", List.of(own)));
		Document over = new Document("operationType", "invalidate");
		return List.of(new Document("$match", new Document("$or", List.of(inserted, armed, removed, changed, over))),
				new Document("$project", new Document("operationType", 1).append("documentKey", 1)));
	}

}
