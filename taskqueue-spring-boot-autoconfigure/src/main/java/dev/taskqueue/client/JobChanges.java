package dev.taskqueue.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import dev.taskqueue.Job;
import dev.taskqueue.JobState;
import dev.taskqueue.store.ChangeStream;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.RawFields;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out which jobs change, and tells the watches. One thread hears the ids of changed
 * jobs from the server and goes on where it was after an outage; another one reads these
 * jobs and tells them, so that a slow listener holds up no stream. What nobody heard of
 * (before the stream was open; while it was broken for longer than the server remembers;
 * on a server that tells of no changes, or not us, each second or so) is found by a look
 * for jobs that were submitted, claimed or ended lately, and at those whose end was not
 * told yet.
 */
final class JobChanges {

	private static final Logger logger = LoggerFactory.getLogger(JobChanges.class);

	private static final List<Bson> CHANGES = List.of(
			Aggregates.match(Filters.in("operationType", "insert", "update", "replace")),
			Aggregates.project(Projections.include("operationType", "documentKey", "clusterTime")));

	private static final Bson SEEN = Projections.include(JobDocument.FUNCTION, JobDocument.QUEUE, JobDocument.PRIORITY,
			JobDocument.STATE, JobDocument.RUN_AT, JobDocument.CREATED_AT, JobDocument.ATTEMPT, JobDocument.RECOVERIES,
			JobDocument.CANCEL_REQUESTED, JobDocument.PROGRESS, JobDocument.ERROR + ".reason",
			JobDocument.ERROR + ".at");

	private static final Bson WITHOUT_LOG = Projections.exclude(JobDocument.LOG);

	/** A job has up to 16 MB. */
	private static final int READ_AT_A_TIME = 100;

	private static final int ASKED_AT_A_TIME = 500;

	/** Then the stream waits for the listeners. */
	private static final int MOST_CHANGED = 10_000;

	private static final long POLL = TimeUnit.SECONDS.toNanos(1);

	private static final long LONGEST_POLL = TimeUnit.MINUTES.toNanos(1);

	/** A look must not take more than this part of the server's time. */
	private static final int PART = 20;

	/**
	 * By how much an end may be written later than it says: nodes hold what they write
	 * for moments, and their clocks differ a little.
	 */
	private static final Duration OVERLAP = Duration.ofSeconds(30);

	private static final Duration LOOK_TIMEOUT = Duration.ofMinutes(1);

	private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

	/** What is refused for a reason that does not pass is tried again, but rarely. */
	private static final long PAUSE_AFTER_REFUSAL = TimeUnit.SECONDS.toNanos(30);

	private final TaskQueueDatabase database;

	private final TaskQueueDatabase patient;

	private final Clock serverClock;

	private final List<Watch> watches;

	private final Lock lock = new ReentrantLock();

	private final Condition news = this.lock.newCondition();

	private final Condition room = this.lock.newCondition();

	private final Set<BsonValue> changed = new LinkedHashSet<>();

	/** What changed is heard, or was looked for, up to then. */
	private volatile Instant known;

	private volatile @Nullable ChangeStream stream;

	private boolean hears;

	private volatile boolean polls;

	private boolean missed;

	private long nextLook;

	private volatile boolean stopped;

	private boolean failing;

	private String said = "";

	private @Nullable Thread hearing;

	/**
	 * Creates one.
	 * @param watches those who are told; may change at any time
	 */
	JobChanges(TaskQueueDatabase database, Clock serverClock, List<Watch> watches) {
		this.database = database;
		this.patient = database.withTimeout(LOOK_TIMEOUT);
		this.serverClock = serverClock;
		this.watches = watches;
		this.known = serverClock.instant();
	}

	void start() {
		this.hearing = start("taskqueue-watch-stream", this::hear);
		start("taskqueue-watch", this::tell);
	}

	/** Somebody began to watch. */
	void wakeUp() {
		signal(() -> {
		});
	}

	/** Ends it; the stream may take some seconds to notice. */
	void stop() {
		this.stopped = true;
		wakeUp();
		ChangeStream open = this.stream;
		if (open != null) {
			open.cancel();
		}
		LockSupport.unpark(this.hearing);
	}

	private static Thread start(String name, Runnable work) {
		Thread thread = new Thread(work, name);
		thread.setDaemon(true);
		thread.start();
		return thread;
	}

	private void poll() {
		signal(() -> {
			this.polls = true;
			this.nextLook = System.nanoTime();
		});
	}

