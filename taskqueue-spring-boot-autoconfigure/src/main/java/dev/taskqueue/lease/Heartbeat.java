package dev.taskqueue.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateOptions;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's identity, and what it may do under it: both hang on the last
 * acknowledged beat.
 */
final class Heartbeat {

	private static final Logger logger = LoggerFactory.getLogger(Heartbeat.class);

	/** In a long outage, the first ones may have reached the server. */
	private static final int MOST_UNHEARD = 1000;

	private static final String MEASURING = "asking the server's time";

	private final TaskQueueDatabase database;

	private final MongoCollection<Document> workers;

	private final ServerClock clock;

	private final Duration lease;

	private final Outage outage;

	private final Supplier<Document> facts;

	private final Consumer<String> onFenced;

	private final LongSupplier nanoTime;

	private volatile @Nullable Identity identity;

	/** When this node last saw a reason why others may look lapsed and are not. */
	private volatile @Nullable Long doubtSince;

	/**
	 * While the clock may be a new one of which it is not known yet how far it jumped.
	 */
	private volatile boolean measuring;

	/** Identities that were asked for without an answer: they may exist, nobody's. */
	private final List<String> unheard = new ArrayList<>();

	private ServerClock.@Nullable Measurement measured;

	private boolean factsRefused;

	private boolean ended;

	Heartbeat(TaskQueueDatabase database, ServerClock clock, Duration lease, Outage outage, Supplier<Document> facts,
			Consumer<String> onFenced, LongSupplier nanoTime) {
		this.database = database;
		// a server that hangs must not hold a beat longer than until the next one is due
		this.workers = database.withTimeout(lease.dividedBy(3)).workers();
		this.clock = clock;
		this.lease = lease;
		this.outage = outage;
		this.facts = facts;
		this.onFenced = onFenced;
		this.nanoTime = nanoTime;
	}

	void begin() {
		// before there is an identity: it may fail, and be begun again
		measure();
		synchronized (this) {
			if (this.identity != null) {
				throw new IllegalStateException("This worker has begun already as '" + workerId() + "'");
			}
			takeIdentity();
			// it may begin at the end of an outage, before those who lived through it
			// beat
			this.doubtSince = this.nanoTime.getAsLong();
		}
	}

	/**
	 * One beat; the one that finds this worker fenced goes on under a new identity.
	 */
	void beat() {
		synchronized (this) {
			if (this.ended) {
				return;
			}
			Identity known = known();
			if (known.fenced) {
				takeIdentity();
			}
			else {
				beat(known);
			}
			forgetUnheard();
		}
		measure();
	}

	private void beat(Identity known) {
		long sent = this.nanoTime.getAsLong();
		Bson me = Filters.and(Filters.eq(WorkerFields.ID, known.id), Filters.ne(WorkerFields.FENCED, true));
		boolean matched = writeFacts(
				(facts) -> this.workers
					.updateOne(me,
							new Document("$currentDate", new Document(WorkerFields.BEAT_AT, true)).append("$set",
									facts))
					.getMatchedCount() > 0);
		if (matched) {
			acknowledged(known.id, sent);
			return;
		}
		this.identity = new Identity(known.id, known.acknowledged, true);
		logger.warn(
				"This worker was taken for lost as '{}', its last heart-beat is {} ms old (lease {} ms): "
						+ "what it runs is interrupted, others run it again",
				known.id, sinceLastBeat().toMillis(), this.lease.toMillis());
		try {
			this.onFenced.accept(known.id);
		}
		catch (RuntimeException | Error ex) {
			logger.error("Interrupting the attempts of the fenced worker '{}' failed", known.id, ex);
		}
		CrashPoint.LEASE_LOST.reached();
		takeIdentity();
	}

	private void takeIdentity() {
		String id = WorkerId.next();
		long sent = this.nanoTime.getAsLong();
		// beat_at is in the filter so that an id that exists is refused, never shared
		Bson unused = Filters.and(Filters.eq(WorkerFields.ID, id), Filters.exists(WorkerFields.BEAT_AT, false));
		try {
			writeFacts((facts) -> this.workers.updateOne(unused,
					new Document("$currentDate",
							new Document(WorkerFields.BEAT_AT, true).append(WorkerFields.STARTED_AT, true))
						.append("$set", facts),
					new UpdateOptions().upsert(true)));
		}
		catch (MongoException ex) {
			if (!isRefusal(ex) && this.unheard.size() < MOST_UNHEARD) {
				this.unheard.add(id);
			}
			throw ex;
		}
		CrashPoint.LEASE_TAKEN.reached();
		acknowledged(id, sent);
		logger.info("This worker holds its jobs as '{}', by a lease of {} ms", id, this.lease.toMillis());
	}

