package dev.taskqueue.crontab;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import dev.taskqueue.DuplicateJobException;
import dev.taskqueue.PeriodicJob;
import dev.taskqueue.PeriodicJobBuilder;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The rows of the crontab for people who look at them and steer them, by the {@code _id}
 * as a text: periodic jobs, and rows that other programs wrote.
 */
public final class CrontabRows {

	/** Who loses against others so often has a clash to tell of. */
	private static final int TRIES = 10;

	/** What a row is that is due at this moment, once. */
	private static final List<String> TIMING = List.of(RowFields.CRON, RowFields.EVERY, RowFields.ZONE,
			RowFields.START_TIME, RowFields.END_TIME, RowFields.MISFIRE, RowFields.WHILE_RUNNING, RowFields.ENABLED);

	private final MongoCollection<Document> rows;

	private final PeriodicRows periodic;

	private final MongoCollection<Document> jobs;

	private final Clock clock;

	private final ArgumentMapper mapper;

	private final Supplier<FunctionRegistry> functions;

	private final CrontabSettings settings;

	private final Consumer<String> wakeUp;

	/**
	 * Creates it; nothing is sent.
	 * @param database the collections
	 * @param clock the server's clock
	 * @param mapper turns arguments to plain values
	 * @param functions those of this node, asked when a job is triggered
	 * @param settings what holds where a row is silent
	 * @param wakeUp told the queue that got a job
	 */
	public CrontabRows(TaskQueueDatabase database, Clock clock, ArgumentMapper mapper,
			Supplier<FunctionRegistry> functions, CrontabSettings settings, Consumer<String> wakeUp) {
		this.rows = database.crontab();
		this.periodic = new PeriodicRows(database, clock);
		this.jobs = database.jobs();
		this.clock = clock;
		this.mapper = mapper;
		this.functions = functions;
		this.settings = settings;
		this.wakeUp = wakeUp;
	}

	PeriodicRows periodic() {
		return this.periodic;
	}

	ArgumentMapper mapper() {
		return this.mapper;
	}

	/**
	 * The rows that recur: first the periodic jobs by name, then those of other programs
	 * that are not over, by their id. What is inserted meanwhile moves nothing from page
	 * to page.
	 * @param limit the most
	 * @param after the id, as a text, of the last row of the page before, or null
	 * @return the rows
	 * @throws com.mongodb.MongoException if the server cannot be reached
	 */
	public List<RecurringRow> recurring(int limit, @Nullable String after) {
		Document last = (after != null) ? find(after) : null;
		boolean isPeriodic = (last != null) ? PeriodicRows.isPeriodic(last) : after == null || PeriodicRows.isId(after);
		// one that is gone meanwhile had its place all the same
		Object place = (last != null) ? last.get(RowFields.ID)
				: (after != null && ObjectId.isValid(after)) ? new ObjectId(after) : after;
		List<Document> found = new ArrayList<>();
		if (isPeriodic) {
			found.addAll(this.periodic.list(limit, place));
		}
		if (found.size() < limit) {
			found.addAll(ofOthers(limit - found.size(), isPeriodic ? null : place));
		}
		return found.stream().map(RecurringRow::of).toList();
	}

	private List<Document> ofOthers(int limit, @Nullable Object after) {
		Bson wanted = Filters.and(Filters.eq(RowFields.IS_DONE, false), Filters.exists("next.schedule"),
				Filters.nor(PeriodicRows.PERIODIC));
		if (after != null) {
			// a plain comparison would see ids of this type only
			wanted = Filters.and(wanted,
					Filters.expr(new Document("$gt", List.of("$" + RowFields.ID, new Document("$literal", after)))));
		}
		FindIterable<Document> rows = this.rows.find(wanted).sort(Indexes.BY_ID).limit(limit);
		try {
			// or the server might pass all rows in the order of their ids
			return rows.hint(Indexes.RECURRING_ROWS).into(new ArrayList<>());
		}
		catch (MongoException ex) {
			if (!Indexes.isMissed(ex)) {
				throw ex;
			}
			// no worker has created it yet
			return rows.hint(null).into(new ArrayList<>());
		}
	}

	/**
	 * Pauses a row, or lets it go on.
	 * @param id its id
	 * @param enabled whether it runs
	 * @return false where there is none of the id
	 * @throws IllegalArgumentException if it is to go on and its source no longer asks
	 * for it
	 * @throws com.mongodb.MongoException if the server cannot be reached
	 */
	public boolean setEnabled(String id, boolean enabled) {
		Document row = find(id);
		if (row == null) {
			return false;
		}
		if (!this.periodic.setEnabled(row, enabled) && enabled) {
			throw new IllegalArgumentException(
					"Periodic job '" + PeriodicRows.label(row) + "' is not asked for any more by its source, '"
							+ row.get(RowFields.SOURCE) + "'. Add it there again, or under another name.");
		}
		return true;
	}

