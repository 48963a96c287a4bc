package dev.taskqueue.submit;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * The pause before a group is sent again: short at first, since a fail-over often needs
 * one more try only, then up to half a second with jitter.
 */
final class Backoff {

	static final Backoff NONE = new Backoff(0, 0);

	private static final Duration LONGEST = Duration.ofMillis(500);

	private final long millis;

	private final long until;

	private Backoff(long millis, long until) {
		this.millis = millis;
		this.until = until;
	}

	/**
	 * The pause after one more failure.
	 * @return a longer one, which begins now
	 */
	Backoff next() {
		long longer = Math.min(LONGEST.toMillis(), Math.max(10, this.millis * 2));
		long jittered = ThreadLocalRandom.current().nextLong(longer / 2, longer + 1);
		return new Backoff(longer, System.nanoTime() + Duration.ofMillis(jittered).toNanos());
	}

	/**
	 * Waits for the end of the pause.
	 * @param atMost the longest wait
	 * @return false if it is not over: the time was up, or the thread was woken or
	 * interrupted
	 */
	boolean isOver(Duration atMost) {
		if (this.millis == 0) {
			return true;
		}
		long left = this.until - System.nanoTime();
		if (left > 0) {
			LockSupport.parkNanos(this, Math.min(left, atMost.toNanos()));
		}
		return this.until - System.nanoTime() <= 0;
	}

}
