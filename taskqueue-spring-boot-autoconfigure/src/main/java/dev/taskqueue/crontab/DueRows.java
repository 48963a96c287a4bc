package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoCursor;
import com.mongodb.client.model.CountOptions;
import com.mongodb.client.model.Projections;
import dev.taskqueue.crontab.Walk.Range;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.RawFields;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonMaxKey;
import org.bson.BsonMinKey;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.codecs.Codec;
import org.jspecify.annotations.Nullable;

/**
 * The questions to the rows. In an index, values lie by type: numbers before dates, and
 * what is neither before, between and behind them.
 */
final class DueRows {

	private static final BsonDocument DUE = Indexes.DUE_ROWS.toBsonDocument();

	private static final BsonDocument ERRORS = Indexes.ERROR_ROWS.toBsonDocument();

	private static final BsonDocument RECURRING = Indexes.RECURRING_ROWS.toBsonDocument();

	private static final BsonValue LEAST = new BsonMinKey();

	private static final BsonValue MOST = new BsonMaxKey();

	/** So many portions are read at a time of rows that are hardly ever written. */
	private static final int MENDED_AT_A_TIME = 5;

	private static final Instant EARLIEST = Instant.ofEpochSecond(RowTime.EARLIEST_SECOND);

	private static final Instant END = Instant.ofEpochSecond(RowTime.END_SECOND);

	private final MongoCollection<RawBsonDocument> rows;

	private final Codec<Document> codec;

	private final CrontabSettings settings;

	private final Unmarkable unmarkable;

	private final TaskQueueDatabase database;

	private @Nullable Boolean ofReplicaSet;

	DueRows(TaskQueueDatabase database, CrontabSettings settings, Unmarkable unmarkable) {
		this.unmarkable = unmarkable;
		this.database = database;
		this.rows = database.crontab().withDocumentClass(RawBsonDocument.class);
		this.codec = database.crontab().getCodecRegistry().get(Document.class);
		this.settings = settings;
	}

	/** The rows that are due, and not too late. */
	List<Walk> due(Instant now) {
		return ofEachKind(earliest(now), now, this.settings.batchSize());
	}

	/**
	 * The rows that fell due after a time.
	 * @param before up to this they were walked already, so a million of them are not
	 * passed again
	 * @param now the time
	 */
	List<Walk> due(Instant before, Instant now) {
		List<Walk> walks = new ArrayList<>();
		for (Kind kind : Kind.values()) {
			Document time = new Document("$gt", kind.key(before)).append("$lte", kind.key(now));
			walks.add(walk(new Range(DUE, dueKey(kind.key(before), MOST), dueKey(kind.key(now), MOST),
					inOrder().append(RowFields.TIME, time)), this.settings.batchSize()));
		}
		return walks;
	}

	/** The rows that are too late: those of one time get an error, the others run. */
	List<Walk> late(Instant now) {
		return (this.settings.maxLateness() == null) ? List.of() : ofEachKind(EARLIEST, earliest(now), mended());
	}

	/** The rows that are never due, whose turn is to get an error. */
	List<Walk> hopeless() {
		// what is between the numbers and the dates in use, and behind; what is before
		// comes with the recurring rows
		return List.of(walk(unusable(Kind.NUMBER.key(END), Kind.DATE.key(EARLIEST))),
				walk(unusable(Kind.DATE.key(END), null)));
	}

	/**
	 * The rows with an error that may be in order by now. Rows that are too late, the
	 * whole history of an older program maybe, are not among them.
	 */
	List<Walk> withErrors(Instant now) {
		BsonValue time = new BsonString(RowFields.TIME);
		List<Walk> walks = new ArrayList<>();
		// with those whose time was removed, for the schedule to fill in
		walks.add(walk(errors(errorKey(LEAST, LEAST), errorKey(time, Kind.NUMBER.key(EARLIEST)))));
		walks.add(walk(errors(errorKey(time, MOST), null)));
		for (Kind kind : Kind.values()) {
			walks.add(walk(errors(errorKey(time, kind.key(earliest(now))), errorKey(time, kind.key(END)))));
		}
		return walks;
	}