	/**
	 * Changes a recurring row. That of a source keeps the change until its source asks
	 * for something else in the same field.
	 * @param id its id
	 * @param change sets what is to be different; may be called again if somebody else
	 * changes the row in the same moment
	 * @return false where there is none of the id
	 * @throws IllegalArgumentException if it does not recur, or is not in order then; the
	 * message names the field
	 * @throws com.mongodb.MongoException if the server cannot be reached
	 */
	public boolean change(String id, Consumer<PeriodicJobBuilder> change) {
		for (int i = 0; i < TRIES; i++) {
			Document row = find(id);
			if (row == null) {
				return false;
			}
			PeriodicJobSpec before = PeriodicDefinition.toSpec(PeriodicRows.label(row), row);
			PeriodicJobBuilder builder = before.toBuilder();
			change.accept(builder);
			if (this.periodic.change(row, PeriodicDefinition.of(before, this.mapper),
					PeriodicDefinition.of(builder.build(), this.mapper))) {
				return true;
			}
		}
		throw new TaskQueueException(
				"Row '" + id + "' is changed by others again and again, so it was not changed. Try it again later.");
	}

	/**
	 * Runs a row once now, also while it is paused. Its own times go on as if nothing had
	 * been.
	 * @param id its id
	 * @return the id of the job, or null where there is no row of the id
	 * @throws IllegalArgumentException if the row is not in order; the message names the
	 * field
	 * @throws DuplicateJobException if another job has its unique key
	 * @throws TaskQueueException if the store refuses the job
	 * @throws com.mongodb.MongoException if the server cannot be reached
	 */
	public @Nullable String trigger(String id) {
		Document row = find(id);
		if (row == null) {
			return null;
		}
		Instant now = this.clock.instant();
		Document once = new Document(row).append(RowFields.TIME, Date.from(now)).append(RowFields.IS_DONE, false);
		TIMING.forEach(once::remove);
		// the job of this moment is no slot of the row: its id is none that a slot has,
		// and the row is left as it is
		Slot slot = new Slot(now, SlotId.second(now) + new ObjectId().toHexString());
		Document job = read(once, now).toJob(slot, now);
		job.get(JobDocument.ORIGIN, Document.class).append("triggered", true);
		RowError refused = new JobInsert(this.jobs).insert(List.of(job)).refused().get(slot.jobId());
		if (refused != null) {
			throw refusal(row, job, refused);
		}
		this.wakeUp.accept(job.getString(JobDocument.QUEUE));
		return slot.jobId();
	}

	private static TaskQueueException refusal(Document row, Document job, RowError refused) {
		String begin = "Periodic job '" + PeriodicRows.label(row) + "' was not triggered: ";
		if (refused.holder() == null) {
			return new TaskQueueException(begin + refused.message());
		}
		String holder = String.valueOf(BsonValues.toPlain(refused.holder()));
		String key = job.getString(JobDocument.UNIQUE_KEY);
		return new DuplicateJobException(begin + "job " + holder + " has its unique key '" + key
				+ "'. Wait until the key is free, or cancel that job.", key, holder);
	}

	private Row read(Document row, Instant now) {
		// any node may have the function
		RowReader reader = new RowReader(new RegisteredFunctions(this.functions.get()), (function) -> true,
				this.settings);
		Reading reading = reader.read(row, TaskQueueDatabase.encode(row).getByteBuffer().remaining(), now);
		if (reading instanceof Reading.Due due) {
			return due.row();
		}
		throw new IllegalArgumentException(
				"Periodic job '" + PeriodicRows.label(row) + "' is not in order, so it is not run: "
						+ ((reading instanceof Reading.Bad bad) ? bad.error().message() : "its row cannot be read."));
	}

	private @Nullable Document find(String id) {
		return this.rows.find(Filters.in(RowFields.ID, JobDocument.idsOf(id))).hint(Indexes.BY_ID).first();
	}

	/**
	 * A row that recurs.
	 *
	 * @param id its id
	 * @param job what it asks for
	 */
	public record RecurringRow(String id, PeriodicJob job) {

		static RecurringRow of(Document row) {
			return new RecurringRow(String.valueOf(BsonValues.toPlain(row.get(RowFields.ID))),
					PeriodicDefinition.toJob(row));
		}

	}

}
