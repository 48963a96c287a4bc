package dev.taskqueue.claim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * The places of this worker: one for each attempt under way, numbered, and a short line
 * of claims that wait for one. The line spares quick jobs the wait for a claim. A claim
 * whose turn comes while its queue is at a bound of its own steps aside until an attempt
 * of that queue ends.
 */
final class Slots {

	static final int NONE = 0;

	private final int concurrency;

	/** The queues that have a bound of their own, which is less than all places. */
	private final Map<String, Bounded> bounded = new HashMap<>();

	private final Consumer<String> onQueueRoom;

	private final Runnable onRoom;

	private final Deque<Integer> free = new ArrayDeque<>();

	private final Deque<Claim> line = new ArrayDeque<>();

	private final Map<String, Integer> runningByQueue = new HashMap<>();

	private int lastNumber;

	private int running;

	/** How many claims wait, in line or aside. */
	private int waiting;

	/** Places in the line that are kept for jobs which are being inserted. */
	private int reserved;

	private long released;

	/** The room that {@link #onRoom} is to be told of; 0 when nobody waits for room. */
	private int wantedRoom;

	private int wantedPrefetch;

	/**
	 * Creates them.
	 * @param concurrency how many there are
	 * @param limits the bounds of single queues; one that all places are within is none
	 * @param onQueueRoom told when there is room in a queue that has a bound
	 * @param onRoom told when there is the room that was {@link #want wanted}
	 */
	Slots(int concurrency, Map<String, Integer> limits, Consumer<String> onQueueRoom, Runnable onRoom) {
		this.concurrency = concurrency;
		limits.forEach((queue, limit) -> {
			if (limit < concurrency) {
				this.bounded.put(queue, new Bounded(limit));
			}
		});
		this.onQueueRoom = onQueueRoom;
		this.onRoom = onRoom;
	}

	/** The queues that have a bound of their own. */
	Set<String> bounded() {
		return this.bounded.keySet();
	}

	/**
	 * How many more claims may be taken.
	 * @param prefetch how many may wait
	 */
	synchronized int room(int prefetch) {
		return Math.max(0, this.concurrency + prefetch - this.running - this.waiting - this.reserved);
	}

	/**
	 * How many more claims of a queue with a bound of its own may be taken, if there is
	 * room for them at all.
	 * @param queue the queue
	 * @param prefetch how many of that queue may wait
	 */
	synchronized int roomWithin(String queue, int prefetch) {
		Bounded bound = this.bounded.get(queue);
		return (bound != null) ? Math.max(0, bound.limit + prefetch - running(queue) - bound.waiting)
				: Integer.MAX_VALUE;
	}

	/**
	 * Asks for a signal as soon as there is that much room. One signal for many places: a
	 * signal for each would cost quick jobs more than their run.
	 * @return false if there is already
	 */
	synchronized boolean want(int room, int prefetch) {
		this.wantedRoom = (room(prefetch) < room) ? room : 0;
		this.wantedPrefetch = prefetch;
		return this.wantedRoom > 0;
	}

	/**
	 * Takes claims in.
	 * @return those that have a slot and must be run now; the others wait
	 */
	synchronized List<Claim> take(Collection<Claim> claims) {
		List<Claim> started = new ArrayList<>();
		for (Claim claim : claims) {
			Bounded bound = this.bounded.get(claim.queue());
			Deque<Claim> aside = (bound != null && running(claim.queue()) >= bound.limit) ? bound.aside : null;
			if (this.running < this.concurrency && aside == null) {
				occupy(claim, nextNumber());
				started.add(claim);
			}
			else {
				this.waiting++;
				if (bound != null) {
					bound.waiting++;
				}
				((aside != null) ? aside : this.line).add(claim);
			}
		}
		return started;
	}

	/**
	 * Keeps a place for a job that is about to be inserted.
	 * @param queue its queue, which must have no bound of its own
	 * @param prefetch how many may wait
	 * @return false if there is none
	 */
	synchronized boolean reserve(String queue, int prefetch) {
		if (this.bounded.containsKey(queue) || room(prefetch) == 0) {
			return false;
		}
		this.reserved++;
		return true;
	}

