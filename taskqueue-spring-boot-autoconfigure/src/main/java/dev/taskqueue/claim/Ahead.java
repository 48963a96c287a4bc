package dev.taskqueue.claim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How far ahead of the free places is claimed, and for how long what was claimed ahead is
 * kept: over all queues, and in each queue that has a bound of its own.
 */
final class Ahead {

	private final Slots slots;

	private final Span all = new Span();

	private final Map<String, Span> bounded = new HashMap<>();

	private final boolean strict;

	/** Where queues have a strict order: those of which claims wait. */
	private final Map<String, Patience> passed = new HashMap<>();

	/** How long the last claims took, in nanoseconds. */
	private long lastClaiming;

	/** How long claims take: one that is slow alone tells nothing of the next. */
	private long claiming;

	/** What {@link #measure} said last; read by others. */
	private volatile int allowance;

	Ahead(Slots slots, boolean strict) {
		this.slots = slots;
		this.strict = strict;
		slots.bounded().forEach((queue) -> this.bounded.put(queue, new Span()));
	}

	/**
	 * Says how long claims took, of all queues that had their turn together.
	 * @param nanos in nanoseconds
	 */
	void tookToClaim(long nanos) {
		this.claiming = Math.min(this.lastClaiming, nanos);
		this.lastClaiming = nanos;
	}

	/** How many claims may wait in line, measured anew. */
	int measure(long nanoTime) {
		int allowance = this.all.prefetch.allowance(this.slots.released(), this.claiming, nanoTime);
		this.allowance = allowance;
		return allowance;
	}

	/** How many claims may wait in line. */
	int allowance() {
		return this.allowance;
	}

	/** How many more claims a queue's own bound allows. */
	int roomWithin(String queue, long nanoTime) {
		Span own = this.bounded.get(queue);
		return this.slots.roomWithin(queue,
				(own != null) ? own.prefetch.allowance(this.slots.released(queue), this.claiming, nanoTime) : 0);
	}

	/**
	 * Takes claims that wait for attempts which turned out long: better run elsewhere.
	 */
	List<Claim> drainImpatient(long nanoTime) {
		List<Claim> impatient = new ArrayList<>();
		if (this.all.patience.isOver(this.slots.waiting() > 0, this.slots.released(), nanoTime)) {
			impatient.addAll(this.slots.drainWaiting());
		}
		this.bounded.forEach((queue, own) -> {
			if (own.patience.isOver(true, this.slots.released(queue), nanoTime)) {
				impatient.addAll(this.slots.drainAtBound(queue));
			}
		});
		if (this.strict) {
			List<String> waiting = this.slots.waitingQueues();
			this.passed.keySet().retainAll(waiting);
			for (String queue : waiting) {
				Patience own = this.passed.computeIfAbsent(queue, (name) -> new Patience(nanoTime));
				if (own.isOver(true, this.slots.released(queue), nanoTime)) {
					impatient.addAll(this.slots.drain(queue));
				}
			}
		}
		return impatient;
	}

	/** What is measured of the attempts of some queues. */
	private static final class Span {

		private final Prefetch prefetch = new Prefetch(System.nanoTime());

		private final Patience patience = new Patience(System.nanoTime());

	}

}
