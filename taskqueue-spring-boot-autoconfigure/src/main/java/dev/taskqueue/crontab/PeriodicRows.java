package dev.taskqueue.crontab;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.BsonType;
import org.bson.Document;
import org.bson.codecs.Codec;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows of periodic jobs. Their {@code _id} follows from the name, so that all nodes
 * mean the same row, and a row of another program is none of them whatever its name.
 */
final class PeriodicRows {

	private static final Logger logger = LoggerFactory.getLogger(PeriodicRows.class);

	private static final String PREFIX = "periodic:";

	/** The next text behind all that begin with the prefix. */
	private static final String BEHIND = "periodic;";

	/**
	 * The source of jobs that nobody asks for again: they stay until they are removed.
	 */
	static final String API = "api";

	/** What is told as the source of a row that people or other programs wrote. */
	static final String HAND = "hand";

	private static final String PAUSED = "paused";

	/** Who loses against another node so often has a clash to tell of. */
	private static final int TRIES = 10;

	/** What a new schedule is told by: its next time is worked out anew. */
	private static final List<String> SCHEDULE = List.of(RowFields.CRON, RowFields.EVERY, RowFields.ZONE,
			RowFields.START_TIME, RowFields.END_TIME);

	/** Finds the rows that {@link #isPeriodic} is true of. */
	static final Bson PERIODIC = Filters.and(Filters.gte(RowFields.ID, PREFIX), Filters.lt(RowFields.ID, BEHIND),
			Filters.type(RowFields.SOURCE, BsonType.STRING));

	private final MongoCollection<Document> rows;

	private final Codec<Document> codec;

	private final Clock clock;

	PeriodicRows(TaskQueueDatabase database, Clock clock) {
		this.rows = database.crontab();
		this.codec = this.rows.getCodecRegistry().get(Document.class);
		this.clock = clock;
	}

	static String id(String name) {
		return PREFIX + name;
	}

	/** Whether an id is one that a periodic job's row may have. */
	static boolean isId(String id) {
		return id.startsWith(PREFIX);
	}

	static String name(Document row) {
		return String.valueOf(row.get(RowFields.ID)).substring(PREFIX.length());
	}

	/** Whether a row is one of a periodic job, and no other program's. */
	static boolean isPeriodic(Document row) {
		return row.get(RowFields.ID) instanceof String id && isId(id) && row.get(RowFields.SOURCE) instanceof String;
	}

	/** What people call a row: a periodic job's name, or the id. */
	static String label(Document row) {
		return isPeriodic(row) ? name(row) : String.valueOf(row.get(RowFields.ID));
	}

	/**
	 * What a worker tells that it asks for, so that this row goes on running.
	 * @param row a row of the crontab
	 * @return the key; null for a row that runs whoever lives
	 */
	static @Nullable String key(Document row) {
		return (isPeriodic(row) && row.get(RowFields.SOURCE) instanceof String source && !source.equals(API))
				? key(source, name(row)) : null;
	}

	static String key(String source, String name) {
		return (source.equals(PeriodicSources.CODE) || source.equals(PeriodicSources.PROPERTIES)) ? source + "/" + name
				: source;
	}

	static boolean isRemoved(Document row) {
		return row.get(RowFields.REMOVED) != null;
	}

	@Nullable Document find(String name) {
		Document row = this.rows.find(Filters.eq(RowFields.ID, id(name))).hint(Indexes.BY_ID).first();
		return (row != null && row.get(RowFields.SOURCE) instanceof String) ? row : null;
	}

	/** All rows of periodic jobs, ordered by name. */
	List<Document> list() {
		return list(0, null);
	}

	/** Rows of periodic jobs by name, behind an id; a limit of 0 is none. */
	List<Document> list(int limit, @Nullable Object after) {
		Bson wanted = (after != null) ? Filters.and(PERIODIC, Filters.gt(RowFields.ID, after)) : PERIODIC;
		return this.rows.find(wanted).sort(Indexes.BY_ID).hint(Indexes.BY_ID).limit(limit).into(new ArrayList<>());
	}

