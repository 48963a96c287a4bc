package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import dev.taskqueue.WhileRunning;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.submit.LocalWorker;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.codecs.Codec;
import org.jspecify.annotations.Nullable;

/**
 * Makes jobs of a portion of rows: reads them, inserts the jobs, marks the rows. Why in
 * this order, and what a crash in between leaves, is told in the package's description.
 */
final class Dispatch {

	/**
	 * A derived id guards only as long as the job it found is kept. After a stall, rows
	 * are read again rather than turned into jobs that may have come, run and gone.
	 */
	private static final Duration FRESH = Duration.ofSeconds(30);

	private final MongoCollection<Document> rows;

	private final Codec<Document> codec;

	private final NewJobs jobs;

	private final RowReader reader;

	private final int batchSize;

	private final RowLog log;

	private final Unmarkable unmarkable;

	/** Whether the server makes the ids of jobs from those of rows. */
	private final BooleanSupplier together;

	private final LastJobs lastJobs;

	/** Disables a periodic job that nobody asks for. */
	private final Predicate<Document> remove;

	/** Between the two writes: there tests change rows and crash. */
	private final Runnable beforeMark;

	Dispatch(TaskQueueDatabase database, RowReader reader, int batchSize, RowLog log, Unmarkable unmarkable,
			BooleanSupplier together, LocalWorker worker, LastJobs lastJobs, Predicate<Document> remove,
			Runnable beforeMark) {
		this.lastJobs = lastJobs;
		this.remove = remove;
		this.together = together;
		this.unmarkable = unmarkable;
		this.batchSize = batchSize;
		this.rows = database.crontab();
		this.codec = this.rows.getCodecRegistry().get(Document.class);
		this.jobs = new NewJobs(database.jobs(), worker);
		this.reader = reader;
		this.log = log;
		this.beforeMark = beforeMark;
	}

	/**
	 * Treats rows that were just read.
	 * @param portion the rows, due or not
	 * @param readAt before they were read, by the monotonic clock
	 * @param now the time
	 * @return what became of them
	 */
	Result dispatch(List<RawBsonDocument> portion, long readAt, Instant now) {
		RowMarks marks = new RowMarks(this.rows, this.log, this.unmarkable, now, this.together.getAsBoolean());
		List<DueRow> due = new ArrayList<>();
		List<Document> jobs = new ArrayList<>();
		Map<String, RowError> refused = new HashMap<>();
		boolean waiting = false;
		boolean again = false;
		boolean blocked = false;
		List<ReadRow> readRows = portion.stream().map((raw) -> read(raw, now)).toList();
		List<@Nullable String> lastJobs = new ArrayList<>();
		readRows.stream().filter((row) -> row.lastJob() != null).forEach((row) -> lastJobs.add(row.lastJob()));
		Set<String> goingOn = this.lastJobs.goingOn(lastJobs);
		for (ReadRow readRow : readRows) {
			RawBsonDocument raw = readRow.raw();
			Document row = readRow.row();
			Reading reading = readRow.reading();
			if (reading instanceof Reading.Due ready) {
				String last = readRow.lastJob();
				boolean goesOn = last != null && goingOn.contains(last);
				if (goesOn && ready.whileRunning() == WhileRunning.QUEUE) {
					// it stays due
					blocked = true;
				}
				else if (goesOn && ready.whileRunning() == WhileRunning.SKIP) {
					marks.skipped(raw, row, ready.slots().get(ready.slots().size() - 1),
							Objects.requireNonNull(ready.next()), Objects.requireNonNull(last));
					again |= ready.isDueAgain(now);
				}
				else {
					if (goesOn) {
						this.lastJobs.cancel(Objects.requireNonNull(last));
					}
					DueRow dueRow = DueRow.of(readRow, ready);
					due.add(dueRow);
					again |= ready.isDueAgain(now) || dueRow.slots().size() < ready.slots().size();
					dueRow.slots().forEach((slot) -> jobs.add(ready.row().toJob(slot, now)));
				}
				if (jobs.size() >= this.batchSize) {
					if (isStale(readAt)) {
						return new Result(true, waiting, blocked, false);
					}
					insert(jobs, refused);
				}
			}
			else if (reading instanceof Reading.Bad bad) {
				waiting |= bad.error().isWaiting();
				marks.error(raw, row, bad.error());
			}
			else if (reading instanceof Reading.Removed) {
				again |= !remove(raw, row, marks);
			}
			else if (reading instanceof Reading.Ahead ahead) {
				marks.inOrder(raw, row, ahead.next());
			}
		}
		if (isStale(readAt)) {
			return new Result(true, waiting, blocked, false);
		}
		insert(jobs, refused);
		this.beforeMark.run();
		for (DueRow row : due) {
			again |= mark(row, refused, marks);
		}
		boolean keyless = refused.values().stream().anyMatch((error) -> error.holder() != null);
		return new Result(marks.write() || again, waiting, blocked, keyless);
	}