	/** Others would take them for lost workers. */
	private void forgetUnheard() {
		if (!this.unheard.isEmpty()) {
			this.workers.deleteMany(Filters.in(WorkerFields.ID, this.unheard));
			this.unheard.clear();
		}
	}

	private void acknowledged(String id, long sent) {
		Identity before = this.identity;
		if (before != null && sent - before.acknowledged > this.lease.toNanos() / 2) {
			// before the identity is set: who sees the fresh beat must see the doubt too
			this.doubtSince = this.nanoTime.getAsLong();
		}
		this.identity = new Identity(id, sent, false);
	}

	/**
	 * Facts are for people: one that cannot be written must not cost the lease.
	 */
	private <T> T writeFacts(Function<Document, T> write) {
		Document bare = new Document(WorkerFields.LEASE_MS, this.lease.toMillis());
		try {
			Document set = new Document(this.facts.get());
			WorkerFields.RESERVED.forEach(set::remove);
			set.putAll(bare);
			T written = write.apply(set);
			this.factsRefused = false;
			return written;
		}
		catch (RuntimeException ex) {
			if (ex instanceof MongoException refusal && !isRefusal(refusal)) {
				throw ex;
			}
			T written = write.apply(bare);
			if (!this.factsRefused) {
				logger.warn("What this worker tells of itself cannot be written, so it beats without it", ex);
				this.factsRefused = true;
			}
			return written;
		}
	}

	/** Whether the server did not write since it does not take what was to be written. */
	private static boolean isRefusal(MongoException ex) {
		return (ex instanceof MongoWriteException || ex instanceof MongoCommandException)
				&& !Outage.isPassing(ex.getCode()) && !Outage.isForbidden(ex.getCode());
	}

	private void measure() {
		this.measuring = true;
		try {
			doubtAfterJump(this.clock.measure());
			this.outage.over(MEASURING);
		}
		catch (MongoException ex) {
			// the clock is carried on; the beat itself was acknowledged
			this.outage.failed(MEASURING, ex);
		}
		finally {
			this.measuring = false;
		}
	}

	private void doubtAfterJump(ServerClock.Measurement found) {
		ServerClock.Measurement before = this.measured;
		this.measured = found;
		if (before == null) {
			return;
		}
		Instant expected = before.serverTime().plusNanos(found.nanoTime() - before.nanoTime());
		Duration jump = Duration.between(expected, found.serverTime());
		if (jump.abs().compareTo(this.lease.dividedBy(6)) > 0) {
			this.doubtSince = this.nanoTime.getAsLong();
			logger.warn("The server's clock jumped by {} ms (its primary is {}): no worker is taken for lost for {} ms",
					jump.toMillis(), found.primary(), this.lease.toMillis());
		}
	}

	String workerId() {
		return known().id;
	}

	boolean isFresh() {
		Identity known = this.identity;
		return known != null && !known.fenced && age(known) < this.lease.toNanos();
	}

	/**
	 * Whether another's silence says something about that other: not when this node
	 * itself could not beat, for then all look lapsed.
	 * @return true if so
	 */
	boolean mayJudge() {
		boolean measuring = this.measuring;
		// in this order: whoever makes the identity or the clock new has set the doubt
		// before
		Identity known = this.identity;
		Long doubt = this.doubtSince;
		return known != null && !known.fenced && !measuring && age(known) <= this.lease.toNanos() / 2
				&& (doubt == null || this.nanoTime.getAsLong() - doubt >= this.lease.toNanos());
	}

	Duration sinceLastBeat() {
		Identity known = this.identity;
		return (known != null) ? Duration.ofNanos(age(known)) : Duration.ZERO;
	}

	/**
	 * The last act: no beat follows, so none can find the document missing and take a new
	 * identity.
	 * @return true if no document of this worker is left
	 */
	synchronized boolean end() {
		this.ended = true;
		forgetUnheard();
		Identity known = this.identity;
		if (known == null) {
			return true;
		}
		this.identity = new Identity(known.id, known.acknowledged, true);
		if (RunningJobs.exist(this.database, known.id)) {
			return false;
		}
		CrashPoint.LEASE_EMPTY.reached();
		this.database.workers().deleteOne(Filters.eq(WorkerFields.ID, known.id));
		return true;
	}

	private long age(Identity known) {
		return this.nanoTime.getAsLong() - known.acknowledged;
	}

	private Identity known() {
		return Objects.requireNonNull(this.identity, "begin() comes first");
	}

	/**
	 * A name and what is known of it.
	 *
	 * @param id the worker's id, as {@link JobDocument#WORKER} has it
	 * @param acknowledged the monotonic time before the last acknowledged beat was sent:
	 * the server took it later, so this node stops trusting its lease before others do
	 * @param fenced whether it is over
	 */
	private record Identity(String id, long acknowledged, boolean fenced) {
	}

}