	/**
	 * Has a row say what its source asks for. Only what the source says otherwise than
	 * before is written: what people changed by hand stays, and so do the next time and
	 * the marks of the scheduler.
	 * @param source the source
	 * @param definition what it asks for
	 * @param known the row as read, or null to read it
	 * @param isStart whether to note that a node asks for it from now on
	 * @param isFree whether a row of another source may be taken over
	 * @return false where another source has the name, or another program the id
	 */
	boolean put(String source, Document definition, @Nullable Document known, boolean isStart,
			Predicate<Document> isFree) {
		Document wanted = TaskQueueDatabase.encode(definition).decode(this.codec);
		String id = id(wanted.getString(RowFields.NAME));
		Document row = known;
		for (int i = 0; i < TRIES; i++) {
			if (row == null) {
				row = this.rows.find(Filters.eq(RowFields.ID, id)).hint(Indexes.BY_ID).first();
			}
			if (row == null) {
				if (insert(id, source, wanted)) {
					return true;
				}
			}
			else if (!source.equals(row.get(RowFields.SOURCE))
					&& !(row.get(RowFields.SOURCE) instanceof String && isFree.test(row))) {
				return false;
			}
			else if (merge(row, source, wanted, isStart)) {
				return true;
			}
			row = null;
		}
		throw new IllegalStateException("Periodic job '" + wanted.getString(RowFields.NAME)
				+ "' is changed by others again and again. Try it again later.");
	}

	private boolean insert(String id, String source, Document definition) {
		Date now = Date.from(this.clock.instant());
		Document row = new Document(RowFields.ID, id);
		row.putAll(definition);
		row.append(RowFields.IS_DONE, false)
			.append(RowFields.SOURCE, source)
			.append(RowFields.DECLARED, definition)
			.append(RowFields.DECLARED_AT, now)
			.append(RowFields.CREATE_AT, now)
			.append(RowFields.UPDATE_AT, now);
		try {
			this.rows.insertOne(row);
			return true;
		}
		catch (MongoWriteException ex) {
			if (ErrorCategory.fromErrorCode(ex.getCode()) == ErrorCategory.DUPLICATE_KEY) {
				return false;
			}
			throw ex;
		}
	}

	private boolean merge(Document row, String source, Document definition, boolean isStart) {
		Change change = new Change(row);
		change.fields((row.get(RowFields.DECLARED) instanceof Document declared) ? declared : new Document(),
				definition);
		if (row.get(RowFields.REMOVED) instanceof Document removed) {
			change.unset(RowFields.REMOVED);
			if (!Boolean.TRUE.equals(removed.get(PAUSED))) {
				change.to(RowFields.ENABLED, definition.get(RowFields.ENABLED));
			}
		}
		if (!source.equals(row.get(RowFields.SOURCE))) {
			change.to(RowFields.SOURCE, source);
		}
		if (change.isEmpty() && !isStart) {
			return true;
		}
		if (!change.isEmpty()) {
			change.to(RowFields.DECLARED, definition);
		}
		if (isStart) {
			change.to(RowFields.DECLARED_AT, Date.from(this.clock.instant()));
		}
		return write(asRead(row, List.of(RowFields.SOURCE, RowFields.DECLARED, RowFields.REMOVED)), change);
	}

	/**
	 * Changes a row by hand.
	 * @param row the row as read
	 * @param before what it asks for
	 * @param after what it is to ask for
	 * @return false where somebody else has changed it meanwhile
	 */
	boolean change(Document row, Document before, Document after) {
		Change change = new Change(row);
		change.fields(before, after);
		if (change.isEmpty()) {
			return true;
		}
		List<String> fields = new ArrayList<>(PeriodicDefinition.FIELDS);
		fields.addAll(List.of(RowFields.SOURCE, RowFields.DECLARED, RowFields.REMOVED));
		if (API.equals(row.get(RowFields.SOURCE))) {
			change.to(RowFields.DECLARED, after);
		}
		return write(asRead(row, fields), change);
	}

	private boolean write(Bson asRead, Change change) {
		if (!change.set.isEmpty()) {
			// by itself it would be taken for the scheduler's own write, and not be heard
			change.to(RowFields.UPDATE_AT, RowTime.like(change.row.get(RowFields.UPDATE_AT), this.clock.instant()));
		}
		return this.rows.updateOne(asRead, change.toUpdate()).getMatchedCount() > 0;
	}

