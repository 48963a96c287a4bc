package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import dev.taskqueue.store.Outage;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;

/**
 * Looks after the indexes while the application runs: as soon as a query names one that
 * is not there, and now and then for those that no query names. It is one thread, so that
 * all loops that miss an index make one build of it.
 */
final class IndexKeeper extends UntilClosed {

	/** Without its index of retention a collection only grows. */
	private static final Duration INTERVAL = Duration.ofMinutes(10);

	/** While jobs have the same key, which keeps its index from being built: they end. */
	private static final Duration WITHOUT_KEYS = Duration.ofMinutes(1);

	/** While one is missing: somebody else may be creating it. */
	private static final Duration AGAIN = Duration.ofSeconds(1);

	private final StorePreparation preparation;

	private final Outage outage;

	private final Semaphore missed = new Semaphore(0);

	private @Nullable Thread thread;

	/**
	 * Creates it.
	 * @param preparation comes first, and mends
	 * @param outage tells of queries that miss an index
	 */
	IndexKeeper(StorePreparation preparation, Outage outage) {
		super(Ordered.HIGHEST_PRECEDENCE);
		this.preparation = preparation;
		this.outage = outage;
	}

	StorePreparation preparation() {
		return this.preparation;
	}

	@Override
	public synchronized void start() {
		if (this.thread == null) {
			this.outage.onMissingIndex(this.missed::release);
			Thread started = new Thread(() -> this.outage.guard("taskqueue-indexes", this::run), "taskqueue-indexes");
			started.setDaemon(true);
			started.start();
			this.thread = started;
		}
	}

	private void run() {
		if (!this.preparation.prepare()) {
			return;
		}
		while (!Thread.currentThread().isInterrupted()) {
			try {
				if (this.missed.tryAcquire(longest().toNanos(), TimeUnit.NANOSECONDS)) {
					// one look answers all loops
					this.missed.drainPermits();
				}
				this.preparation.mend();
				LockSupport.parkNanos(this, AGAIN.toNanos());
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private Duration longest() {
		if (!this.preparation.missing().isEmpty()) {
			return AGAIN;
		}
		return this.preparation.isWithoutKeys() ? WITHOUT_KEYS : INTERVAL;
	}

	@Override
	public synchronized void stop() {
		Thread running = this.thread;
		if (running != null) {
			running.interrupt();
			this.thread = null;
		}
	}

	@Override
	public synchronized boolean isRunning() {
		return this.thread != null;
	}

}
