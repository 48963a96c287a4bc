package dev.taskqueue.claim;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import dev.taskqueue.JobState;
import dev.taskqueue.claim.Claimer.Hearing;
import dev.taskqueue.store.ChangeStream;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.RawFields;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of jobs that other nodes and other programs insert, and tells the claimer. It
 * saves waiting only: without it, the claimer polls.
 */
public final class JobStream {

	private static final Logger logger = LoggerFactory.getLogger(JobStream.class);

	private static final String WATCHING = "watching jobs";

	private static final Duration RETRY = Duration.ofSeconds(5);

	private static final String UPDATED = "updateDescription.updatedFields.";

	private static final String JOB = "fullDocument";

	/** Larger jobs are not told whole: each node hears of each of them. */
	private static final int MOST_BYTES = 2048;

	private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

	private final TaskQueueDatabase database;

	private final Claimer claimer;

	private final Expiry expiry;

	private final Outage outage;

	private final Runnable onCancel;

	private final Set<String> functions;

	private volatile @Nullable ChangeStream stream;

	private volatile boolean stopped;

	private volatile int functionChanges;

	/**
	 * Creates one.
	 * @param database the collections
	 * @param claimer whom it wakes
	 * @param expiry told of jobs of any function that may expire
	 * @param outage told of errors
	 * @param functions of which jobs, as they are at each moment: others wake nobody here
	 * @param onCancel done when a running job of any worker is to be cancelled
	 */
	public JobStream(TaskQueueDatabase database, Claimer claimer, Expiry expiry, Outage outage, Set<String> functions,
			Runnable onCancel) {
		this.database = database;
		this.claimer = claimer;
		this.expiry = expiry;
		this.outage = outage;
		this.onCancel = onCancel;
		this.functions = functions;
		claimer.onBusy(this::cancel);
	}

	private List<Bson> pendingJobs() {
		Bson inserted = Filters.and(Filters.eq("operationType", "insert"),
				Filters.eq("fullDocument." + JobDocument.STATE, JobState.PENDING.text()),
				Filters.or(Filters.in("fullDocument." + JobDocument.FUNCTION, List.copyOf(this.functions)),
						Filters.exists("fullDocument." + JobDocument.EXPIRES_AT)));
		// a retry, a recovery, or what a node that ends gives back; not what waits for a
		// lock, which is woken by a change of its own
		Bson pendingAgain = Filters.and(Filters.eq(UPDATED + JobDocument.STATE, JobState.PENDING.text()),
				Filters.exists(UPDATED + JobDocument.WAITS, false));
		// who changes a pending job gives it a token: it may be due now, or elsewhere
		Bson changed = Filters.and(
				Filters.or(Filters.exists(UPDATED + JobDocument.CLAIM),
						Filters.exists(UPDATED + JobDocument.EXPIRES_AT)),
				Filters.exists(UPDATED + JobDocument.STATE, false));
		Bson cancelled = Filters.eq(UPDATED + JobDocument.CANCEL_REQUESTED, true);
		return List.of(Aggregates.match(Filters.or(inserted, pendingAgain, changed, cancelled)),
				Aggregates.project(
						Projections.fields(Projections.include("operationType", UPDATED + JobDocument.CANCEL_REQUESTED),
								Projections.computed(JOB, job()))));
	}

	/** All of it, or what it takes to wake the claimer. */
	private static Document job() {
		Document some = new Document();
		List.of(JobDocument.QUEUE, JobDocument.RUN_AT, JobDocument.FUNCTION, JobDocument.EXPIRES_AT)
			.forEach((field) -> some.append(field, "$" + JOB + "." + field));
		Document isSmall = new Document("$lte", List.of(new Document("$bsonSize", "$" + JOB), MOST_BYTES));
		return new Document("$cond", List.of(isSmall, "$" + JOB, some));
	}

