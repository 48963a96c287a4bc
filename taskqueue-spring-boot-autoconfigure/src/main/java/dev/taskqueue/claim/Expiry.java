package dev.taskqueue.claim;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.UpdateOptions;
import dev.taskqueue.JobEvent;
import dev.taskqueue.JobState;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.store.UniqueKey;
import dev.taskqueue.store.UnreadableId;
import org.bson.BsonType;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends pending jobs that were not started by their {@code expires_at}, whatever queue or
 * function they have and however busy the workers are. Any number of nodes may do so at
 * once: each job is ended by the one whose write matches it.
 */
public final class Expiry {

	static final int PORTION = 500;

	/** Who ended the job: where two nodes do so at once, it tells whose write it was. */
	static final String EXPIRED_BY = "expired_by";

	private static final Logger logger = LoggerFactory.getLogger(Expiry.class);

	private static final String EXPIRING = "ending jobs that were not started in time";

	/** A job has ended within ten seconds, also if one look fails. */
	private static final Duration INTERVAL = Duration.ofSeconds(4);

	/**
	 * Where a change stream tells of jobs that may expire, a look only covers what it
	 * missed.
	 */
	private static final Duration BESIDE_STREAM = Duration.ofSeconds(60);

	private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

	private static final int MOST_ASIDE = 1000;

	private static final Bson PENDING = Filters.eq(JobDocument.STATE, JobState.PENDING.text());

	/** An array compares as its elements, and is no date. */
	private static final Bson NO_LIST = Filters.not(Filters.type(JobDocument.EXPIRES_AT, BsonType.ARRAY));

	private final MongoCollection<Document> jobs;

	private final Clock clock;

	private final Retention retention;

	private final Outage outage;

	private final Supplier<String> me;

	private final Consumer<JobEvent> events;

	private final CountDownLatch stopped = new CountDownLatch(1);

	/** As far as is known, no job expires earlier. */
	private final AtomicReference<Instant> next = new AtomicReference<>(Instant.MIN);

	private volatile boolean besideStream;

	/** What the server refuses to write. */
	private final Set<Object> aside = new HashSet<>();

	/**
	 * Creates one.
	 * @param database the collections
	 * @param clock the server's clock
	 * @param retention how long ended jobs are kept
	 * @param outage told of failures
	 * @param me this worker's present id
	 * @param events told of each job that this node ended
	 */
	public Expiry(TaskQueueDatabase database, Clock clock, Retention retention, Outage outage, Supplier<String> me,
			Consumer<JobEvent> events) {
		this.jobs = database.jobs();
		this.clock = clock;
		this.retention = retention;
		this.outage = outage;
		this.me = me;
		this.events = events;
	}

	/** Ends jobs every few seconds until {@link #stop()}. */
	public void run() {
		// so that nodes that began together do not look together
		Duration pause = Duration.ofMillis(ThreadLocalRandom.current().nextLong(INTERVAL.toMillis()));
		while (!isStopped(pause)) {
			pause = AFTER_FAILURE;
			try {
				pause = (isDue() && round()) ? Duration.ZERO : INTERVAL;
				this.outage.over(EXPIRING);
			}
			catch (MongoException ex) {
				this.outage.failed(EXPIRING, ex);
			}
			catch (RuntimeException | Error ex) {
				this.outage.broke(EXPIRING, ex);
			}
		}
	}

	/** Ends {@link #run()} after the portion that is under way. */
	public void stop() {
		this.stopped.countDown();
	}

	/** Says whether a change stream tells of jobs that may expire. */
	void setBesideStream(boolean besideStream) {
		this.besideStream = besideStream;
		// what was inserted before the stream opened was not told
		expect(Instant.MIN);
	}

	/** There is a job that may expire, but not earlier than this. */
	void expect(Instant time) {
		this.next.accumulateAndGet(time, Expiry::earlier);
	}

	boolean isDue() {
		return !this.besideStream || !this.clock.instant().isBefore(this.next.get());
	}

	/**
	 * Ends a portion of the jobs whose time is over.
	 * @return true if there may be more
	 */
	boolean round() {
		Instant now = this.clock.instant();
		// before the questions: what is told meanwhile may be missed by them
		Instant expected = this.next.getAndSet(now.plus(BESIDE_STREAM));
		try {
			boolean more = endSome(now);
			if (this.besideStream && !more) {
				expect(findNext(now));
			}
			return more;
		}
		catch (RuntimeException | Error ex) {
			expect(expected);
			throw ex;
		}
	}

	private Instant findNext(Instant now) {
		Document next = this.jobs
			.find(Filters.and(PENDING, Filters.exists(JobDocument.EXPIRES_AT),
					Filters.gt(JobDocument.EXPIRES_AT, Date.from(now))))
			.sort(Sorts.ascending(JobDocument.EXPIRES_AT))
			.hint(Indexes.EXPIRY)
			.projection(Projections.include(JobDocument.EXPIRES_AT))
			.limit(1)
			.first();
		// a list is found by its elements, and never expires
		return (next != null && next.get(JobDocument.EXPIRES_AT) instanceof Date time) ? time.toInstant() : Instant.MAX;
	}

	private static Instant earlier(Instant one, Instant other) {
		return one.isBefore(other) ? one : other;
	}

