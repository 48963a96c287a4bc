package dev.taskqueue.crontab;

import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import com.mongodb.client.MongoCollection;
import dev.taskqueue.JobHandle;
import dev.taskqueue.PeriodicJob;
import dev.taskqueue.PeriodicJobBuilder;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.PeriodicJobs;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The periodic jobs as rows of the crontab, which the scheduler of whatever node treats
 * as all others. Works in an application without a scheduler too.
 */
public final class StoredPeriodicJobs implements PeriodicJobs {

	/** Who loses against others so often has a clash to tell of. */
	private static final int TRIES = 10;

	/** What a row is that is due at this moment, once. */
	private static final List<String> TIMING = List.of(RowFields.CRON, RowFields.EVERY, RowFields.ZONE,
			RowFields.START_TIME, RowFields.END_TIME, RowFields.MISFIRE, RowFields.WHILE_RUNNING, RowFields.ENABLED);

	private final PeriodicRows rows;

	private final MongoCollection<Document> jobs;

	private final ArgumentMapper mapper;

	private final Clock clock;

	private final Supplier<FunctionRegistry> functions;

	private final CrontabSettings settings;

	private final Consumer<String> wakeUp;

	private final Function<String, JobHandle<Object>> handles;

	/**
	 * Creates it; nothing is sent.
	 * @param database the collections
	 * @param clock the server's clock
	 * @param mapper turns arguments to plain values
	 * @param functions those of this node, asked when a job is triggered
	 * @param settings what holds where a row is silent
	 * @param wakeUp told the queue that got a job
	 * @param handles makes a handle of a job's id
	 */
	public StoredPeriodicJobs(TaskQueueDatabase database, Clock clock, ArgumentMapper mapper,
			Supplier<FunctionRegistry> functions, CrontabSettings settings, Consumer<String> wakeUp,
			Function<String, JobHandle<Object>> handles) {
		this.rows = new PeriodicRows(database, clock);
		this.jobs = database.jobs();
		this.mapper = mapper;
		this.clock = clock;
		this.functions = functions;
		this.settings = settings;
		this.wakeUp = wakeUp;
		this.handles = handles;
	}

	@Override
	public PeriodicJob add(PeriodicJobSpec job) {
		Document definition = PeriodicDefinition.of(job, this.mapper);
		return asking("add", job.name(), () -> {
			if (!this.rows.put(PeriodicRows.API, definition, null, false, PeriodicRows::isRemoved)) {
				throw taken(job.name(), this.rows.find(job.name()));
			}
			return PeriodicDefinition.toJob(existing(job.name()));
		});
	}

	private static IllegalArgumentException taken(String name, @Nullable Document row) {
		String remedy = " Choose another name.";
		return new IllegalArgumentException((row != null)
				? "Periodic job '" + name + "' belongs to the source '" + row.get(RowFields.SOURCE)
						+ "', so it is not added." + remedy + " To change the one that is there, use change."
				: "Periodic job '" + name + "' is not added: another program has a row with the _id '"
						+ PeriodicRows.id(name) + "'." + remedy);
	}

	@Override
	public PeriodicJob change(String name, Consumer<PeriodicJobBuilder> change) {
		return asking("change", name, () -> {
			for (int i = 0; i < TRIES; i++) {
				Document row = existing(name);
				PeriodicJobSpec before = PeriodicDefinition.toSpec(name, row);
				PeriodicJobBuilder builder = before.toBuilder();
				change.accept(builder);
				if (this.rows.change(row, PeriodicDefinition.of(before, this.mapper),
						PeriodicDefinition.of(builder.build(), this.mapper))) {
					return PeriodicDefinition.toJob(existing(name));
				}
			}
			throw new TaskQueueException("Periodic job '" + name
					+ "' is changed by others again and again, so it was not changed. Try it again later.");
		});
	}

	@Override
	public void pause(String name) {
		asking("pause", name, () -> {
			require(this.rows.pause(name), name);
			return null;
		});
	}

	@Override
	public void resume(String name) {
		asking("resume", name, () -> {
			if (!this.rows.resume(name)) {
				Document row = existing(name);
				throw new IllegalArgumentException(
						"Periodic job '" + name + "' is not asked for any more by its source, '"
								+ row.get(RowFields.SOURCE) + "'. Add it there again, or under another name.");
			}
			return null;
		});
	}

	@Override
	public JobHandle<Object> trigger(String name) {
		return asking("trigger", name, () -> {
			Document row = existing(name);
			Instant now = this.clock.instant();
			Document once = new Document(row).append(RowFields.TIME, Date.from(now)).append(RowFields.IS_DONE, false);
			TIMING.forEach(once::remove);
			// the job of this moment is no slot of the row: its id is none that a slot
			// has, and the row is left as it is
			Slot slot = new Slot(now, SlotId.second(now) + new ObjectId().toHexString());
			Document job = job(name, once, now).toJob(slot, now);
			job.get(JobDocument.ORIGIN, Document.class).append("triggered", true);
			this.jobs.insertOne(job);
			this.wakeUp.accept(job.getString(JobDocument.QUEUE));
			return this.handles.apply(slot.jobId());
		});
	}

	private Row job(String name, Document row, Instant now) {
		// any node may have the function
		RowReader reader = new RowReader(new RegisteredFunctions(this.functions.get()), (function) -> true,
				this.settings);
		Reading reading = reader.read(row, TaskQueueDatabase.encode(row).getByteBuffer().remaining(), now);
		if (reading instanceof Reading.Due due) {
			return due.row();
		}
		throw new IllegalArgumentException("Periodic job '" + name + "' is not in order, so it is not run: "
				+ ((reading instanceof Reading.Bad bad) ? bad.error().message() : "its row cannot be read."));
	}

	@Override
	public boolean remove(String name) {
		return asking("remove", name, () -> {
			if (this.rows.delete(name)) {
				return true;
			}
			Document row = this.rows.find(name);
			if (row != null) {
				throw new IllegalArgumentException("Periodic job '" + name + "' is asked for by its source, '"
						+ row.get(RowFields.SOURCE) + "', and would come back. Remove it there, or pause it.");
			}
			return false;
		});
	}

	@Override
	public Optional<PeriodicJob> find(String name) {
		return asking("find", name, () -> Optional.ofNullable(this.rows.find(name)).map(PeriodicDefinition::toJob));
	}

	@Override
	public List<PeriodicJob> list() {
		return asking("list", "*", () -> this.rows.list().stream().map(PeriodicDefinition::toJob).toList());
	}

	private Document existing(String name) {
		Document row = this.rows.find(name);
		require(row != null, name);
		return Objects.requireNonNull(row);
	}

	private static void require(boolean exists, String name) {
		if (!exists) {
			throw new IllegalArgumentException(
					"There is no periodic job '" + name + "'. Correct the name; list() has all of them.");
		}
	}

	private static <T extends @Nullable Object> T asking(String what, String name, Supplier<T> question) {
		try {
			return question.get();
		}
		catch (MongoException ex) {
			throw new TaskQueueException("MongoDB failed at '" + what + "' of periodic job '" + name
					+ "', so it is not known whether it was done. Look when it answers again, or do it once more. "
					+ ex.getMessage(), ex);
		}
	}

}
