package dev.taskqueue.claim;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

import com.mongodb.client.MongoCollection;
import dev.taskqueue.store.QueueDocument;
import org.bson.Document;

/**
 * What holds until it is taken back: queues that are paused, functions that are revoked.
 * It is read by who takes jobs, when what is known is older than a second; so an idle
 * worker never asks, one with jobs asks once a second, and one in a rush twice.
 */
final class StandingOrders {

	/** What was read is believed for so long. */
	static final long FRESH = Duration.ofSeconds(1).toNanos();

	private static final int MOST = 10_000;

	private final MongoCollection<Document> queues;

	private final Clock clock;

	private volatile Set<String> paused = Set.of();

	private volatile Map<String, Instant> revoked = Map.of();

	private volatile long readAt;

	private volatile boolean read;

	/**
	 * How often somebody wanted to know, or what is known was known to be out of date.
	 */
	private final AtomicLong asked = new AtomicLong(1);

	/** How many of those what is known answers. */
	private volatile long answered;

	StandingOrders(MongoCollection<Document> queues, Clock clock) {
		this.queues = queues;
		this.clock = clock;
	}

	boolean isPaused(String queue) {
		return this.paused.contains(queue);
	}

	Set<String> paused() {
		return this.paused;
	}

	boolean isRevoked(String function) {
		Instant until = this.revoked.get(function);
		return until != null && (until.equals(Instant.MAX) || this.clock.instant().isBefore(until));
	}

	/** Whether nothing was read yet. */
	boolean isUnknown() {
		return !this.read;
	}

	/** Whether what is known is so old that it must be read before it is relied on. */
	boolean isStale(long nanoTime) {
		return isAsked() || nanosToStale(nanoTime) <= 0;
	}

	long nanosToStale(long nanoTime) {
		return this.read ? this.readAt + FRESH - nanoTime : 0;
	}

	/** It is to be read soon. */
	void ask() {
		this.asked.incrementAndGet();
	}

	/** Whether it was asked for and is not answered: also while it is being read. */
	boolean isAsked() {
		return this.answered != this.asked.get();
	}

	/**
	 * Reads it.
	 * @return the queues that are paused since the last time
	 */
	Set<String> read() {
		long nanoTime = System.nanoTime();
		// before the question: who asks while it is under way wants a later answer
		long asked = this.asked.get();
		Set<String> paused = new HashSet<>();
		Map<String, Instant> revoked = new HashMap<>();
		this.queues.find(QueueDocument.IN_FORCE).limit(MOST).batchSize(MOST).forEach((order) -> {
			if (order.get(QueueDocument.ID) instanceof String queue && isTrue(order, QueueDocument.PAUSED)) {
				paused.add(queue);
			}
			String function = QueueDocument.functionOf(order);
			if (!function.isEmpty() && isTrue(order, QueueDocument.REVOKED)) {
				revoked.put(function, (order.get(QueueDocument.REVOKED_UNTIL) instanceof Date until) ? until.toInstant()
						: Instant.MAX);
			}
		});
		Set<String> since = new HashSet<>(paused);
		since.removeAll(this.paused);
		this.paused = paused;
		this.revoked = revoked;
		this.readAt = nanoTime;
		this.read = true;
		this.answered = asked;
		return since;
	}

	private static boolean isTrue(Document order, String field) {
		return Boolean.TRUE.equals(order.get(field));
	}

}
