package dev.taskqueue.claim;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.ReadConcern;
import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import dev.taskqueue.JobState;
import dev.taskqueue.claim.Claimer.Hearing;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of jobs that other nodes and other programs insert, and wakes the claimer. It
 * saves waiting only: without it, the claimer polls.
 */
public final class JobStream {

	private static final Logger logger = LoggerFactory.getLogger(JobStream.class);

	private static final Duration RETRY = Duration.ofSeconds(5);

	/** One question to an idle server in that time. */
	private static final long AWAIT_MILLIS = 2000;

	private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

	/** Else a reply may have 16 MB, of which the driver makes several times as much. */
	private static final int BATCH_SIZE = 1000;

	private final TaskQueueDatabase database;

	private final Claimer claimer;

	private final List<Bson> pendingJobs;

	private final long awaitMillis;

	private volatile boolean stopped;

	/**
	 * Creates one.
	 * @param database the collections
	 * @param claimer whom it wakes
	 * @param functions of which jobs: others wake nobody here
	 */
	public JobStream(TaskQueueDatabase database, Claimer claimer, Set<String> functions) {
		this.database = database;
		this.claimer = claimer;
		Bson inserted = Filters.and(Filters.eq("operationType", "insert"),
				Filters.eq("fullDocument." + JobDocument.STATE, JobState.PENDING.text()),
				Filters.in("fullDocument." + JobDocument.FUNCTION, functions));
		// a retry, a recovery, or what a node that ends gives back
		Bson pendingAgain = Filters.eq("updateDescription.updatedFields." + JobDocument.STATE, JobState.PENDING.text());
		this.pendingJobs = List.of(Aggregates.match(Filters.or(inserted, pendingAgain)),
				Aggregates.project(Projections.include("operationType", "fullDocument." + JobDocument.QUEUE)));
		Long limit = database.database().getTimeout(TimeUnit.MILLISECONDS);
		// the driver refuses a wait that its limit for one operation would cut
		this.awaitMillis = (limit != null && limit > 0) ? Math.min(AWAIT_MILLIS, limit / 2) : AWAIT_MILLIS;
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
					this.claimer.setHearing(Hearing.STREAM_PAUSED);
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
				if (!said.equals(ex.toString())) {
					said = ex.toString();
					logger.error("An error in watching jobs; they are looked for at each poll interval meanwhile", ex);
				}
			}
			finally {
				this.claimer.setHearing(Hearing.POLLS);
			}
			if (!this.stopped) {
				LockSupport.parkNanos(this, RETRY.toNanos());
			}
		}
	}

	/** Ends {@link #run()} within some seconds. */
	public void stop() {
		this.stopped = true;
	}

	/**
	 * Listens until the claimer is so busy that it need not be told of jobs. The server
	 * looks at each write for the stream, and that would cost it more than the job.
	 * @return false if the stream is over for another reason
	 */
	private boolean listen() {
		// change streams are refused with any other read concern
		try (MongoChangeStreamCursor<ChangeStreamDocument<Document>> cursor = this.database.jobs()
			.withReadConcern(ReadConcern.MAJORITY)
			.watch(this.pendingJobs)
			.batchSize(BATCH_SIZE)
			.maxAwaitTime(this.awaitMillis, TimeUnit.MILLISECONDS)
			.cursor()) {
			this.claimer.setHearing(Hearing.STREAM);
			ChangeStreamDocument<Document> change = cursor.tryNext();
			// without a cursor on the server (the collection was dropped or renamed)
			// nothing is heard any more, and nothing says so
			while (!this.stopped && (change != null || cursor.getServerCursor() != null)) {
				if (this.claimer.isBusy()) {
					return true;
				}
				if (change != null) {
					hear(change);
				}
				change = cursor.tryNext();
			}
			return false;
		}
	}

	private void hear(ChangeStreamDocument<Document> change) {
		Document job = change.getFullDocument();
		if (job == null) {
			// an update does not tell the queue, and to look the job up would cost more
			this.claimer.lookEverywhere();
		}
		else if (job.get(JobDocument.QUEUE) instanceof String queue) {
			this.claimer.wakeUp(queue);
		}
	}

}
