package dev.taskqueue.claim;

import java.time.Duration;

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

	/** Shorter spans say too little about the rate. */
	private static final long SPAN = Duration.ofMillis(5).toNanos();

	private long releasedBefore;

	private long lookedAt;

	private int allowance;

	Prefetch(long nanoTime) {
		this.lookedAt = nanoTime;
	}

	/**
	 * The present allowance.
	 * @param released how many claims have left their slot since the start
	 * @param nanoTime now
	 */
	int allowance(long released, long nanoTime) {
		long span = nanoTime - this.lookedAt;
		if (span >= SPAN) {
			long expected = (released - this.releasedBefore) * AHEAD / span;
			this.allowance = (int) Math.min(MAX, expected);
			this.releasedBefore = released;
			this.lookedAt = nanoTime;
		}
		return this.allowance;
	}

}