	/**
	 * The rows that recur, and those without a time, which may be new ones of them: their
	 * owner may have given them another schedule, and nobody told of it.
	 */
	List<Walk> recurring() {
		BsonDocument from = new BsonDocument("next.schedule", LEAST).append(RowFields.ID, LEAST);
		return List.of(walk(unusable(LEAST, Kind.NUMBER.key(EARLIEST))), walk(
				new Range(RECURRING, from, null, inOrder().append("next.schedule", new Document("$exists", true)))));
	}

	/**
	 * All rows without an error that are not done, those too that no other look finds:
	 * recurring ones that are new and due later, and those whose {@code enabled} holds
	 * false among other things.
	 */
	Walk all() {
		Document undone = new Document(RowFields.IS_DONE, false).append(RowFields.ERROR, null);
		return walk(new Range(DUE, dueKey(LEAST, LEAST), null, undone));
	}

	/**
	 * Rows by their ids, as many as a portion may hold.
	 * @param ids the ids; those that need not be asked for again are removed
	 * @return the rows that exist
	 */
	List<RawBsonDocument> byId(Set<BsonValue> ids) {
		List<RawBsonDocument> found = new ArrayList<>();
		long bytes = 0;
		try (MongoCursor<RawBsonDocument> cursor = this.rows
			.find(new Document(RowFields.ID, new Document("$in", List.copyOf(ids))))
			.hint(Indexes.BY_ID)
			.iterator()) {
			while (cursor.hasNext()) {
				if (bytes >= Walk.PORTION_BYTES) {
					found.forEach((row) -> ids.remove(RawFields.value(row, RowFields.ID)));
					return found;
				}
				RawBsonDocument row = cursor.next();
				found.add(row);
				bytes += row.getByteBuffer().remaining();
			}
		}
		ids.clear();
		return found;
	}

	/**
	 * The next time at which a row is due.
	 * @param now after this
	 * @param until up to this
	 * @return the time, or null if there is none
	 */
	@Nullable Instant nextDue(Instant now, Instant until) {
		return earliest(now, until, false);
	}

	/** How long the oldest of the due rows has been due. */
	Duration lag(Instant now) {
		Instant oldest = earliest(earliest(now), now, true);
		return (oldest != null) ? Duration.between(oldest, now) : Duration.ZERO;
	}

	/** How many rows are due, up to {@link CrontabStatus#MOST}. */
	long countDue(Instant now) {
		long count = 0;
		for (Kind kind : Kind.values()) {
			// one bound only: with two, an index that has seen an array is read to its
			// end
			Document due = new Document("$lte", kind.key(now));
			count += this.rows.countDocuments(inOrder().append(RowFields.TIME, due), bounded().hint(DUE));
		}
		return Math.min(count, CrontabStatus.MOST);
	}

	/** How many rows have an error, up to {@link CrontabStatus#MOST}. */
	long countErrors() {
		return this.rows.countDocuments(new Document(RowFields.IS_DONE, false).append(RowFields.ERROR,
				new Document("$exists", true).append("$ne", null)), bounded().hint(ERRORS));
	}

	private static CountOptions bounded() {
		return new CountOptions().limit(CrontabStatus.MOST);
	}

	private @Nullable Instant earliest(Instant from, Instant to, boolean including) {
		Instant earliest = null;
		for (Kind kind : Kind.values()) {
			Range range = dueRange(kind, from, to);
			BsonDocument start = including ? range.from() : dueKey(kind.key(from), MOST);
			FindIterable<RawBsonDocument> query = this.rows.find(range.filter())
				.hint(DUE)
				.min(start)
				.max(dueKey(kind.key(to), MOST))
				.projection(Projections.include(RowFields.TIME))
				.limit(1);
			RawBsonDocument row = (isSorted() ? query.sort(DUE) : query).first();
			Instant time = (row != null) ? RowTime.read(row.decode(this.codec).get(RowFields.TIME)) : null;
			if (time != null && (including || time.isAfter(from)) && (earliest == null || time.isBefore(earliest))) {
				earliest = time;
			}
		}
		return earliest;
	}

