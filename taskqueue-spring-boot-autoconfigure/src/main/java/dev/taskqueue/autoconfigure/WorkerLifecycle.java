package dev.taskqueue.autoconfigure;

import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.taskqueue.WorkerControl;
import dev.taskqueue.WorkerStarted;
import dev.taskqueue.WorkerStopping;
import dev.taskqueue.claim.Reservation;
import dev.taskqueue.worker.Worker;
import dev.taskqueue.worker.WorkerStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.core.Ordered;

/**
 * Starts the worker, and has it drain when the application ends.
 */
final class WorkerLifecycle extends UntilClosed implements WorkerControl {

	private static final Logger logger = LoggerFactory.getLogger(WorkerLifecycle.class);

	private final Supplier<Worker> factory;

	private volatile @Nullable Worker worker;

	private volatile boolean running;

	/**
	 * Creates it.
	 * @param factory makes a worker for each start: one that has stopped is used up
	 */
	WorkerLifecycle(Supplier<Worker> factory) {
		super(Ordered.HIGHEST_PRECEDENCE + 1);
		this.factory = factory;
	}

	/** The application does not wait for it. */
	@Override
	public synchronized void start() {
		if (!this.running) {
			this.running = true;
			// no daemon, so that the application lives until the worker's own thread does
			new Thread(this::begin, "taskqueue-start").start();
		}
	}

	private void begin() {
		try {
			Worker made = this.factory.get();
			synchronized (this) {
				if (this.running && this.worker == null) {
					this.worker = made;
					made.start(() -> publish(new WorkerStarted(made.workerId())));
				}
			}
		}
		catch (RuntimeException | Error ex) {
			if (this.running) {
				this.running = false;
				logger.error("The worker cannot be started: this application runs no jobs", ex);
			}
		}
	}

	@Override
	public synchronized void stop() {
		Worker started = this.worker;
		if (started != null) {
			if (started.hasBegun()) {
				publish(new WorkerStopping(started.workerId()));
			}
			started.stop();
			this.worker = null;
		}
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	/** A job became due on this node. */
	void wakeUp(String queue) {
		Worker running = this.worker;
		if (running != null) {
			running.wakeUp(queue);
		}
	}

	/** Keeps a place for a job that is about to be inserted; null where there is none. */
	@Nullable Reservation reserve(String queue, String function) {
		Worker running = this.worker;
		return (running != null) ? running.reserve(queue, function) : null;
	}

	/** Whether it has so much to do that nothing need wake it. */
	boolean isBusy() {
		Worker running = this.worker;
		return running != null && running.isBusy();
	}

	/** Does something each time that the present worker becomes busy. */
	void onBusy(Runnable action) {
		Worker running = this.worker;
		if (running != null) {
			running.onBusy(action);
		}
	}

	/** Does something with the worker, if there is one. */
	void with(Consumer<Worker> action) {
		Worker running = this.worker;
		if (running != null) {
			action.accept(running);
		}
	}

	@Override
	public int concurrency() {
		Worker running = this.worker;
		return (running != null && running.hasBegun()) ? running.status().concurrency() : 0;
	}

	@Override
	public boolean concurrency(int concurrency) {
		Worker running = this.worker;
		if (running == null || !running.hasBegun()) {
			return false;
		}
		running.concurrency(concurrency);
		return true;
	}

	@Override
	public boolean quiet(boolean quiet) {
		Worker running = this.worker;
		if (running == null || !running.hasBegun()) {
			return false;
		}
		running.quiet(quiet);
		return true;
	}

	@Override
	public boolean isQuiet() {
		Worker running = this.worker;
		return running != null && running.isQuiet();
	}

	/** The worker's identity; null until it has one. */
	@Override
	public @Nullable String workerId() {
		Worker running = this.worker;
		return (running != null && running.hasBegun()) ? running.workerId() : null;
	}

	/** What the worker does; null until it does something. */
	@Nullable WorkerStatus status() {
		Worker running = this.worker;
		return (running != null && running.hasBegun()) ? running.status() : null;
	}

}