	private ReadRow read(RawBsonDocument raw, Instant now) {
		Document row = raw.decode(this.codec);
		return new ReadRow(raw, row, this.reader.read(row, raw.getByteBuffer().remaining(), now));
	}

	/** A row whose write is refused holds up no other. */
	private boolean remove(RawBsonDocument raw, Document row, RowMarks marks) {
		try {
			return this.remove.test(row);
		}
		catch (MongoWriteException ex) {
			marks.error(raw, row,
					RowError.of(RowFields.SOURCE, row.get(RowFields.SOURCE),
							"no live worker asks for this periodic job, so it is not run, and it cannot be disabled: "
									+ ex.getError().getMessage()
									+ ". Delete the row, or set its field 'enabled' to false."));
			return true;
		}
	}

	private static boolean isStale(long readAt) {
		return System.nanoTime() - readAt > FRESH.toNanos();
	}

	private void insert(List<Document> jobs, Map<String, RowError> refused) {
		if (jobs.isEmpty()) {
			return;
		}
		CrashPoint.ROW_READ.reached();
		refused.putAll(this.jobs.insert(jobs));
		jobs.clear();
	}

	/** Returns whether slots are left behind one whose job was refused. */
	private static boolean mark(DueRow row, Map<String, RowError> refused, RowMarks marks) {
		List<Slot> slots = row.slots();
		int stored = 0;
		while (stored < slots.size() && !refused.containsKey(slots.get(stored).jobId())) {
			stored++;
		}
		if (stored == 0) {
			RowError error = Objects.requireNonNull(refused.get(slots.get(0).jobId()));
			if (error.holder() != null && row.next() != null) {
				marks.skipped(row.raw(), row.row(), slots.get(0).due(), row.next(), error.holder());
			}
			else {
				marks.error(row.raw(), row.row(), error);
			}
			return false;
		}
		boolean isWhole = stored == slots.size();
		marks.dispatched(row.raw(), row.row(), slots.get(stored - 1), isWhole ? row.next() : row.nextFrom(stored));
		return !isWhole;
	}

	private record ReadRow(RawBsonDocument raw, Document row, Reading reading) {

		/** The job beside which it does not run; null where there is none. */
		@Nullable String lastJob() {
			return (this.reading instanceof Reading.Due due && due.whileRunning() != WhileRunning.RUN
					&& this.row.get(RowFields.JOB_ID) instanceof String id) ? id : null;
		}

	}

	private record DueRow(RawBsonDocument raw, Document row, List<Slot> slots, @Nullable NextTimes next) {

		static DueRow of(ReadRow read, Reading.Due ready) {
			List<Slot> slots = Slot.of(read.raw(), ready.slots());
			DueRow due = new DueRow(read.raw(), read.row(), slots, ready.next());
			// one that does not run beside the one before, or has its key, goes on then
			// as the next look finds
			boolean alone = ready.whileRunning() != WhileRunning.RUN || ready.row().uniqueKey() != null;
			return (!alone || slots.size() == 1) ? due
					: new DueRow(read.raw(), read.row(), slots.subList(0, 1), due.nextFrom(1));
		}

		NextTimes nextFrom(int slot) {
			return new NextTimes(Objects.requireNonNull(this.next).schedule(),
					this.slots.stream().skip(slot).map(Slot::due).toList());
		}

	}

	/**
	 * What became of a portion.
	 *
	 * @param again whether a row must be looked at again, since it was changed meanwhile
	 * or has missed more times than were treated
	 * @param waiting whether a row waits for a worker that has its function
	 * @param blocked whether a row waits for the end of its last job
	 * @param keyless whether the unique key of a row is taken
	 */
	record Result(boolean again, boolean waiting, boolean blocked, boolean keyless) {
	}

}
