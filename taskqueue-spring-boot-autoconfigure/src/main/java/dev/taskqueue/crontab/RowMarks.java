package dev.taskqueue.crontab;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.bulk.BulkWriteError;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateManyModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.WriteModel;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.Outage;
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

	private static final UpdateOptions BY_ID = new UpdateOptions().hint(Indexes.BY_ID);

	private final MongoCollection<Document> rows;

	private final RowLog log;

	private final Instant now;

	private final Unmarkable unmarkable;

	private final boolean together;

	private final List<Mark> marks = new ArrayList<>();

	/**
	 * Creates one.
	 * @param together whether the server can make the id of a job from that of its row,
	 * so that one statement marks many rows
	 */
	RowMarks(MongoCollection<Document> rows, RowLog log, Unmarkable unmarkable, Instant now, boolean together) {
		this.rows = rows;
		this.unmarkable = unmarkable;
		this.log = log;
		this.now = now;
		this.together = together;
	}

	/**
	 * Marks a row whose jobs are durable.
	 * @param raw the row as stored
	 * @param row the row as read
	 * @param last the last of its slots that became jobs
	 * @param next when it is due again; null is never
	 */
	void dispatched(RawBsonDocument raw, Document row, Slot last, @Nullable NextTimes next) {
		Document set = new Document(RowFields.DISPATCHED_AT, Date.from(this.now))
			.append(RowFields.LAST_TIME, RowTime.slot(row.get(RowFields.TIME), last.due()))
			.append(RowFields.UPDATE_AT, RowTime.like(row.get(RowFields.UPDATE_AT), this.now));
		if (next == null) {
			set.append(RowFields.IS_DONE, true);
		}
		else {
			append(set, row.get(RowFields.TIME), next);
		}
		boolean many = this.together && next == null && row.get(RowFields.ID) instanceof ObjectId id
				&& last.jobId().equals(SlotId.second(last.due()) + id.toHexString());
		Likeness like = many ? new Likeness(asRead(raw, row, false), SlotId.second(last.due()), set) : null;
		add(raw, row, new Document("$set", new Document(set).append(RowFields.JOB_ID, last.jobId())).append("$unset",
				NO_ERROR), null, like);
	}

	/**
	 * Marks a row whose slot is left out, since a job goes on.
	 * @param raw the row as stored
	 * @param row the row as read
	 * @param slot the last of the slots that are left out
	 * @param next when it is due again
	 * @param job the id of the job that goes on
	 */
	void skipped(RawBsonDocument raw, Document row, Instant slot, NextTimes next, Object job) {
		Document skipped = new Document("time", Date.from(slot)).append("at", Date.from(this.now))
			.append("job_id", job);
		Document set = new Document(RowFields.SKIPPED, skipped);
		append(set, row.get(RowFields.TIME), next);
		add(raw, row, new Document("$set", set).append("$unset", NO_ERROR), null, null);
	}

	void error(RawBsonDocument raw, Document row, RowError error) {
		if (!error.isStoredIn(row)) {
			add(raw, row, new Document("$set", new Document(RowFields.ERROR, error.toDocument(this.now))), error, null);
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
			add(raw, row, update, null, null);
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
		if (this.marks.isEmpty()) {
			return false;
		}
		Map<Object, List<Mark>> statements = new LinkedHashMap<>();
		for (Mark mark : this.marks) {
			Object key = (mark.like() != null) ? mark.like() : mark;
			statements.computeIfAbsent(key, (first) -> new ArrayList<>()).add(mark);
		}
		Set<Mark> unsaid = new HashSet<>();
		long treated = write(List.copyOf(statements.values()), unsaid);
		for (Mark mark : this.marks) {
			if (mark.error() != null && !unsaid.contains(mark)) {
				this.log.bad(id(mark.row()), mark.error());
			}
		}
		return treated < this.marks.size();
	}

	/**
	 * Writes.
	 * @param statements the rows of each
	 * @param unsaid gets those that cannot be marked
	 * @return how many rows are marked, or cannot be
	 */
	private long write(List<List<Mark>> statements, Set<Mark> unsaid) {
		List<List<Mark>> apart = new ArrayList<>();
		long treated = 0;
		try {
			treated = this.rows
				.bulkWrite(statements.stream().map(RowMarks::model).toList(), new BulkWriteOptions().ordered(false))
				.getMatchedCount();
			CrashPoint.ROW_MARKED.reached();
		}
		catch (MongoBulkWriteException ex) {
			if (ex.getWriteConcernError() != null
					|| ex.getWriteErrors().stream().anyMatch((error) -> Outage.isPassing(error.getCode()))) {
				throw ex;
			}
			treated = ex.getWriteResult().getMatchedCount();
			for (BulkWriteError error : ex.getWriteErrors()) {
				List<Mark> statement = statements.get(error.getIndex());
				if (statement.size() == 1) {
					Mark mark = statement.get(0);
					this.unmarkable.add(mark.raw());
					this.log.cannotMark(id(mark.row()), error.getMessage(), mark.error());
					unsaid.add(mark);
					treated++;
				}
				else {
					statement.forEach((mark) -> apart.add(List.of(mark)));
				}
			}
		}
		// those that came before the one that was refused are marked, match nothing
		// now, and were counted
		return apart.isEmpty() ? treated : treated + write(apart, unsaid);
	}

	private static UpdateManyModel<Document> many(List<Mark> statement, Likeness like) {
		List<Object> ids = statement.stream().map((mark) -> mark.row().get(RowFields.ID)).toList();
		Document set = new Document();
		like.set().forEach((field, value) -> set.append(field, new Document("$literal", value)));
		set.append(RowFields.JOB_ID,
				new Document("$concat", List.of(like.slot(), new Document("$toString", "$" + RowFields.ID))));
		return new UpdateManyModel<>(Filters.and(Filters.in(RowFields.ID, ids), like.asRead()),
				List.of(new Document("$set", set), new Document("$unset", RowFields.ERROR)), BY_ID);
	}

	/** None that the driver may repeat: what for is told in decision 0040. */
	private static WriteModel<Document> model(List<Mark> statement) {
		Mark first = statement.get(0);
		return (statement.size() > 1 && first.like() != null) ? many(statement, first.like())
				: new UpdateManyModel<>(first.filter(), first.update(), BY_ID);
	}

	private void add(RawBsonDocument raw, Document row, Document update, @Nullable RowError error,
			@Nullable Likeness like) {
		this.marks.add(new Mark(raw, row, asRead(raw, row, true), update, error, like));
	}

	/** Byte for byte: what is read may not be what is stored, and would match nothing. */
	private static Bson asRead(RawBsonDocument raw, Document row, boolean withId) {
		List<String> asStored = new ArrayList<>();
		if (withId) {
			asStored.add(RowFields.ID);
		}
		Document absent = new Document(RowFields.IS_DONE, false);
		RowFields.TIMING.forEach((field) -> matchAsRead(asStored, absent, row, field));
		// without it, a mark that was long under way would end a row that was armed again
		matchAsRead(asStored, absent, row, RowFields.JOB_ID);
		return Filters.and(RawFields.only(raw, asStored), absent);
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

	/**
	 * What is written to a row.
	 *
	 * @param raw the row as stored
	 * @param row the row as read
	 * @param filter finds it as long as it is as it was read
	 * @param update what is written
	 * @param error what is wrong with it
	 * @param like what it has in common with others that are marked together with it
	 */
	private record Mark(RawBsonDocument raw, Document row, Bson filter, Document update, @Nullable RowError error,
			@Nullable Likeness like) {

		@Override
		public boolean equals(@Nullable Object other) {
			return this == other;
		}

		@Override
		public int hashCode() {
			return System.identityHashCode(this);
		}

	}

	/**
	 * What is the same in rows that are marked together.
	 *
	 * @param asRead finds them, with their ids, as long as they are as they were read
	 * @param slot what the ids of their jobs begin with; their own ids follow
	 * @param set what is written besides
	 */
	private record Likeness(Bson asRead, String slot, Document set) {
	}

}
