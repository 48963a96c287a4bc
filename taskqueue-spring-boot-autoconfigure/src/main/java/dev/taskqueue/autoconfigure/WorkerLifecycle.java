package dev.taskqueue.autoconfigure;

import java.util.function.Supplier;

import dev.taskqueue.claim.Reservation;
import dev.taskqueue.worker.Worker;
import dev.taskqueue.worker.WorkerStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;

/**
 * Starts the worker, and has it drain when the application ends.
 */
final class WorkerLifecycle extends UntilClosed {

	private final Supplier<Worker> factory;

	private volatile @Nullable Worker worker;

	/**
	 * Creates it.
	 * @param factory makes a worker for each start: one that has stopped is used up
	 */
	WorkerLifecycle(Supplier<Worker> factory) {
		super(Ordered.HIGHEST_PRECEDENCE + 1);
		this.factory = factory;
	}

	@Override
	public synchronized void start() {
		if (this.worker == null) {
			Worker started = this.factory.get();
			this.worker = started;
			started.start();
		}
	}

	@Override
	public synchronized void stop() {
		Worker running = this.worker;
		if (running != null) {
			running.stop();
			this.worker = null;
		}
	}

	@Override
	public boolean isRunning() {
		return this.worker != null;
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

	/** The worker's identity; null until it has one. */
	@Nullable String workerId() {
		Worker running = this.worker;
		return (running != null && running.hasBegun()) ? running.workerId() : null;
	}

	/** What the worker does; null until it does something. */
	@Nullable WorkerStatus status() {
		Worker running = this.worker;
		return (running != null && running.hasBegun()) ? running.status() : null;
	}

}
