package dev.taskqueue.claim;

import java.time.Duration;

/**
 * Says when claims have waited too long because nothing moves.
 */
final class Patience {

	/** A claim that waits longer than this is given to others. */
	static final Duration LENGTH = Duration.ofSeconds(1);

	private long released;

	private long movedAt;

	Patience(long nanoTime) {
		this.movedAt = nanoTime;
	}

	/**
	 * To be asked now and then.
	 * @param waits whether anybody waits
	 * @param releasedSoFar how many claims have left their slot since the start
	 * @param nanoTime now
	 * @return true if nothing moved for long
	 */
	boolean isOver(boolean waits, long releasedSoFar, long nanoTime) {
		if (!waits || releasedSoFar != this.released) {
			this.released = releasedSoFar;
			this.movedAt = nanoTime;
		}
		return nanoTime - this.movedAt > LENGTH.toNanos();
	}

}
