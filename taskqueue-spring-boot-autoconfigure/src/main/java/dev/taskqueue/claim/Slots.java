package dev.taskqueue.claim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * The places of this worker: one for each attempt under way, numbered, and a short line
 * of claims that wait for one. The line spares quick jobs the wait for a claim; jobs of a
 * queue that has a bound of its own never stand in it, so any free place suits its head.
 */
final class Slots {

	static final int NONE = 0;

	private final int concurrency;

	private final Map<String, Integer> limits;

	private final Consumer<String> onQueueRoom;

	private final Runnable onRoom;

	private final Deque<Integer> free = new ArrayDeque<>();

	private final Deque<Claim> waiting = new ArrayDeque<>();

	private final Map<String, Integer> runningByQueue = new HashMap<>();

	private int lastNumber;

	private int running;

	private long released;

	/** The room that {@link #onRoom} is to be told of; 0 when nobody waits for room. */
	private int wantedRoom;

	private int wantedPrefetch;

	/**
	 * Creates them.
	 * @param concurrency how many there are
	 * @param limits the bounds of single queues; one that all places are within is none
	 * @param onQueueRoom told when a place became free in a queue that has a bound
	 * @param onRoom told when there is the room that was {@link #want wanted}
	 */
	Slots(int concurrency, Map<String, Integer> limits, Consumer<String> onQueueRoom, Runnable onRoom) {
		this.concurrency = concurrency;
		this.limits = new HashMap<>(limits);
		this.limits.values().removeIf((limit) -> limit >= concurrency);
		this.onQueueRoom = onQueueRoom;
		this.onRoom = onRoom;
	}

	/**
	 * How many more claims may be taken.
	 * @param prefetch how many may wait in line
	 */
	synchronized int room(int prefetch) {
		return Math.max(0, this.concurrency + prefetch - this.running - this.waiting.size());
	}

	/**
	 * How many more claims of a queue may be taken.
	 * @param queue the queue
	 * @param prefetch how many may wait in line
	 */
	synchronized int room(String queue, int prefetch) {
		Integer limit = this.limits.get(queue);
		if (limit == null) {
			return room(prefetch);
		}
		return Math.max(0, Math.min(room(0), limit - this.runningByQueue.getOrDefault(queue, 0)));
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

	/** Whether a queue has a bound of its own, and as many attempts as that allows. */
	synchronized boolean isFull(String queue) {
		Integer limit = this.limits.get(queue);
		return limit != null && this.runningByQueue.getOrDefault(queue, 0) >= limit;
	}

	/** Whether a queue has a bound of its own, and fewer attempts than that allows. */
	synchronized boolean isOpenAndBounded(String queue) {
		return this.limits.containsKey(queue) && !isFull(queue);
	}

	/**
	 * Takes claims in.
	 * @return those that have a slot and must be run now; the others wait in line
	 */
	synchronized List<Claim> take(Collection<Claim> claims) {
		List<Claim> started = new ArrayList<>();
		for (Claim claim : claims) {
			if (this.running < this.concurrency) {
				occupy(claim, nextNumber());
				started.add(claim);
			}
			else {
				this.waiting.add(claim);
			}
		}
		return started;
	}

	@Nullable Claim release(Claim ended) {
		Claim next;
		boolean signal;
		synchronized (this) {
			this.released++;
			this.running--;
			this.runningByQueue.computeIfPresent(ended.queue(), (queue, count) -> (count > 1) ? count - 1 : null);
			next = this.waiting.poll();
			if (next != null) {
				occupy(next, ended.slot());
			}
			else {
				this.free.push(ended.slot());
			}
			signal = this.wantedRoom > 0 && room(this.wantedPrefetch) >= this.wantedRoom;
			if (signal) {
				this.wantedRoom = 0;
			}
		}
		if (signal) {
			this.onRoom.run();
		}
		if (this.limits.containsKey(ended.queue())) {
			this.onQueueRoom.accept(ended.queue());
		}
		return next;
	}

	/** Empties the line: its claims are the caller's to give back. */
	synchronized List<Claim> drainWaiting() {
		List<Claim> claims = List.copyOf(this.waiting);
		this.waiting.clear();
		return claims;
	}

	synchronized int waiting() {
		return this.waiting.size();
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

	private void occupy(Claim claim, int number) {
		claim.take(number);
		this.running++;
		this.runningByQueue.merge(claim.queue(), 1, Integer::sum);
	}

	private int nextNumber() {
		Integer number = this.free.poll();
		return (number != null) ? number : ++this.lastNumber;
	}

}