	private boolean endSome(Instant now) {
		Bson over = Filters.and(PENDING, Filters.exists(JobDocument.EXPIRES_AT),
				Filters.lte(JobDocument.EXPIRES_AT, Date.from(now)), NO_LIST);
		List<JobDocument> found = this.jobs
			.find(this.aside.isEmpty() ? over : Filters.and(over, Filters.nin(JobDocument.ID, this.aside)))
			.hint(Indexes.EXPIRY)
			.projection(Projections.include(JobDocument.FUNCTION, JobDocument.QUEUE, JobDocument.CANCEL_REQUESTED,
					JobDocument.UNIQUE_KEY, JobDocument.UNIQUE_UNTIL))
			.limit(PORTION)
			.batchSize(PORTION + 1)
			.map(JobDocument::new)
			.into(new ArrayList<>());
		Map<Group, List<JobDocument>> groups = new LinkedHashMap<>();
		found.forEach((job) -> groups.computeIfAbsent(Group.of(job), (group) -> new ArrayList<>()).add(job));
		groups.forEach((group, jobs) -> end(group, jobs, now));
		return found.size() == PORTION;
	}

	private void end(Group group, List<JobDocument> jobs, Instant now) {
		List<Object> ids = jobs.stream().map(JobDocument::id).toList();
		Bson same = (jobs.size() == 1) ? jobs.get(0).filter() : Filters.in(JobDocument.ID, ids);
		Bson cancel = (group.fate == JobState.CANCELLED) ? Filters.eq(JobDocument.CANCEL_REQUESTED, true)
				: Filters.ne(JobDocument.CANCEL_REQUESTED, true);
		Bson over = Filters.and(same, PENDING, Filters.lte(JobDocument.EXPIRES_AT, Date.from(now)), cancel);
		String by = this.me.get();
		Duration kept = this.retention.of(group.fate);
		Document set = new Document(JobDocument.STATE, group.fate.text()).append(EXPIRED_BY, by)
			.append(JobDocument.FINISHED_AT, Date.from(now))
			// as long as a row's job is kept: some of the jobs may be such
			.append(JobDocument.DELETE_AT, Date.from(now.plus(Retention.guardingSlot(kept))));
		try {
			long ended = update(over, UniqueKey.end(jobs.get(0).document(), new Document("$set", set)));
			Bson byMe = Filters.and(same, Filters.eq(JobDocument.STATE, group.fate.text()), Filters.eq(EXPIRED_BY, by));
			Set<Object> mine = (ended < jobs.size()) ? ids(byMe) : new HashSet<>(ids);
			if (kept.isZero() && !UniqueKey.isHeldAt(jobs.get(0).document(), now)) {
				// a crash before it leaves them to the TTL index
				this.jobs.deleteMany(Filters.and(byMe, Filters.exists(JobDocument.ORIGIN, false)));
			}
			jobs.stream()
				.filter((job) -> mine.contains(job.id()) || (jobs.size() == 1 && ended == 1))
				.forEach((job) -> tell(job, group.fate));
		}
		catch (MongoWriteException ex) {
			if (Outage.isPassing(ex.getCode())) {
				throw ex;
			}
			if (jobs.size() > 1) {
				// it is one of them, which must not hold the others
				jobs.forEach((job) -> end(group, List.of(job), now));
			}
			else {
				endWithoutMore(jobs.get(0), over, group.fate);
			}
		}
	}

	/** A document of 16 MB has no room for more than the state. */
	private void endWithoutMore(JobDocument job, Bson over, JobState fate) {
		try {
			Document set = new Document(JobDocument.STATE, fate.text());
			if (update(over, UniqueKey.end(job.document(), new Document("$set", set))) > 0) {
				tell(job, fate);
			}
		}
		catch (MongoWriteException ex) {
			if (Outage.isPassing(ex.getCode()) || this.aside.size() >= MOST_ASIDE) {
				throw ex;
			}
			this.aside.add(job.id());
			logger.warn("Job {} was not started in time, and the server refuses to write so: {}", job.idText(),
					ex.getMessage());
		}
	}

	private long update(Bson filter, Document update) {
		return this.jobs.updateMany(filter, update, new UpdateOptions().hint(Indexes.BY_ID)).getModifiedCount();
	}

	/** Fewer matched than were sent: another node, or a claim, came first. */
	private Set<Object> ids(Bson filter) {
		Set<Object> ids = new HashSet<>();
		this.jobs.find(filter)
			.hint(Indexes.BY_ID)
			.projection(Projections.include(JobDocument.ID))
			.batchSize(PORTION + 1)
			.forEach((job) -> ids.add(new JobDocument(job).id()));
		return ids;
	}

	private void tell(JobDocument job, JobState fate) {
		String function = job.text(JobDocument.FUNCTION, "");
		String queue = job.text(JobDocument.QUEUE, "");
		JobEvent event = (fate == JobState.CANCELLED)
				? new JobEvent.Cancelled(job.idText(), function, queue, Duration.ZERO)
				: new JobEvent.Expired(job.idText(), function, queue);
		try {
			this.events.accept(event);
		}
		catch (RuntimeException | Error ex) {
			logger.warn("A listener failed at {}", event, ex);
		}
	}

	private boolean isStopped(Duration pause) {
		try {
			return this.stopped.await(pause.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return true;
		}
	}

	/**
	 * Jobs that one write ends.
	 *
	 * @param fate expired; or cancelled, where that was asked for before
	 * @param alone the id of a job that has a key, or cannot be found among others; null
	 * mostly
	 */
	private record Group(JobState fate, @Nullable Object alone) {

		static Group of(JobDocument job) {
			return new Group(job.isCancelRequested() ? JobState.CANCELLED : JobState.EXPIRED,
					(job.id() instanceof UnreadableId || UniqueKey.isIn(job.document())) ? job.id() : null);
		}

	}

}
