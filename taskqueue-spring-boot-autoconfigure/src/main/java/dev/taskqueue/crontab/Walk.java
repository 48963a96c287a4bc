package dev.taskqueue.crontab;

import java.util.ArrayList;
import java.util.List;

import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoCursor;
import dev.taskqueue.store.RawFields;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonUndefined;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Rows in the order of an index, a portion at a time. Each portion is a query of its own
 * that begins behind the last row of the one before, so that no cursor lives long, rows
 * that stay are passed once, and what is held is bounded in rows and bytes.
 * <p>
 * The range is given as bounds of index keys, not as a filter: as soon as one row of the
 * collection has an array in an indexed field, a filter bounds the scan on one side only.
 */
final class Walk {

	/** A row may be as large as 16 MB; one such is a portion. */
	static final int PORTION_BYTES = 8 * 1024 * 1024;

	private final MongoCollection<RawBsonDocument> rows;

	private final Range range;

	private final int batchSize;

	private final boolean sorted;

	private BsonDocument from;

	private @Nullable BsonValue lastId;

	private @Nullable BsonValue formerFirstId;

	private boolean over;

	/**
	 * Creates one.
	 * @param rows the rows
	 * @param range which of them
	 * @param batchSize the most rows of a portion
	 * @param sorted whether the order must be asked for, because more than one server or
	 * one without index bounds may answer
	 */
	Walk(MongoCollection<RawBsonDocument> rows, Range range, int batchSize, boolean sorted) {
		this.rows = rows;
		this.range = range;
		this.batchSize = batchSize;
		this.sorted = sorted;
		this.from = range.from();
	}

	boolean isOver() {
		return this.over;
	}

	/**
	 * Reads on.
	 * @return the next rows, maybe none
	 */
	List<RawBsonDocument> next() {
		List<RawBsonDocument> portion = new ArrayList<>();
		int read = 0;
		long bytes = 0;
		// one more than asked for: the last row of the portion before is passed again
		int limit = this.batchSize + 1;
		try (MongoCursor<RawBsonDocument> cursor = query(limit).iterator()) {
			while (portion.size() < this.batchSize && bytes < PORTION_BYTES && cursor.hasNext()) {
				RawBsonDocument row = cursor.next();
				read++;
				if (this.lastId == null || !this.lastId.equals(idOf(row))) {
					portion.add(row);
					bytes += row.getByteBuffer().remaining();
				}
			}
		}
		this.over = read < limit && portion.size() < this.batchSize && bytes < PORTION_BYTES;
		goOnBehind(portion);
		return portion;
	}

	private FindIterable<RawBsonDocument> query(int limit) {
		FindIterable<RawBsonDocument> query = this.rows.find(this.range.filter())
			.hint(this.range.index())
			.min(this.from)
			.limit(limit)
			.batchSize(limit);
		if (this.range.to() != null) {
			query.max(this.range.to());
		}
		return this.sorted ? query.sort(this.range.index()) : query;
	}

	private void goOnBehind(List<RawBsonDocument> portion) {
		if (portion.isEmpty()) {
			return;
		}
		@Nullable BsonValue firstId = idOf(portion.get(0));
		// A server without index bounds begins at the same row again if that one stays
		this.over |= firstId != null && firstId.equals(this.formerFirstId);
		this.formerFirstId = firstId;
		for (int i = portion.size() - 1; i >= 0; i--) {
			BsonDocument key = keyOf(portion.get(i));
			if (key != null) {
				this.from = key;
				this.lastId = idOf(portion.get(i));
				return;
			}
		}
	}

	private static @Nullable BsonValue idOf(RawBsonDocument row) {
		return RawFields.value(row, RowFields.ID);
	}

	/**
	 * The place of a row in the index.
	 * @param row the row
	 * @return the key; or null where it has several, because of an array, or where it
	 * cannot be read
	 */
	private @Nullable BsonDocument keyOf(RawBsonDocument row) {
		BsonDocument key = new BsonDocument();
		for (String path : this.range.index().keySet()) {
			BsonValue value = row;
			for (String field : path.split("\\.", -1)) {
				if (value instanceof RawBsonDocument document && document.containsKey(field)) {
					value = RawFields.value(document, field);
					if (value == null) {
						return null;
					}
				}
				else {
					value = null;
				}
			}
			if (value instanceof BsonArray || value instanceof BsonUndefined) {
				return null;
			}
			key.append(path, (value != null) ? value : BsonNull.VALUE);
		}
		return key;
	}

	/**
	 * A part of an index.
	 *
	 * @param index the index's keys
	 * @param from the first key, included
	 * @param to the last key, excluded; null is the end of the index
	 * @param filter what else must hold, and the range once more for servers that know no
	 * bounds (the embedded one)
	 */
	record Range(BsonDocument index, BsonDocument from, @Nullable BsonDocument to, Bson filter) {
	}

}
