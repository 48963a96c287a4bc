package dev.taskqueue.claim;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * The places of this worker: one for each attempt under way, numbered, and for each queue
 * a line of claims that wait for one. The lines spare quick jobs the wait for a claim.
 * They have their turn one after the other, so that a queue in a rush keeps no other
 * waiting, or as their weights say; one whose queue is at a bound of its own is passed.
 */
final class Slots {

	static final int NONE = 0;

	private int concurrency;

	private final Set<String> bounded = new LinkedHashSet<>();

	private final Consumer<String> onQueueRoom;

	private final Runnable onRoom;

	private final Shares shares;

	private final boolean isWeighted;

	/** The numbers in use. */
	private final BitSet numbers = new BitSet();

	/** Those that have something, and those that are bounded. */
	private final Map<String, Line> lines = new HashMap<>();

	/** The lines in which claims wait, the next one first. */
	private final List<Line> turns = new ArrayList<>();

	private int running;

	private int waiting;

	/** Places that are kept for jobs which are being inserted. */
	private int reserved;

	private long released;

	/** The room that {@link #onRoom} is to be told of; 0 when nobody waits for room. */
	private int wantedRoom;

	private int wantedPrefetch;

	private int wantedRank;

	/**
	 * Creates them.
	 * @param concurrency how many there are
	 * @param limits the bounds of single queues; one that all places are within is none
	 * @param weights of the queues
	 * @param onQueueRoom told when there is room in a queue that has a bound
	 * @param onRoom told when there is the room that was {@link #want wanted}
	 */
	Slots(int concurrency, Map<String, Integer> limits, QueueWeights weights, Consumer<String> onQueueRoom,
			Runnable onRoom) {
		this.concurrency = concurrency;
		limits.forEach((queue, limit) -> {
			if (limit < concurrency) {
				this.bounded.add(queue);
				this.lines.put(queue, new Line(queue, limit));
			}
		});
		this.shares = new Shares(weights);
		this.isWeighted = !weights.areEqual();
		this.onQueueRoom = onQueueRoom;
		this.onRoom = onRoom;
	}

	/** The queues that have a bound of their own, which is less than all places. */
	Set<String> bounded() {
		return this.bounded;
	}

	/**
	 * How many more claims may be taken.
	 * @param prefetch how many may wait
	 */
	synchronized int room(int prefetch) {
		return room(prefetch, Integer.MIN_VALUE);
	}

	/**
	 * How many more claims of a rank may be taken: what is strictly behind it does not
	 * stand in its way, and would have the next slot if there were not as many to come
	 * before it.
	 * @param prefetch how many may wait
	 * @param rank the rank of the queues
	 */
	synchronized int room(int prefetch, int rank) {
		int behind = 0;
		if (rank > 0) {
			for (Line line : this.turns) {
				behind += (this.shares.weights().rank(line.queue) < rank && !line.isAtBound()) ? line.claims.size() : 0;
			}
		}
		return Math.max(0, this.concurrency + Math.max(prefetch, behind) - this.running - this.waiting
				+ waitingAtBound() + behind - this.reserved);
	}

	/**
	 * Parts room among queues by their weights.
	 * @param queues the queues
	 * @param room how much there is
	 * @return how much each has, without those that have none
	 */
	synchronized Map<String, Integer> split(List<String> queues, int room) {
		return this.shares.split(queues, room, places(), (queue) -> {
			Line line = this.lines.get(queue);
			return (line != null) ? line.claims.size() : 0;
		});
	}

	/** How far queues have come, each by its weight: who is least far comes next. */
	synchronized Map<String, Double> passes(List<String> queues) {
		return queues.stream()
			.collect(Collectors.toMap((queue) -> queue, (queue) -> this.shares.pass(queue, places())));
	}

	/** So many starts a queue may catch up: as many as may be claimed together. */
	private int places() {
		return this.concurrency + this.wantedPrefetch;
	}

	/** They take no slot from others, and have a bound of their own. */
	private int waitingAtBound() {
		int count = 0;
		for (String queue : this.bounded) {
			Line line = line(queue);
			count += line.isAtBound() ? line.claims.size() : 0;
		}
		return count;
	}

	/**
	 * How many claims of a queue may be taken where others leave no room: a line in which
	 * none waits would miss its turn. By weight, only those whose turn comes before that
	 * of the last one that waits: others would have the slots of a queue whose line is
	 * empty for a moment.
	 * @param queue the queue
	 * @param prefetch how many may wait in all; none is taken before its turn where that
	 * is zero, since the jobs are slow
	 */
	synchronized int roomForFirst(String queue, int prefetch) {
		Line line = this.lines.get(queue);
		int taken = (line != null) ? line.claims.size() + line.reserved : 0;
		int portion = (taken == 0) ? this.shares.weights().portion(queue, Math.min(prefetch, this.concurrency)) : 0;
		boolean isShared = this.isWeighted && !this.shares.weights().strict();
		return isShared ? turnsBeforeTheLast(queue, portion) : portion;
	}

