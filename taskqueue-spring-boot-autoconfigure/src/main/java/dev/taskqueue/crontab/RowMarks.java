package dev.taskqueue.crontab;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.bulk.BulkWriteError;
import com.mongodb.bulk.BulkWriteResult;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.RawFields;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * What is written to the rows of a portion, in one bulk. Each write matches the row as it
 * was read, so that nothing of the owner's is overwritten.
 */
final class RowMarks {

	private static final Document NO_ERROR = new Document(RowFields.ERROR, "");

	private final MongoCollection<Document> rows;

	private final RowLog log;

	private final Instant now;

	private final Unmarkable unmarkable;

	private final List<RawBsonDocument> raws = new ArrayList<>();

	private final List<Document> marked = new ArrayList<>();

	private final List<@Nullable RowError> errors = new ArrayList<>();

	private final List<UpdateOneModel<Document>> updates = new ArrayList<>();

	RowMarks(MongoCollection<Document> rows, RowLog log, Unmarkable unmarkable, Instant now) {
		this.rows = rows;
		this.unmarkable = unmarkable;
		this.log = log;
		this.now = now;
	}

	/**
	 * Marks a row whose jobs are durable.
	 * @param raw the row as stored
	 * @param row the row as read
	 * @param last the last of its slots that became jobs
	 * @param next when it is due again; null is never
	 */
	void dispatched(RawBsonDocument raw, Document row, Slot last, @Nullable NextTimes next) {
		Document set = new Document(RowFields.JOB_ID, last.jobId()).append(RowFields.DISPATCHED_AT, Date.from(this.now))
			.append(RowFields.LAST_TIME, RowTime.slot(row.get(RowFields.TIME), last.due()))
			.append(RowFields.UPDATE_AT, RowTime.like(row.get(RowFields.UPDATE_AT), this.now));
		if (next == null) {
			set.append(RowFields.IS_DONE, true);
		}
		else {
			append(set, row.get(RowFields.TIME), next);
		}
		add(raw, row, new Document("$set", set).append("$unset", NO_ERROR), null);
	}

	void error(RawBsonDocument raw, Document row, RowError error) {
		if (!error.isStoredIn(row)) {
			add(raw, row, new Document("$set", new Document(RowFields.ERROR, error.toDocument(this.now))), error);
		}
	}

	/**
	 * Marks a row that is in order and not due.
	 * @param raw the row as stored
	 * @param row the row as read
	 * @param next when it is due; null leaves that as it is
	 */
	void inOrder(RawBsonDocument raw, Document row, @Nullable NextTimes next) {
		Document update = new Document();
		if (next != null) {
			Document set = new Document();
			append(set, row.get(RowFields.TIME), next);
			update.append("$set", set);
		}
		if (row.get(RowFields.ERROR) != null) {
			update.append("$unset", NO_ERROR);
		}
		if (!update.isEmpty()) {
			add(raw, row, update, null);
		}
	}

	private static void append(Document set, @Nullable Object time, NextTimes next) {
		if (next.isOver()) {
			set.append(RowFields.IS_DONE, true);
		}
		else {
			set.append(RowFields.TIME, RowTime.slot(time, next.first()));
		}
		set.append(RowFields.NEXT, next.toDocument());
	}

	/**
	 * Writes all of it.
	 * @return whether a row was changed by its owner meanwhile, so that it must be looked
	 * at again
	 */
	boolean write() {
		if (this.updates.isEmpty()) {
			return false;
		}
		BulkWriteResult result;
		int failed = 0;
		try {
			result = this.rows.bulkWrite(this.updates, new BulkWriteOptions().ordered(false));
			CrashPoint.ROW_MARKED.reached();
		}
		catch (MongoBulkWriteException ex) {
			if (ex.getWriteConcernError() != null) {
				throw ex;
			}
			result = ex.getWriteResult();
			failed = ex.getWriteErrors().size();
			for (BulkWriteError error : ex.getWriteErrors()) {
				int index = error.getIndex();
				this.unmarkable.add(this.raws.get(index));
				this.log.cannotMark(id(this.marked.get(index)), error.getMessage(), this.errors.set(index, null));
			}
		}
		for (int i = 0; i < this.errors.size(); i++) {
			RowError error = this.errors.get(i);
			if (error != null) {
				this.log.bad(id(this.marked.get(i)), error);
			}
		}
		return result.getMatchedCount() + failed < this.updates.size();
	}

	private void add(RawBsonDocument raw, Document row, Document update, @Nullable RowError error) {
		// byte for byte: what is read may not be what is stored, and would match nothing
		List<String> asStored = new ArrayList<>(List.of(RowFields.ID));
		Document absent = new Document(RowFields.IS_DONE, false);
		RowFields.TIMING.forEach((field) -> matchAsRead(asStored, absent, row, field));
		// without it, a mark that was long under way would end a row that was armed again
		matchAsRead(asStored, absent, row, RowFields.JOB_ID);
		Bson filter = Filters.and(RawFields.only(raw, asStored), absent);
		this.raws.add(raw);
		this.marked.add(row);
		this.errors.add(error);
		this.updates.add(new UpdateOneModel<>(filter, update, new UpdateOptions().hint(Indexes.BY_ID)));
	}

	private static void matchAsRead(List<String> asStored, Document absent, Document row, String field) {
		if (row.get(field) == null) {
			absent.append(field, null);
		}
		else if (canBeCompared(row.get(field))) {
			asStored.add(field);
		}
	}

	/** Null means absent too. Other types occur in rows that are refused anyway. */
	private static boolean canBeCompared(@Nullable Object value) {
		return value instanceof Number || value instanceof String || value instanceof Date || value instanceof Boolean
				|| value instanceof ObjectId;
	}

	private static String id(Document row) {
		return RowError.cut(String.valueOf(row.get(RowFields.ID)));
	}

}