	/**
	 * Pauses a row, or lets it go on; false where it is gone, or is to go on and its
	 * source has removed it.
	 */
	boolean setEnabled(Document row, boolean enabled) {
		Bson filter = Filters.eq(RowFields.ID, row.get(RowFields.ID));
		Document set = new Document(RowFields.ENABLED, enabled).append(RowFields.UPDATE_AT,
				RowTime.like(row.get(RowFields.UPDATE_AT), this.clock.instant()));
		return this.rows
			.updateOne(enabled ? Filters.and(filter, Filters.eq(RowFields.REMOVED, null)) : filter,
					new Document("$set", set))
			.getMatchedCount() > 0;
	}

	/** Deletes a row that nobody asks for; false where there is none such. */
	boolean delete(String name) {
		return this.rows
			.deleteOne(Filters.and(ours(name),
					Filters.or(Filters.eq(RowFields.SOURCE, API), Filters.ne(RowFields.REMOVED, null))))
			.getDeletedCount() > 0;
	}

	/**
	 * Disables a row that its source no longer asks for.
	 * @param row the row as read
	 * @return false where somebody has asked for it since: a node that starts says so in
	 * the row
	 */
	boolean remove(Document row) {
		Date now = Date.from(this.clock.instant());
		Document removed = new Document("at", now).append(PAUSED, Boolean.FALSE.equals(row.get(RowFields.ENABLED)));
		Document set = new Document(RowFields.ENABLED, false).append(RowFields.REMOVED, removed)
			.append(RowFields.UPDATE_AT, now);
		boolean isRemoved = this.rows
			.updateOne(
					asRead(row,
							List.of(RowFields.SOURCE, RowFields.DECLARED, RowFields.DECLARED_AT, RowFields.REMOVED)),
					new Document("$set", set))
			.getMatchedCount() > 0;
		if (isRemoved) {
			logger.info("Periodic job '{}' is disabled: its source ({}) does not ask for it any more",
					row.get(RowFields.NAME), row.get(RowFields.SOURCE));
		}
		return isRemoved;
	}

	private static Bson asRead(Document row, List<String> fields) {
		Document asRead = new Document(RowFields.ID, row.get(RowFields.ID));
		fields.forEach((field) -> asRead.append(field, new Document("$eq", row.get(field))));
		return asRead;
	}

	private static Bson ours(String name) {
		return Filters.and(Filters.eq(RowFields.ID, id(name)), Filters.ne(RowFields.SOURCE, null));
	}

	/** What is to be written to a row. */
	private static final class Change {

		private final Document row;

		private final Document set = new Document();

		private final Document unset = new Document();

		Change(Document row) {
			this.row = row;
		}

		/** All in which one definition differs from another. */
		void fields(Document before, Document after) {
			for (String field : PeriodicDefinition.FIELDS) {
				if (!Objects.equals(before.get(field), after.get(field))) {
					to(field, after.get(field));
				}
			}
			if (SCHEDULE.stream().anyMatch((field) -> this.set.containsKey(field) || this.unset.containsKey(field))) {
				arm();
			}
		}

		/**
		 * Has the next time worked out anew where the scheduler would not: behind the
		 * end, and before the first run, from whose time on an interval is counted.
		 */
		private void arm() {
			if (!isPeriodic(this.row)) {
				// its owner says when it is over, and how the time is written
				return;
			}
			boolean isDone = !Boolean.FALSE.equals(this.row.get(RowFields.IS_DONE));
			if (isDone) {
				this.set.append(RowFields.IS_DONE, false);
			}
			if (isDone || this.row.get(RowFields.LAST_TIME) == null) {
				unset(RowFields.TIME);
			}
		}

		void to(String field, @Nullable Object value) {
			if (value == null) {
				unset(field);
			}
			else {
				this.unset.remove(field);
				this.set.append(field, value);
			}
		}

		void unset(String field) {
			this.set.remove(field);
			this.unset.append(field, "");
		}

		boolean isEmpty() {
			return this.set.isEmpty() && this.unset.isEmpty();
		}

		Document toUpdate() {
			Document update = new Document();
			if (!this.set.isEmpty()) {
				update.append("$set", this.set);
			}
			if (!this.unset.isEmpty()) {
				update.append("$unset", this.unset);
			}
			return update;
		}

	}

}
