package dev.taskqueue.store;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.mongodb.MongoException;
import com.mongodb.ReadConcern;
import com.mongodb.ServerCursor;
import com.mongodb.client.ChangeStreamIterable;
import com.mongodb.client.MongoCursor;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the server tells of changes in a collection, for one thread. An idle server is
 * asked six times a minute; another thread may {@link #cancel() end} that.
 */
public final class ChangeStream implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(ChangeStream.class);

	/** How long one question waits for a change. */
	private static final Duration AWAIT = Duration.ofSeconds(10);

	private static final Duration CANCEL = Duration.ofSeconds(1);

	/** Else a reply may have 16 MB, of which the driver makes several times as much. */
	private static final int BATCH_SIZE = 1000;

	private final MongoCollection<Document> collection;

	private final MongoDatabase database;

	private final MongoCursor<RawBsonDocument> cursor;

	private volatile @Nullable ServerCursor open;

	private volatile boolean cancelled;

	private ChangeStream(TaskQueueDatabase database, MongoCollection<Document> collection,
			MongoCursor<RawBsonDocument> cursor) {
		this.database = database.withTimeout(CANCEL).database();
		this.collection = collection;
		this.cursor = cursor;
		this.open = cursor.getServerCursor();
	}

	/**
	 * Opens one, for what changes from now on.
	 * @param database has the collection
	 * @param collection the collection
	 * @param pipeline which changes, and what of them
	 * @return the stream, to be closed
	 * @throws MongoException if the server tells of no changes, or cannot be reached
	 */
	public static ChangeStream open(TaskQueueDatabase database, MongoCollection<Document> collection,
			List<? extends Bson> pipeline) {
		return open(database, collection, pipeline, null);
	}

	/**
	 * Opens one that goes on where another one was.
	 * @param database has the collection
	 * @param collection the collection
	 * @param pipeline which changes, and what of them
	 * @param place the {@code _id} of the last change that the other one told; null for
	 * what changes from now on
	 * @return the stream, to be closed
	 * @throws MongoException as {@link #open(TaskQueueDatabase, MongoCollection, List)},
	 * or if the server does not remember the place
	 */
	public static ChangeStream open(TaskQueueDatabase database, MongoCollection<Document> collection,
			List<? extends Bson> pipeline, @Nullable BsonDocument place) {
		ChangeStreamIterable<Document> changes =
				// the only read concern that the server takes for it
				collection.withReadConcern(ReadConcern.MAJORITY)
					// the driver refuses a wait that its limit for one operation would
					// cut
					.withTimeout(AWAIT.multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS)
					.watch(pipeline)
					.batchSize(BATCH_SIZE)
					.maxAwaitTime(AWAIT.toMillis(), TimeUnit.MILLISECONDS);
		if (place != null) {
			changes.resumeAfter(place);
		}
		return new ChangeStream(database, collection,
				// the driver may be unable to read a value
				changes.withDocumentClass(RawBsonDocument.class).cursor());
	}

	/**
	 * The next change.
	 * @return the change as the pipeline made it; null if there was none for some
	 * seconds, or if the stream is over
	 * @throws MongoException if the stream broke
	 */
	public @Nullable RawBsonDocument next() {
		if (this.cancelled) {
			return null;
		}
		try {
			RawBsonDocument change = this.cursor.tryNext();
			this.open = this.cursor.getServerCursor();
			return change;
		}
		catch (RuntimeException ex) {
			// ended from outside; or the client was closed meanwhile
			if (this.cancelled) {
				return null;
			}
			throw ex;
		}
	}

	/**
	 * Whether nothing comes any more, since it was cancelled, or the collection was
	 * dropped or renamed: nothing else says so.
	 * @return true if so
	 */
	public boolean isOver() {
		return this.cancelled || this.open == null;
	}

	/**
	 * Whether it is over because of {@link #cancel()}.
	 * @return true if so
	 */
	public boolean isCancelled() {
		return this.cancelled;
	}

	/**
	 * Has the stream be over, and {@link #next()} return with the next write of anybody
	 * to the server, of which there are many in a rush: before that, a question that
	 * waits does not notice. For any thread.
	 */
	public void cancel() {
		ServerCursor asked = this.open;
		this.cancelled = true;
		if (asked == null) {
			return;
		}
		try {
			this.database.runCommand(new Document("killCursors", this.collection.getNamespace().getCollectionName())
				.append("cursors", List.of(asked.getId())));
		}
		catch (RuntimeException ex) {
			// no server, or a client that is closed
			logger.debug("A question to a change stream goes on until its time is over", ex);
		}
	}

	@Override
	public void close() {
		this.open = null;
		this.cursor.close();
	}

}
