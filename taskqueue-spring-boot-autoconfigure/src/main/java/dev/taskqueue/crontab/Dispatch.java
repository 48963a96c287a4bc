package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;

import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.TaskQueueDatabase;
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

	private final JobInsert jobs;

	private final RowReader reader;

	private final int batchSize;

	private final RowLog log;

	private final Unmarkable unmarkable;

	/** Whether the server makes the ids of jobs from those of rows. */
	private final BooleanSupplier together;

	private final Consumer<String> wakeUp;

	/** Disables a periodic job that nobody asks for. */
	private final Predicate<Document> remove;

	/** Between the two writes: there tests change rows and crash. */
	private final Runnable beforeMark;

	Dispatch(TaskQueueDatabase database, RowReader reader, int batchSize, RowLog log, Unmarkable unmarkable,
			BooleanSupplier together, Consumer<String> wakeUp, Predicate<Document> remove, Runnable beforeMark) {
		this.remove = remove;
		this.together = together;
		this.unmarkable = unmarkable;
		this.batchSize = batchSize;
		this.rows = database.crontab();
		this.codec = this.rows.getCodecRegistry().get(Document.class);
		this.jobs = new JobInsert(database.jobs());
		this.reader = reader;
		this.log = log;
		this.wakeUp = wakeUp;
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
		for (RawBsonDocument raw : portion) {
			Document row = raw.decode(this.codec);
			Reading reading = this.reader.read(row, raw.getByteBuffer().remaining(), now);
			if (reading instanceof Reading.Due ready) {
				List<Slot> slots = Slot.of(raw, ready.slots());
				due.add(new DueRow(raw, row, slots, ready.next()));
				again |= ready.isDueAgain(now);
				slots.forEach((slot) -> jobs.add(ready.row().toJob(slot, now)));
				if (jobs.size() >= this.batchSize) {
					if (isStale(readAt)) {
						return new Result(true, waiting);
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
			return new Result(true, waiting);
		}
		insert(jobs, refused);
		this.beforeMark.run();
		for (DueRow row : due) {
			again |= mark(row, refused, marks);
		}
		return new Result(marks.write() || again, waiting);
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
		Map<String, RowError> ofThese = this.jobs.insert(jobs);
		CrashPoint.ROW_JOBS_INSERTED.reached();
		refused.putAll(ofThese);
		jobs.stream()
			.filter((job) -> !ofThese.containsKey(job.getString(JobDocument.ID)))
			.map((job) -> job.getString(JobDocument.QUEUE))
			.distinct()
			.forEach(this.wakeUp);
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
			marks.error(row.raw(), row.row(), Objects.requireNonNull(refused.get(slots.get(0).jobId())));
			return false;
		}
		boolean isWhole = stored == slots.size();
		marks.dispatched(row.raw(), row.row(), slots.get(stored - 1), isWhole ? row.next() : row.nextFrom(stored));
		return !isWhole;
	}

	private record DueRow(RawBsonDocument raw, Document row, List<Slot> slots, @Nullable NextTimes next) {

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
	 */
	record Result(boolean again, boolean waiting) {
	}

}