	private int turnsBeforeTheLast(String queue, int most) {
		double last = this.turns.stream()
			.filter((line) -> !line.isAtBound())
			.mapToDouble((line) -> this.shares.pass(line.queue, places(), line.claims.size() - 1))
			.max()
			.orElse(Double.NEGATIVE_INFINITY);
		int count = 0;
		while (count < most && this.shares.pass(queue, places(), count) < last) {
			count++;
		}
		return count;
	}

	/**
	 * How many more claims of a queue with a bound of its own may be taken, if there is
	 * room for them at all.
	 * @param queue the queue
	 * @param prefetch how many of that queue may wait
	 */
	synchronized int roomWithin(String queue, int prefetch) {
		return this.bounded.contains(queue) ? line(queue).room(prefetch) : Integer.MAX_VALUE;
	}

	/**
	 * Asks for a signal as soon as there is that much room. One signal for many places: a
	 * signal for each would cost quick jobs more than their run.
	 * @param room how much
	 * @param prefetch how many may wait
	 * @param rank the rank of the queues that it is wanted for
	 * @return false if there is already
	 */
	synchronized boolean want(int room, int prefetch, int rank) {
		this.wantedRoom = (room(prefetch, rank) < room) ? room : 0;
		this.wantedPrefetch = prefetch;
		this.wantedRank = rank;
		return this.wantedRoom > 0;
	}

