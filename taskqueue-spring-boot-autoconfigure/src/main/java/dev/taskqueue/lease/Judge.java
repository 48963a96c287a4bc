package dev.taskqueue.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which workers are lost, by a write that ends their identity for good: from then on
 * no beat of theirs matches, so nobody can be lost and live.
 */
final class Judge {

	private static final Logger logger = LoggerFactory.getLogger(Judge.class);

	private static final int PAGE = 500;

	private final TaskQueueDatabase database;

	private final ServerClock clock;

	private final Duration lease;

	private final Heartbeat heartbeat;

	private final LongSupplier nanoTime;

	private final String now;

	private final Map<String, Ahead> ahead = new HashMap<>();

	/**
	 * Creates one.
	 * @param lease for workers whose document says none
	 * @param now what the server calls its own time
	 */
	Judge(TaskQueueDatabase database, ServerClock clock, Duration lease, Heartbeat heartbeat, LongSupplier nanoTime,
			String now) {
		this.database = database;
		this.clock = clock;
		this.lease = lease;
		this.heartbeat = heartbeat;
		this.nanoTime = nanoTime;
		this.now = now;
	}

	/**
	 * Fences who lapsed.
	 * @return all that are fenced and have a document yet, whoever fenced them
	 */
	List<String> lost() {
		List<String> lost = new ArrayList<>();
		Set<String> seen = new HashSet<>();
		// before the documents are read: a beat that comes later is none that is late
		Instant time = this.clock.instant();
		for (Document worker : workers()) {
			String id = worker.getString(WorkerFields.ID);
			seen.add(id);
			if (id.equals(this.heartbeat.workerId())) {
				continue;
			}
			if (Boolean.TRUE.equals(worker.get(WorkerFields.FENCED)) || isLostNow(id, worker, time)) {
				lost.add(id);
			}
		}
		this.ahead.keySet().retainAll(seen);
		return lost;
	}

	private List<Document> workers() {
		List<Document> workers = new ArrayList<>();
		String last = "";
		List<Document> page;
		do {
			page = this.database.workers()
				.find(Filters.gt(WorkerFields.ID, last))
				.sort(Sorts.ascending(WorkerFields.ID))
				.projection(Projections.include(WorkerFields.BEAT_AT, WorkerFields.LEASE_MS, WorkerFields.FENCED))
				.limit(PAGE)
				.batchSize(PAGE)
				.into(new ArrayList<>());
			workers.addAll(page);
			last = page.isEmpty() ? last : page.get(page.size() - 1).getString(WorkerFields.ID);
		}
		while (page.size() == PAGE);
		return workers;
	}

	/**
	 * Both clocks must say so: the one that was measured, which a new primary with a
	 * wrong clock does not move at once, and then the server's own.
	 */
	private boolean isLostNow(String id, Document worker, Instant time) {
		Instant beatAt = (worker.get(WorkerFields.BEAT_AT) instanceof Date date) ? date.toInstant() : null;
		long leaseMs = (worker.get(WorkerFields.LEASE_MS) instanceof Number number) ? number.longValue()
				: this.lease.toMillis();
		long silentMs = (beatAt != null) ? time.toEpochMilli() - beatAt.toEpochMilli() : Long.MAX_VALUE;
		boolean fenced = false;
		if (silentMs > leaseMs) {
			fenced = this.heartbeat.mayJudge() && fenceIfLapsed(id, worker.get(WorkerFields.BEAT_AT), leaseMs);
		}
		else if (beatAt != null && silentMs < -leaseMs) {
			fenced = isSilent(id, beatAt, leaseMs) && this.heartbeat.mayJudge() && fenceUnlessBeaten(id, beatAt);
		}
		if (fenced) {
			CrashPoint.RECOVERY_FENCED.reached();
			logger.warn(
					"Worker '{}' is lost: its last heart-beat was at {}, its lease is {} ms. Its jobs are taken back",
					id, beatAt, leaseMs);
		}
		return fenced;
	}