	/**
	 * Listens until {@link #stop()}; returns at once where the server has no change
	 * streams.
	 */
	public void run() {
		String said = "";
		while (!this.stopped) {
			try {
				if (!this.database.hasChangeStreams()) {
					logger.info("MongoDB is no replica set, so it tells of no changes: jobs of other programs are "
							+ "looked for at each poll interval");
					return;
				}
				while (!this.stopped && listen()) {
					setHearing(Hearing.STREAM_PAUSED);
					while (!this.stopped && this.claimer.isBusy()) {
						LockSupport.parkNanos(this, PAUSE_NANOS);
					}
				}
			}
			catch (MongoCommandException ex) {
				if (!Outage.isPassing(ex.getErrorCode()) && !said.equals(ex.getErrorMessage())) {
					said = ex.getErrorMessage();
					logger.warn("Changes of jobs cannot be watched ({}), so jobs of other programs are looked for at "
							+ "each poll interval", said);
				}
			}
			catch (MongoException ex) {
				// the claimer meets an outage too, and it is the one that reports it
				logger.debug("The change stream of jobs ended; polling meanwhile", ex);
			}
			catch (RuntimeException | Error ex) {
				this.outage.broke(WATCHING, ex);
			}
			finally {
				setHearing(Hearing.POLLS);
			}
			if (!this.stopped) {
				LockSupport.parkNanos(this, RETRY.toNanos());
			}
		}
	}

	/**
	 * Functions came or went: from now on it listens for jobs of those that are there.
	 */
	@SuppressWarnings("NonAtomicVolatileUpdate")
	public synchronized void functionsChanged() {
		this.functionChanges++;
		cancel();
	}

	/** Ends {@link #run()}. */
	public void stop() {
		this.stopped = true;
		cancel();
	}

	/**
	 * Listens until the claimer is so busy that it need not be told of jobs. The server
	 * looks at each write for the stream, and that would cost it more than the job.
	 * @return false if the stream is over for another reason
	 */
	private boolean listen() {
		int changes = this.functionChanges;
		try (ChangeStream opened = ChangeStream.open(this.database, this.database.jobs(), pendingJobs())) {
			this.stream = opened;
			setHearing(Hearing.STREAM);
			this.outage.over(WATCHING);
			while (!this.stopped && !opened.isOver() && changes == this.functionChanges) {
				if (this.claimer.isBusy()) {
					return true;
				}
				RawBsonDocument change = opened.next();
				if (change != null) {
					hear(change);
				}
			}
			// the rush may be over by now
			return opened.isCancelled() || changes != this.functionChanges;
		}
		finally {
			this.stream = null;
		}
	}

	private void setHearing(Hearing hearing) {
		this.claimer.setHearing(hearing);
		this.expiry.setBesideStream(hearing == Hearing.STREAM);
	}

	private void hear(RawBsonDocument change) {
		if (!(change.get(JOB) instanceof RawBsonDocument job)) {
			if (isCancellation(change)) {
				this.onCancel.run();
				return;
			}
			// an update does not tell the queue, and to look the job up would cost more
			this.claimer.lookEverywhere();
			this.expiry.expect(Instant.MIN);
			return;
		}
		if (RawFields.value(job, JobDocument.EXPIRES_AT) instanceof BsonDateTime time) {
			this.expiry.expect(Instant.ofEpochMilli(time.getValue()));
		}
		BsonString function = (RawFields.value(job, JobDocument.FUNCTION) instanceof BsonString text) ? text : null;
		if (function != null && !this.functions.contains(function.getValue())) {
			return;
		}
		if (RawFields.value(job, JobDocument.QUEUE) instanceof BsonString queue
				&& RawFields.value(job, JobDocument.RUN_AT) instanceof BsonDateTime) {
			if (function != null && isWhole(job)) {
				this.claimer.tell(queue.getValue(), new JobDocument(job.decode(TaskQueueDatabase.codec())));
			}
			else {
				this.claimer.wakeUp(queue.getValue());
			}
		}
		else {
			this.claimer.discover();
		}
	}

	/** With an id by which it can be claimed: one that is null is met by a look only. */
	private static boolean isWhole(RawBsonDocument job) {
		BsonValue id = RawFields.value(job, JobDocument.ID);
		return id != null && !id.isNull();
	}

	private static boolean isCancellation(RawBsonDocument change) {
		return change.get("updateDescription") instanceof BsonDocument update
				&& update.get("updatedFields") instanceof BsonDocument fields
				&& fields.containsKey(JobDocument.CANCEL_REQUESTED);
	}

	private void cancel() {
		ChangeStream opened = this.stream;
		if (opened != null) {
			opened.cancel();
		}
	}

}