	private void signal(Runnable change) {
		this.lock.lock();
		try {
			change.run();
			this.news.signalAll();
			this.room.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	// The thread that hears

	private void hear() {
		BsonDocument place = null;
		while (!this.stopped) {
			long pause = PAUSE;
			try {
				if (!this.database.hasChangeStreams()) {
					logger.debug("MongoDB tells of no changes: watched jobs are looked for each second");
					poll();
					return;
				}
				place = follow(place);
			}
			catch (MongoCommandException ex) {
				// such as a place that the server has forgotten
				place = null;
				if (!Outage.isPassing(ex.getErrorCode())) {
					pause = PAUSE_AFTER_REFUSAL;
					refused(ex);
				}
			}
			catch (MongoException ex) {
				logger.debug("The change stream of watched jobs ended; it goes on where it was", ex);
			}
			catch (InterruptedException ex) {
				return;
			}
			catch (RuntimeException | Error ex) {
				if (!this.stopped) {
					logger.error("An error in watching jobs; it is tried again", ex);
				}
			}
			if (!this.stopped) {
				LockSupport.parkNanos(this, pause);
			}
		}
	}

	/** The place in the stream may be all that is wrong, so it is tried again. */
	private void refused(MongoCommandException refusal) {
		if (!this.said.equals(refusal.getErrorMessage())) {
			this.said = refusal.getErrorMessage();
			logger.warn("Changes of jobs cannot be watched ({}), so watched jobs are looked for each second",
					this.said);
		}
		if (!this.polls) {
			poll();
		}
	}

	/**
	 * Hears of changes until the stream ends or breaks.
	 * @param place where to go on, or null for now: then what changed before is looked
	 * for
	 * @return where to go on
	 */
	private @Nullable BsonDocument follow(@Nullable BsonDocument place) throws InterruptedException {
		BsonDocument last = place;
		boolean heard = false;
		try (ChangeStream opened = ChangeStream.open(this.database, this.database.jobs(), CHANGES, place)) {
			this.stream = opened;
			signal(() -> {
				this.missed |= place == null;
				this.polls = false;
				this.hears = true;
			});
			while (!this.stopped && !opened.isOver()) {
				Instant asked = this.serverClock.instant();
				RawBsonDocument change = opened.next();
				if (change != null) {
					put(change);
					last = change.getDocument("_id");
					heard = true;
					if (change.get("clusterTime") instanceof BsonTimestamp time) {
						this.known = Instant.ofEpochSecond(time.getTime());
					}
				}
				else if (!opened.isOver()) {
					this.known = asked;
				}
			}
			// dropped or renamed: there is no place to go on
			return null;
		}
		catch (RuntimeException ex) {
			if (heard) {
				// what was heard is not heard again
				return last;
			}
			throw ex;
		}
		finally {
			this.stream = null;
			signal(() -> this.hears = false);
		}
	}

	private void put(RawBsonDocument change) throws InterruptedException {
		BsonValue id = (change.get("documentKey") instanceof RawBsonDocument key) ? RawFields.value(key, JobDocument.ID)
				: null;
		if (id == null || this.watches.stream().noneMatch((watch) -> watch.wanted().mayBe(id))) {
			return;
		}
		this.lock.lock();
		try {
			while (this.changed.size() >= MOST_CHANGED && !this.stopped) {
				this.room.await();
			}
			this.changed.add(id);
			this.news.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	// The thread that tells

	private void tell() {
		while (!this.stopped) {
			Round round = new Round(List.of(), false, false);
			try {
				round = await();
				tell(round.changed());
				if (round.isReady()) {
					look(round.isForAll());
				}
				this.failing = false;
			}
			catch (InterruptedException ex) {
				return;
			}
			catch (RuntimeException | Error ex) {
				if (!this.stopped) {
					complain(ex);
					tryAgain(round);
					LockSupport.parkNanos(this, PAUSE);
				}
			}
		}
	}

	private Round await() throws InterruptedException {
		this.lock.lock();
		try {
			while (!this.stopped) {
				boolean ready = this.hears || this.polls;
				boolean due = this.polls && this.nextLook - System.nanoTime() <= 0;
				boolean all = due || (ready && this.missed);
				if (!this.changed.isEmpty() || all || (ready && this.watches.stream().anyMatch(Watch::isFresh))) {
					this.missed &= !all;
					return new Round(take(), ready, all);
				}
				if (this.polls) {
					long unused = this.news.awaitNanos(this.nextLook - System.nanoTime());
				}
				else {
					this.news.await();
				}
			}
			return new Round(List.of(), false, false);
		}
		finally {
			this.lock.unlock();
		}
	}

	private List<BsonValue> take() {
		List<BsonValue> ids = new ArrayList<>(READ_AT_A_TIME);
		for (Iterator<BsonValue> all = this.changed.iterator(); all.hasNext() && ids.size() < READ_AT_A_TIME;) {
			ids.add(all.next());
			all.remove();
		}
		this.room.signalAll();
		return ids;
	}

	private void tryAgain(Round round) {
		signal(() -> {
			this.changed.addAll(round.changed());
			this.missed |= round.isForAll();
		});
	}

	/** Tells the jobs as they are, those that are gone not. */
	private void tell(Collection<BsonValue> ids) {
		if (!ids.isEmpty()) {
			this.database.jobs()
				.find(Filters.in(JobDocument.ID, ids))
				.projection(WITHOUT_LOG)
				.batchSize(READ_AT_A_TIME)
				.forEach((document) -> {
					Job job = new JobDocument(document).toJob();
					this.watches.forEach((watch) -> watch.offer(job));
				});
		}
	}

	/** Looks for what nobody heard of. */
	private void look(boolean forAll) {
		long begun = System.nanoTime();
		Instant now = this.serverClock.instant();
		Instant lately = this.known.minus(OVERLAP);
		List<Watch> lookers = this.watches.stream().filter((watch) -> forAll || watch.isFresh()).toList();
		Set<BsonValue> ids = new LinkedHashSet<>();
		for (Watch watch : lookers) {
			if (watch.wanted().id() != null) {
				ids.addAll(watch.wanted().ids());
			}
			else {
				watch.goingOn().forEach((id) -> ids.addAll(JobIds.of(id)));
				Instant since = (watch.isFresh() || watch.since().isAfter(lately)) ? watch.since() : lately;
				look(this.patient, Filters.and(watch.wanted().filter(), changedSince(since)), List.of(watch));
			}
		}
		List<BsonValue> all = List.copyOf(ids);
		for (int from = 0; from < all.size(); from += ASKED_AT_A_TIME) {
			look(this.database,
					Filters.in(JobDocument.ID, all.subList(from, Math.min(from + ASKED_AT_A_TIME, all.size()))),
					lookers);
		}
		lookers.forEach(Watch::looked);
		if (this.polls && forAll) {
			this.known = now;
			long took = System.nanoTime() - begun;
			this.nextLook = System.nanoTime() + Math.min(LONGEST_POLL, Math.max(POLL, took * PART));
		}
	}

	/** Reads little of each job, and those in full that are to be told. */
	private void look(TaskQueueDatabase database, Bson filter, List<Watch> lookers) {
		List<BsonValue> found = new ArrayList<>();
		database.jobs().find(filter).projection(SEEN).forEach((document) -> {
			Job job = new JobDocument(document).toJob();
			if (!this.stopped && lookers.stream().anyMatch((watch) -> watch.isNews(job))) {
				found.add(idOf(document));
			}
			if (found.size() == READ_AT_A_TIME) {
				tell(found);
				found.clear();
			}
		});
		tell(found);
	}

	private BsonValue idOf(Document document) {
		return Objects.requireNonNull(new RawBsonDocument(new Document(JobDocument.ID, document.get(JobDocument.ID)),
				this.database.database().getCodecRegistry().get(Document.class))
			.get(JobDocument.ID));
	}

	/** Progress has no time, so a job that tells some is looked at as long as it runs. */
	private static Bson changedSince(Instant since) {
		Date date = Date.from(since);
		return Filters.or(Filters.gte(JobDocument.CREATED_AT, date), Filters.gte(JobDocument.CLAIMED_AT, date),
				Filters.gte(JobDocument.FINISHED_AT, date), Filters.gte(JobDocument.ERROR + ".at", date), Filters
					.and(Filters.eq(JobDocument.STATE, JobState.RUNNING.text()), Filters.exists(JobDocument.PROGRESS)));
	}

	private void complain(Throwable thrown) {
		if (this.failing) {
			logger.debug("Watched jobs still cannot be read", thrown);
		}
		else if (thrown instanceof MongoException) {
			logger.warn("Watched jobs cannot be read; it is tried again until it works: {}", thrown.toString());
		}
		else {
			logger.error("An error in reading watched jobs; it is tried again until it works", thrown);
		}
		this.failing = true;
	}

	/**
	 * What is to be done.
	 *
	 * @param changed jobs to be told
	 * @param isReady whether it makes sense to look: what changes after it will be heard
	 * @param isForAll whether to look for all watches, and not only for the fresh ones
	 */
	private record Round(List<BsonValue> changed, boolean isReady, boolean isForAll) {
	}

}
