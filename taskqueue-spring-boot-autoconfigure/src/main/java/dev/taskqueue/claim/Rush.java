package dev.taskqueue.claim;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Whether there is more to claim than can be claimed, or very much to do, and for how
 * long.
 */
final class Rush {

	/** With so many jobs to claim ahead it is a rush, though all are claimed. */
	static final int MANY = 100;

	/** A shorter rush is over before the stream is closed and opened again. */
	private static final long BUSY_AFTER = Duration.ofMillis(300).toNanos();

	private final List<Runnable> onBusy = new CopyOnWriteArrayList<>();

	private boolean saidBusy;

	private volatile boolean now;

	/** Since when, where it is. */
	private volatile long since;

	void onBusy(Runnable action) {
		this.onBusy.add(action);
	}

	boolean isBusy() {
		return this.now && System.nanoTime() - this.since > BUSY_AFTER;
	}

	/** Says how it is, now and then. */
	void is(boolean rush) {
		if (rush && !this.now) {
			this.since = System.nanoTime();
		}
		this.now = rush;
		boolean busy = isBusy();
		if (busy && !this.saidBusy) {
			this.onBusy.forEach(Runnable::run);
		}
		this.saidBusy = busy;
	}

}
