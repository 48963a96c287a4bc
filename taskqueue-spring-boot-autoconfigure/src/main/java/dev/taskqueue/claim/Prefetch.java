package dev.taskqueue.claim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How many claims may wait in line: as many as were run in the last tenth of a second.
 * Quick jobs are so claimed in large batches, which costs the server a tenth of what
 * small ones do; of slow jobs none is held back from other workers.
 */
final class Prefetch {

	/** Larger batches were not faster: measured with batches of 100 to 5,000. */
	static final int MAX = 1000;

	/** How far ahead it claims. */
	private static final long AHEAD = Duration.ofMillis(100).toNanos();

	/** Looks need not be nearer to each other. */
	private static final long SPAN = Duration.ofMillis(5).toNanos();

	/** The looks of the last tenth of a second, and the one before. */
	private final Deque<Look> looks = new ArrayDeque<>();

	private int allowance;

	Prefetch(long nanoTime) {
		this.looks.add(new Look(nanoTime, 0));
	}

	/**
	 * The present allowance.
	 * @param released how many claims have left their slot since the start
	 * @param nanoTime now
	 */
	int allowance(long released, long nanoTime) {
		if (nanoTime - this.looks.getLast().nanoTime >= SPAN) {
			this.looks.add(new Look(nanoTime, released));
			// not the rate since the last look: slots that end together are no rate
			this.allowance = (int) Math.min(MAX, released - releasedUntil(nanoTime - AHEAD));
		}
		return this.allowance;
	}

	/** As if they had left evenly between two looks. */
	private double releasedUntil(long nanoTime) {
		Look before = this.looks.remove();
		while (this.looks.element().nanoTime - nanoTime <= 0) {
			before = this.looks.remove();
		}
		Look after = this.looks.element();
		this.looks.addFirst(before);
		double part = (double) (nanoTime - before.nanoTime) / (after.nanoTime - before.nanoTime);
		return before.released + Math.max(0, part) * (after.released - before.released);
	}

	/** So many had left their slot at a time. */
	private record Look(long nanoTime, long released) {
	}

}