	/**
	 * Takes claims in.
	 * @return those that have a slot and must be run now; the others wait
	 */
	synchronized List<Claim> take(Collection<Claim> claims) {
		List<Claim> started = new ArrayList<>(claims.size());
		try {
			for (Claim claim : claims) {
				Line line = line(claim.queue());
				if (this.running < this.concurrency && !line.isAtBound()) {
					occupy(claim, line, nextNumber());
					started.add(claim);
				}
				else {
					if (line.claims.isEmpty()) {
						this.turns.add(line);
					}
					line.claims.add(claim);
					this.waiting++;
				}
			}
		}
		catch (RuntimeException | Error ex) {
			// no memory, for a lambda or an iterator either: nobody is going to run these
			for (int i = 0; i < started.size(); i++) {
				vacate(started.get(i));
			}
			throw ex;
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
		if (this.bounded.contains(queue) || (room(prefetch) == 0 && roomForFirst(queue, prefetch) == 0)) {
			return false;
		}
		this.reserved++;
		line(queue).reserved++;
		return true;
	}

	/** A place that was kept is not needed, or is taken by the next {@link #take}. */
	synchronized void unreserve(String queue) {
		this.reserved--;
		line(queue).reserved--;
		forgetIfEmpty(queue);
	}

	synchronized int concurrency() {
		return this.concurrency;
	}

	/**
	 * Changes how many there are. With fewer, as many claims end first.
	 * @return claims that have a slot now and must be run
	 */
	synchronized List<Claim> resize(int concurrency) {
		this.concurrency = concurrency;
		List<Claim> started = new ArrayList<>();
		Claim next = (this.running < concurrency) ? next() : null;
		while (next != null) {
			occupy(next, line(next.queue()), nextNumber());
			started.add(next);
			next = (this.running < concurrency) ? next() : null;
		}
		return started;
	}

	/**
	 * Frees the slot of a claim. Needs no memory where queues have no weights, or an
	 * exhausted heap would cost slots.
	 * @param ended what has a slot
	 * @return the claim that has it now and must be run, or null
	 */
	@Nullable Claim release(Claim ended) {
		Claim next;
		synchronized (this) {
			vacate(ended);
			this.released++;
			line(ended.queue()).released++;
			next = (this.running < this.concurrency) ? next() : null;
			if (next != null) {
				occupy(next, line(next.queue()), ended.slot());
			}
			forgetIfEmpty(ended.queue());
		}
		try {
			tellOfRoom(ended.queue());
		}
		catch (RuntimeException | Error ex) {
			// no memory: whoever waits for room looks by itself after a while
		}
		return next;
	}

	private void tellOfRoom(String queue) {
		boolean signal;
		boolean signalQueue;
		synchronized (this) {
			signalQueue = this.bounded.contains(queue) && line(queue).claims.isEmpty();
			signal = this.wantedRoom > 0 && room(this.wantedPrefetch, this.wantedRank) >= this.wantedRoom;
			if (signal) {
				this.wantedRoom = 0;
			}
		}
		if (signal) {
			this.onRoom.run();
		}
		if (signalQueue) {
			this.onQueueRoom.accept(queue);
		}
	}

	/** The next to have a slot, of the lines in turn. */
	private @Nullable Claim next() {
		if (this.isWeighted) {
			return nextByWeight();
		}
		for (int left = this.turns.size(); left > 0; left--) {
			Line line = this.turns.get(0);
			Claim next = line.isAtBound() ? null : line.claims.poll();
			if (line.claims.isEmpty()) {
				this.turns.remove(0);
			}
			else {
				Collections.rotate(this.turns, -1);
			}
			if (next != null) {
				this.waiting--;
				return next;
			}
		}
		return null;
	}

	private @Nullable Claim nextByWeight() {
		Line first = null;
		for (Line line : this.turns) {
			if (!line.isAtBound() && !line.claims.isEmpty() && (first == null || isBefore(line, first))) {
				first = line;
			}
		}
		if (first == null) {
			return null;
		}
		this.waiting--;
		Claim next = first.claims.remove();
		this.turns.remove(first);
		if (!first.claims.isEmpty()) {
			this.turns.add(first);
		}
		return next;
	}

	private boolean isBefore(Line line, Line other) {
		int rank = this.shares.weights().rank(line.queue) - this.shares.weights().rank(other.queue);
		return rank > 0
				|| (rank == 0 && this.shares.pass(line.queue, places()) < this.shares.pass(other.queue, places()));
	}

	/** The queues of which claims wait. */
	synchronized List<String> waitingQueues() {
		return this.turns.stream().map((line) -> line.queue).toList();
	}

	/** Takes all that wait: they are the caller's to give back. */
	synchronized List<Claim> drainWaiting() {
		List<Claim> claims = new ArrayList<>(this.waiting);
		this.turns.forEach((line) -> line.drainInto(claims));
		this.turns.clear();
		this.waiting = 0;
		claims.forEach((claim) -> forgetIfEmpty(claim.queue()));
		return claims;
	}

	/** Takes those that wait while their queue is at a bound of its own. */
	synchronized List<Claim> drainAtBound(String queue) {
		return line(queue).isAtBound() ? drain(queue) : List.of();
	}

	/** Takes those of a queue that wait. */
	synchronized List<Claim> drain(String queue) {
		List<Claim> claims = new ArrayList<>();
		Line line = this.lines.get(queue);
		if (line != null) {
			line.drainInto(claims);
			this.turns.remove(line);
			this.waiting -= claims.size();
			forgetIfEmpty(queue);
		}
		return claims;
	}

	synchronized int waiting() {
		return this.waiting;
	}

	synchronized int running() {
		return this.running;
	}

	synchronized Map<String, Integer> runningByQueue() {
		return this.lines.entrySet()
			.stream()
			.filter((line) -> line.getValue().running > 0)
			.collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, (line) -> line.getValue().running));
	}

	/** How many claims have left their slot since the start. */
	synchronized long released() {
		return this.released;
	}

	/**
	 * How many claims of a queue have left their slot, since it has a bound of its own or
	 * something to do.
	 */
	synchronized long released(String queue) {
		Line line = this.lines.get(queue);
		return (line != null) ? line.released : 0;
	}

	private Line line(String queue) {
		return this.lines.computeIfAbsent(queue, (name) -> new Line(name, Integer.MAX_VALUE));
	}

	/** Names of queues come from documents that anybody may write. */
	private void forgetIfEmpty(String queue) {
		Line line = this.lines.get(queue);
		if (line != null && !this.bounded.contains(queue) && line.running == 0 && line.reserved == 0
				&& line.claims.isEmpty()) {
			this.lines.remove(queue);
		}
	}

	private void occupy(Claim claim, Line line, int number) {
		claim.take(number);
		if (this.isWeighted) {
			this.shares.start(line.queue, places());
		}
		this.numbers.set(number);
		this.running++;
		line.running++;
	}

	private void vacate(Claim claim) {
		this.numbers.clear(claim.slot());
		this.running--;
		line(claim.queue()).running--;
	}

	private int nextNumber() {
		return this.numbers.nextClearBit(1);
	}

	/** What a queue has of the places. Guarded by them. */
	private static final class Line {

		private final String queue;

		private final int limit;

		/** An {@code ArrayDeque} that finds no memory to grow loses what it has. */
		@SuppressWarnings("JdkObsolete")
		private final Deque<Claim> claims = new LinkedList<>();

		private int running;

		private int reserved;

		private long released;

		Line(String queue, int limit) {
			this.queue = queue;
			this.limit = limit;
		}

		boolean isAtBound() {
			return this.running >= this.limit;
		}

		int room(int prefetch) {
			return Math.max(0, this.limit + prefetch - this.running - this.claims.size());
		}

		void drainInto(List<Claim> drained) {
			drained.addAll(this.claims);
			this.claims.clear();
		}

	}

}
