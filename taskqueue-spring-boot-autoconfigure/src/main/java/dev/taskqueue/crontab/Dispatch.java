package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import com.mongodb.client.MongoCollection;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.codecs.Codec;

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

	private final RowLog log;

	private final Consumer<String> wakeUp;

	/** Between the two writes: there tests change rows and crash. */
	private final Runnable beforeMark;

	Dispatch(TaskQueueDatabase database, RowReader reader, RowLog log, Consumer<String> wakeUp, Runnable beforeMark) {
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
		RowMarks marks = new RowMarks(this.rows, this.log, now);
		Map<String, DueRow> due = new LinkedHashMap<>();
		int errors = 0;
		boolean waiting = false;
		for (RawBsonDocument raw : portion) {
			Document row = raw.decode(this.codec);
			Reading reading = this.reader.read(row, now);
			if (reading instanceof Reading.Due ready) {
				String jobId = SlotId.of(raw, ready.row().slot());
				due.put(jobId, new DueRow(row, ready.row().toJob(jobId, now)));
			}
			else if (reading instanceof Reading.Bad bad) {
				errors++;
				waiting |= bad.error().isWaiting();
				marks.error(row, bad.error());
			}
			else if (reading instanceof Reading.Ahead) {
				marks.inOrder(row);
			}
		}
		if (System.nanoTime() - readAt > FRESH.toNanos()) {
			return new Result(0, 0, true, waiting);
		}
		Map<String, RowError> refused = insert(due);
		this.beforeMark.run();
		due.forEach((jobId, row) -> {
			RowError error = refused.get(jobId);
			if (error != null) {
				marks.error(row.row(), error);
			}
			else {
				marks.done(row.row(), jobId);
			}
		});
		boolean changed = marks.write();
		return new Result(due.size() - refused.size(), errors + refused.size(), changed, waiting);
	}

	private Map<String, RowError> insert(Map<String, DueRow> due) {
		List<Document> jobs = new ArrayList<>();
		due.values().forEach((row) -> jobs.add(row.job()));
		Map<String, RowError> refused = this.jobs.insert(jobs);
		Set<String> queues = new LinkedHashSet<>();
		due.forEach((jobId, row) -> {
			if (!refused.containsKey(jobId)) {
				queues.add(row.job().getString("queue"));
			}
		});
		queues.forEach(this.wakeUp);
		return refused;
	}

	private record DueRow(Document row, Document job) {
	}

	/**
	 * What became of a portion.
	 *
	 * @param dispatched the rows that are jobs now
	 * @param errors the rows that are not in order
	 * @param again whether a row was changed meanwhile, so that it must be looked at
	 * again
	 * @param waiting whether a row waits for a worker that has its function
	 */
	record Result(int dispatched, int errors, boolean again, boolean waiting) {
	}

}