	private Instant earliest(Instant now) {
		Duration limit = this.settings.maxLateness();
		Instant earliest = (limit != null) ? now.minus(limit) : EARLIEST;
		return earliest.isBefore(EARLIEST) ? EARLIEST : earliest;
	}

	private List<Walk> ofEachKind(Instant from, Instant to, int batchSize) {
		return List.of(walk(dueRange(Kind.NUMBER, from, to), batchSize),
				walk(dueRange(Kind.DATE, from, to), batchSize));
	}

	private int mended() {
		return this.settings.batchSize() * MENDED_AT_A_TIME;
	}

	private Walk walk(Range range) {
		return walk(range, mended());
	}

	private Walk walk(Range range, int batchSize) {
		Range others = new Range(range.index(), range.from(), range.to(), this.unmarkable.pass(range.filter()));
		return new Walk(this.rows, others, batchSize, isSorted());
	}

	/**
	 * One server's scan of an index is in order, and to ask for the order would have it
	 * sort, once any row has an array as time. Several servers behind a router, and the
	 * embedded one, must be asked.
	 */
	private boolean isSorted() {
		return !isOfReplicaSet();
	}

	/** Whether the server is one of a replica set, and no router and no imitation. */
	boolean isOfReplicaSet() {
		Boolean known = this.ofReplicaSet;
		if (known == null) {
			known = this.database.hello().containsKey("setName");
			this.ofReplicaSet = known;
		}
		return known;
	}

	private static Range dueRange(Kind kind, Instant from, Instant to) {
		Document filter = inOrder().append(RowFields.TIME,
				new Document("$gte", kind.key(from)).append("$lte", kind.key(to)));
		return new Range(DUE, dueKey(kind.key(from), LEAST), dueKey(kind.key(to), MOST), filter);
	}

	private static Range unusable(BsonValue from, @Nullable BsonValue to) {
		List<Document> usable = new ArrayList<>();
		for (Kind kind : Kind.values()) {
			usable.add(new Document(RowFields.TIME,
					new Document("$gte", kind.key(EARLIEST)).append("$lt", kind.key(END))));
		}
		return new Range(DUE, dueKey(from, LEAST), (to != null) ? dueKey(to, LEAST) : null,
				inOrder().append("$nor", usable));
	}

	private static Range errors(BsonDocument from, @Nullable BsonDocument to) {
		return new Range(ERRORS, from, to, ours().append(RowFields.ERROR, new Document("$ne", null)));
	}

	private static Document inOrder() {
		return ours().append(RowFields.ERROR, null);
	}

	private static Document ours() {
		return new Document(RowFields.IS_DONE, false).append(RowFields.ENABLED, new Document("$ne", false));
	}

	private static BsonDocument dueKey(BsonValue time, BsonValue id) {
		return new BsonDocument(RowFields.TIME, time).append(RowFields.ID, id);
	}

	private static BsonDocument errorKey(BsonValue field, BsonValue time) {
		return new BsonDocument("error.field", field).append(RowFields.TIME, time)
			.append(RowFields.ID, time.equals(MOST) ? MOST : LEAST);
	}

	/** The two types of a time. */
	private enum Kind {

		NUMBER {

			@Override
			BsonValue key(Instant time) {
				return new BsonDouble(time.toEpochMilli() / 1000.0);
			}

		},

		DATE {

			@Override
			BsonValue key(Instant time) {
				return new BsonDateTime(time.toEpochMilli());
			}

		};

		abstract BsonValue key(Instant time);

	}

}
