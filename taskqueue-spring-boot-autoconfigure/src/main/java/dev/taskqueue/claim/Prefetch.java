package dev.taskqueue.claim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * How many claims may wait in line: as many as were run in the last tenth of a second, or
 * while a slow server makes three claims. Quick jobs are so claimed in large batches,
 * which costs the server a tenth of what small ones do, and are enough until the next
 * ones are there; of slow jobs none is held back from other workers.
 */
final class Prefetch {

	/** Larger batches were not faster: measured with batches of 100 to 5,000. */
	static final int MAX = 1000;

	/** How far ahead it claims at least. */
	private static final long AHEAD = Duration.ofMillis(100).toNanos();

	/** How far ahead it claims at most: what waits longer may be given back. */
	private static final long FAR_AHEAD = Patience.LENGTH.toNanos();

	/**
	 * Two keep the slots busy: the next claim begins when half of the line is run, and is
	 * to end before the rest. The third lets it get there: with two, what has ended is
	 * what waits already, and each claim is larger by the free slots only.
	 */
	private static final int CLAIMS_AHEAD = 3;

	/** Looks need not be nearer to each other. */
	private static final long SPAN = Duration.ofMillis(5).toNanos();

	/** The looks of as long as it claims ahead at most, and the one before. */
	private final Deque<Look> looks = new ArrayDeque<>();

	private int allowance;

	Prefetch(long nanoTime) {
		this.looks.add(new Look(nanoTime, 0));
	}

	/**
	 * The present allowance.
	 * @param released how many claims have left their slot since the start
	 * @param claiming how long it takes to claim, in nanoseconds
	 * @param nanoTime now
	 */
	int allowance(long released, long claiming, long nanoTime) {
		if (nanoTime - this.looks.getLast().nanoTime >= SPAN) {
			this.looks.add(new Look(nanoTime, released));
			forgetThoseBefore(nanoTime - FAR_AHEAD);
			// not the rate since the last look: slots that end together are no rate
			long ahead = Math.min(Math.max(AHEAD, CLAIMS_AHEAD * claiming), FAR_AHEAD);
			this.allowance = (int) Math.min(MAX, released - releasedUntil(nanoTime - ahead));
		}
		return this.allowance;
	}

	/** As if they had left evenly between two looks. */
	private double releasedUntil(long nanoTime) {
		Iterator<Look> backwards = this.looks.descendingIterator();
		Look after = backwards.next();
		Look before = backwards.next();
		while (before.nanoTime - nanoTime > 0 && backwards.hasNext()) {
			after = before;
			before = backwards.next();
		}
		double part = (double) (nanoTime - before.nanoTime) / (after.nanoTime - before.nanoTime);
		return before.released + Math.max(0, part) * (after.released - before.released);
	}

	private void forgetThoseBefore(long nanoTime) {
		Look first = this.looks.remove();
		while (this.looks.element().nanoTime - nanoTime <= 0) {
			first = this.looks.remove();
		}
		this.looks.addFirst(first);
	}

	/** So many had left their slot at a time. */
	private record Look(long nanoTime, long released) {
	}

}