	/** A place that was kept is not needed, or is taken by the next {@link #take}. */
	synchronized void unreserve() {
		this.reserved--;
	}

	@Nullable Claim release(Claim ended) {
		Claim next;
		boolean signal;
		boolean signalQueue;
		synchronized (this) {
			Bounded bound = this.bounded.get(ended.queue());
			this.released++;
			this.running--;
			this.runningByQueue.computeIfPresent(ended.queue(), (queue, count) -> (count > 1) ? count - 1 : null);
			if (bound != null) {
				bound.released++;
			}
			next = next(bound);
			if (next != null) {
				occupy(next, ended.slot());
			}
			else {
				this.free.push(ended.slot());
			}
			signalQueue = bound != null && bound.waiting == 0;
			signal = this.wantedRoom > 0 && room(this.wantedPrefetch) >= this.wantedRoom;
			if (signal) {
				this.wantedRoom = 0;
			}
		}
		if (signal) {
			this.onRoom.run();
		}
		if (signalQueue) {
			this.onQueueRoom.accept(ended.queue());
		}
		return next;
	}

	/** The next to have the slot of one that ended. */
	private @Nullable Claim next(@Nullable Bounded opened) {
		Claim next = (opened != null) ? opened.aside.poll() : null;
		while (next == null && !this.line.isEmpty()) {
			Claim head = this.line.remove();
			Bounded bound = this.bounded.get(head.queue());
			if (bound != null && running(head.queue()) >= bound.limit) {
				bound.aside.add(head);
			}
			else {
				next = head;
			}
		}
		if (next != null) {
			leave(next);
		}
		return next;
	}

	private void leave(Claim claim) {
		this.waiting--;
		Bounded bound = this.bounded.get(claim.queue());
		if (bound != null) {
			bound.waiting--;
		}
	}

	/** Takes all that wait: they are the caller's to give back. */
	synchronized List<Claim> drainWaiting() {
		List<Claim> claims = new ArrayList<>(this.line);
		this.line.clear();
		this.bounded.values().forEach((bound) -> bound.drainInto(claims));
		claims.forEach(this::leave);
		return claims;
	}

	/** Takes those that stepped aside since their queue is at its bound. */
	synchronized List<Claim> drainAside(String queue) {
		List<Claim> claims = new ArrayList<>();
		Bounded bound = this.bounded.get(queue);
		if (bound != null) {
			bound.drainInto(claims);
		}
		claims.forEach(this::leave);
		return claims;
	}

	synchronized int waiting() {
		return this.waiting;
	}

	synchronized int running() {
		return this.running;
	}

	synchronized Map<String, Integer> runningByQueue() {
		return Map.copyOf(this.runningByQueue);
	}

	/** How many claims have left their slot since the start. */
	synchronized long released() {
		return this.released;
	}

	/** How many claims of a queue with a bound of its own have left their slot. */
	synchronized long released(String queue) {
		Bounded bound = this.bounded.get(queue);
		return (bound != null) ? bound.released : 0;
	}

	private int running(String queue) {
		return this.runningByQueue.getOrDefault(queue, 0);
	}

	private void occupy(Claim claim, int number) {
		claim.take(number);
		this.running++;
		this.runningByQueue.merge(claim.queue(), 1, Integer::sum);
	}

	private int nextNumber() {
		Integer number = this.free.poll();
		return (number != null) ? number : ++this.lastNumber;
	}

	/** A queue with a bound of its own. Guarded by the places. */
	private static final class Bounded {

		private final int limit;

		/** Their turn has come, and the queue was at its bound. */
		private final Deque<Claim> aside = new ArrayDeque<>();

		/** How many wait, in line or aside. */
		private int waiting;

		private long released;

		Bounded(int limit) {
			this.limit = limit;
		}

		void drainInto(List<Claim> claims) {
			claims.addAll(this.aside);
			this.aside.clear();
		}

	}

}
