package dev.taskqueue.execute;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.bulk.BulkWriteError;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateManyModel;
import com.mongodb.client.model.UpdateOptions;
import dev.taskqueue.JobState;
import dev.taskqueue.claim.Claim;
import dev.taskqueue.execute.AttemptNotes.Snapshot;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what attempts say of themselves, that of all attempts of a worker together and
 * at most a few times a second, however often they say something. Its thread is there
 * only while somebody does.
 */
final class NoteWriter {

	private static final Logger logger = LoggerFactory.getLogger(NoteWriter.class);

	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(250);

	private static final long PAUSE_AFTER_FAILURE = TimeUnit.SECONDS.toNanos(2);

	private static final UpdateOptions BY_ID = new UpdateOptions().hint(Indexes.BY_ID);

	private static final BulkWriteOptions UNORDERED = new BulkWriteOptions().ordered(false);

	private final @Nullable MongoCollection<Document> jobs;

	private final Clock clock;

	private final Set<AttemptNotes> changed = ConcurrentHashMap.newKeySet();

	private final AtomicBoolean planned = new AtomicBoolean();

	private final ScheduledThreadPoolExecutor timer;

	private volatile long nextWrite = System.nanoTime();

	private boolean failing;

	/**
	 * Creates one.
	 * @param jobs where the jobs are, or null where they are not in the store: then all
	 * that an attempt says goes with its outcome
	 * @param clock the server's clock
	 */
	NoteWriter(@Nullable MongoCollection<Document> jobs, Clock clock) {
		this.jobs = jobs;
		this.clock = clock;
		this.timer = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "taskqueue-progress");
			thread.setDaemon(true);
			return thread;
		});
		this.timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		this.timer.setKeepAliveTime(10, TimeUnit.SECONDS);
		this.timer.allowCoreThreadTimeOut(true);
	}

	AttemptNotes begin(Claim claim) {
		return new AttemptNotes(claim, this, this.clock);
	}

	/** An attempt has something to write; returns at once. */
	void changed(AttemptNotes notes) {
		if (this.jobs != null) {
			this.changed.add(notes);
			plan();
		}
	}

	void stop() {
		this.timer.shutdown();
	}

	private void plan() {
		if (!this.planned.get() && this.planned.compareAndSet(false, true)) {
			try {
				Future<?> unused = this.timer.schedule(this::write, Math.max(0, this.nextWrite - System.nanoTime()),
						TimeUnit.NANOSECONDS);
			}
			catch (RejectedExecutionException ex) {
				// the worker has ended: the outcome takes the rest with it
			}
		}
	}

	private void write() {
		this.nextWrite = System.nanoTime() + PAUSE;
		this.planned.set(false);
		MongoCollection<Document> jobs = Objects.requireNonNull(this.jobs);
		List<Snapshot> batch = new ArrayList<>();
		for (Iterator<AttemptNotes> all = this.changed.iterator(); all.hasNext();) {
			AttemptNotes notes = all.next();
			// before it is looked at, so that what it says meanwhile brings it back
			all.remove();
			Snapshot snapshot = notes.snapshot();
			if (snapshot != null) {
				batch.add(snapshot);
			}
		}
		if (batch.isEmpty()) {
			return;
		}
		try {
			jobs.bulkWrite(batch.stream().map(NoteWriter::model).toList(), UNORDERED);
			// what matched nothing has another holder, or its outcome already
			batch.forEach(Snapshot::done);
			this.failing = false;
		}
		catch (MongoBulkWriteException ex) {
			if (ex.getWriteConcernError() != null
					|| ex.getWriteErrors().stream().anyMatch((error) -> Outage.isPassing(error.getCode()))) {
				tryAgain(batch, ex);
				return;
			}
			// a document that has no room for it, or a validator of the user's
			complain(ex.getWriteErrors().stream().map(BulkWriteError::getMessage).findFirst().orElse(""), ex);
			batch.forEach(Snapshot::done);
		}
		catch (RuntimeException | Error ex) {
			tryAgain(batch, ex);
		}
	}

	private void tryAgain(List<Snapshot> batch, Throwable thrown) {
		this.nextWrite = System.nanoTime() + PAUSE_AFTER_FAILURE;
		batch.forEach((snapshot) -> this.changed.add(snapshot.notes()));
		plan();
		complain(thrown.toString(), thrown);
	}

	/** Said once until it works again; the jobs do not notice. */
	private void complain(String reason, Throwable thrown) {
		if (!this.failing) {
			this.failing = true;
			logger.warn("Progress and log lines of running jobs cannot be written; the jobs go on: {}", reason);
		}
		logger.debug("Progress and log lines of running jobs were not written", thrown);
	}

	/** None that the driver may repeat: what for is told in decision 0040. */
	private static UpdateManyModel<Document> model(Snapshot snapshot) {
		Claim claim = snapshot.notes().claim();
		return new UpdateManyModel<>(Filters.and(Filters.eq(JobDocument.ID, claim.job().id()),
				Filters.eq(JobDocument.STATE, JobState.RUNNING.text()), Filters.eq(JobDocument.CLAIM, claim.token())),
				new Document("$set", snapshot.fields()), BY_ID);
	}

}