	/**
	 * The server's clock was set back and this beat lies far ahead of it: it would look
	 * alive until the clock is there again. A live worker beats anew within its lease.
	 */
	private boolean isSilent(String id, Instant beatAt, long leaseMs) {
		Ahead known = this.ahead.get(id);
		long nanos = this.nanoTime.getAsLong();
		if (known == null || !known.beatAt.equals(beatAt)) {
			this.ahead.put(id, new Ahead(beatAt, nanos));
			return false;
		}
		return nanos - known.since > Duration.ofMillis(leaseMs).toNanos();
	}

	private boolean fenceIfLapsed(String id, @Nullable Object beatAt, long leaseMs) {
		Document lapsed = new Document("$expr", new Document("$lt",
				List.of("$" + WorkerFields.BEAT_AT, new Document("$subtract", List.of(this.now, leaseMs)))));
		try {
			return fence(id, lapsed);
		}
		catch (MongoWriteException | MongoCommandException ex) {
			// a server that does not know its own time in a query
			logger.debug("Worker '{}' is judged by the measured clock", id, ex);
			return fenceUnlessBeaten(id, beatAt);
		}
	}

	private boolean fenceUnlessBeaten(String id, @Nullable Object beatAt) {
		return fence(id, Filters.eq(WorkerFields.BEAT_AT, beatAt));
	}

	private boolean fence(String id, Bson condition) {
		Document fence = new Document("$set",
				new Document(WorkerFields.FENCED, true).append(WorkerFields.FENCED_BY, this.heartbeat.workerId()))
			.append("$currentDate", new Document(WorkerFields.FENCED_AT, true));
		return this.database.workers()
			.updateOne(Filters.and(Filters.eq(WorkerFields.ID, id), Filters.ne(WorkerFields.FENCED, true), condition),
					fence)
			.getModifiedCount() > 0;
	}

	/**
	 * Fences those that have no document. A worker's document is there before its first
	 * claim, so one that is missing is gone for good; that it is missing is settled by a
	 * write, so a read from a primary that is none any more decides nothing.
	 * @param running who runs something, read before
	 * @return those that are fenced now
	 */
	List<String> withoutDocument(List<String> running) {
		MongoCollection<Document> workers = this.database.workers();
		Set<String> missing = new HashSet<>(running);
		// fenced meanwhile and removed, perhaps: its next beat tells, not we
		missing.remove(this.heartbeat.workerId());
		for (int from = 0; from < running.size(); from += PAGE) {
			List<String> ids = running.subList(from, Math.min(from + PAGE, running.size()));
			workers.find(Filters.in(WorkerFields.ID, ids))
				.projection(Projections.include(WorkerFields.ID))
				.batchSize(PAGE)
				.forEach((found) -> missing.remove(found.getString(WorkerFields.ID)));
		}
		missing.removeIf((id) -> !insertFenced(workers, id));
		return new ArrayList<>(missing);
	}

	private boolean insertFenced(MongoCollection<Document> workers, String id) {
		try {
			Date date = this.clock.date();
			workers.insertOne(new Document(WorkerFields.ID, id).append(WorkerFields.BEAT_AT, date)
				.append(WorkerFields.LEASE_MS, this.lease.toMillis())
				.append(WorkerFields.FENCED, true)
				.append(WorkerFields.FENCED_AT, date)
				.append(WorkerFields.FENCED_BY, this.heartbeat.workerId()));
			CrashPoint.RECOVERY_INSERTED.reached();
			logger.warn("Worker '{}' runs jobs and has no document: it was lost. Its jobs are taken back", id);
			return true;
		}
		catch (MongoException ex) {
			if (ErrorCategory.fromErrorCode(ex.getCode()) == ErrorCategory.DUPLICATE_KEY) {
				return false;
			}
			throw ex;
		}
	}

	/**
	 * Forgets a fenced worker. What a late claim of its brings is found by
	 * {@link #withoutDocument} then.
	 * @param id a fenced worker under which nothing runs
	 */
	void forget(String id) {
		this.database.workers()
			.deleteOne(Filters.and(Filters.eq(WorkerFields.ID, id), Filters.eq(WorkerFields.FENCED, true)));
	}

	private record Ahead(Instant beatAt, long since) {
	}

}
