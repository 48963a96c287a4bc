package dev.taskqueue.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import dev.taskqueue.crontab.CrontabScheduler;
import dev.taskqueue.crontab.CrontabStatus;
import dev.taskqueue.crontab.PeriodicSync;
import dev.taskqueue.lease.NamedLock;
import dev.taskqueue.store.Outage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.core.Ordered;

/**
 * Starts the scheduler after all other beans and stops it before them, the worker
 * included.
 */
final class CrontabLifecycle extends UntilClosed {

	private static final Logger logger = LoggerFactory.getLogger(CrontabLifecycle.class);

	/**
	 * A look at the rows that is under way ends by itself; nothing is lost without it.
	 */
	private static final long PATIENCE_MILLIS = TimeUnit.SECONDS.toMillis(2);

	private static final long AWAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

	private final Function<BooleanSupplier, CrontabScheduler> factory;

	private final Supplier<PeriodicSync> syncFactory;

	private final Supplier<NamedLock> lockFactory;

	private final WorkerLifecycle worker;

	private final Outage outage;

	private final StorePreparation preparation;

	private volatile @Nullable CrontabScheduler scheduler;

	private @Nullable PeriodicSync sync;

	private @Nullable NamedLock lock;

	private final List<Thread> threads = new ArrayList<>();

	private volatile boolean running;

	/**
	 * Creates it.
	 * @param factory makes a scheduler for each start, from whether this node leads
	 * @param syncFactory makes for each start what registers periodic jobs
	 * @param worker has the identity by which this node leads
	 * @param lockFactory makes the lock of the node that leads
	 * @param outage while it lasts nobody is asked
	 * @param preparation comes first
	 */
	CrontabLifecycle(Function<BooleanSupplier, CrontabScheduler> factory, Supplier<PeriodicSync> syncFactory,
			WorkerLifecycle worker, Supplier<NamedLock> lockFactory, Outage outage, StorePreparation preparation) {
		super(Ordered.HIGHEST_PRECEDENCE);
		this.syncFactory = syncFactory;
		this.factory = factory;
		this.worker = worker;
		this.lockFactory = lockFactory;
		this.outage = outage;
		this.preparation = preparation;
	}

	@Override
	public synchronized void start() {
		if (!this.running) {
			this.running = true;
			this.threads.add(thread("taskqueue-crontab", this::run));
		}
	}

	private void run() {
		CrontabScheduler started = (this.preparation.prepare() && awaitWorker()) ? begin() : null;
		if (started != null) {
			this.outage.guard("taskqueue-crontab", started::run);
		}
	}

	private synchronized @Nullable CrontabScheduler begin() {
		if (!this.running) {
			return null;
		}
		NamedLock taken = this.lockFactory.get();
		this.lock = taken;
		CrontabScheduler started = this.factory.apply(() -> this.worker.workerId() != null && taken.tryAcquire());
		this.scheduler = started;
		this.worker.onBusy(started::stopWatching);
		PeriodicSync synchronising = this.syncFactory.get();
		this.sync = synchronising;
		this.threads.add(loop("taskqueue-crontab-watch", started::runWatch));
		this.threads.add(loop("taskqueue-crontab-sync", synchronising::run));
		return started;
	}

	private Thread loop(String name, Runnable loop) {
		return thread(name, () -> this.outage.guard(name, loop));
	}

	private static Thread thread(String name, Runnable work) {
		Thread thread = new Thread(work, name);
		thread.setDaemon(true);
		thread.start();
		return thread;
	}

	/**
	 * Without an identity nobody leads: a look before that would put off the next one.
	 */
	private boolean awaitWorker() {
		while (this.worker.workerId() == null) {
			if (!this.running || Thread.currentThread().isInterrupted()) {
				return false;
			}
			LockSupport.parkNanos(this, AWAIT_NANOS);
		}
		return true;
	}

	@Override
	public void stop() {
		List<Thread> ending;
		NamedLock held;
		synchronized (this) {
			this.running = false;
			CrontabScheduler stopped = this.scheduler;
			if (stopped != null) {
				stopped.stop();
			}
			this.scheduler = null;
			PeriodicSync synchronising = this.sync;
			if (synchronising != null) {
				synchronising.stop();
			}
			this.sync = null;
			held = this.lock;
			this.lock = null;
			ending = List.copyOf(this.threads);
			this.threads.clear();
		}
		if (!ending.isEmpty()) {
			end(ending.get(0));
		}
		// a write, with which the watch hears that it is over
		release(held);
		ending.forEach(this::end);
	}

	/** Or the next node would wait until the lock's time is over. */
	private void release(@Nullable NamedLock taken) {
		try {
			if (taken != null && this.outage.lasting().isZero()) {
				taken.release();
			}
		}
		catch (MongoException ex) {
			logger.debug("The lock of the crontab is free when its time is over", ex);
		}
	}

	private void end(Thread thread) {
		try {
			if (this.preparation.isDone()) {
				thread.join(PATIENCE_MILLIS);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		thread.interrupt();
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	/** How the crontab stands; null while there is no scheduler, or no server to ask. */
	@Nullable CrontabStatus status() {
		CrontabScheduler running = this.scheduler;
		try {
			return (running != null && this.preparation.isDone() && this.outage.lasting().isZero()) ? running.status()
					: null;
		}
		catch (MongoException ex) {
			logger.debug("The crontab cannot be looked at", ex);
			return null;
		}
	}

}
