package dev.taskqueue.crontab;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import com.mongodb.ReadConcern;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoCursor;
import com.mongodb.client.MongoIterable;
import dev.taskqueue.store.RawFields;
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

	private static final long AWAIT_MS = 2000;

	/** Else a reply may have 16 MB, of which the driver makes several times as much. */
	private static final int BATCH_SIZE = 1000;

	private final MongoCollection<Document> rows;

	private final Signals signals;

	private final long awaitMillis;

	private volatile boolean open;

	RowWatch(MongoCollection<Document> rows, Signals signals) {
		// the only read concern that the server takes for a change stream
		this.rows = rows.withReadConcern(ReadConcern.MAJORITY);
		this.signals = signals;
		Long limit = rows.getTimeout(TimeUnit.MILLISECONDS);
		// the driver refuses a wait that its limit for one operation would cut
		this.awaitMillis = (limit != null && limit > 0) ? Math.min(AWAIT_MS, limit / 2) : AWAIT_MS;
	}

	boolean isOpen() {
		return this.open;
	}

	/**
	 * Listens. What changed before it was heard is found by a look through all rows, so
	 * no place in the stream is kept.
	 * @param goOn asked every two seconds at least
	 * @throws com.mongodb.MongoException if the stream breaks
	 */
	void follow(BooleanSupplier goOn) {
		MongoIterable<RawBsonDocument> stream = this.rows.watch(pipeline())
			.batchSize(BATCH_SIZE)
			.maxAwaitTime(this.awaitMillis, TimeUnit.MILLISECONDS)
			// the driver may be unable to read an id
			.withDocumentClass(RawBsonDocument.class);
		try (MongoCursor<RawBsonDocument> cursor = stream.cursor()) {
			this.open = true;
			this.signals.lookThroughAll();
			while (goOn.getAsBoolean()) {
				RawBsonDocument change = cursor.tryNext();
				if ((change != null) ? !hear(change) : cursor.getServerCursor() == null) {
					return;
				}
			}
		}
		finally {
			this.open = false;
		}
	}

	private boolean hear(RawBsonDocument change) {
		if (INVALIDATE.equals(change.get("operationType"))) {
			return false;
		}
		@Nullable BsonValue id = (change.get("documentKey") instanceof RawBsonDocument key) ? RawFields.value(key, RowFields.ID)
				: null;
		if (id != null) {
			this.signals.changed(id);
		}
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
