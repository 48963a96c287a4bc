package dev.taskqueue.autoconfigure;

import java.util.function.Supplier;

import dev.taskqueue.worker.Worker;
import dev.taskqueue.worker.WorkerStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/**
 * Starts the worker after all other beans and stops it before them.
 * <p>
 * It drains on the first sign of the end, in the thread that closes the application: a
 * task scheduler of the user's, which a running attempt may need, refuses work from the
 * moment at which its own listener hears of the end. A phase of the life cycle would come
 * later, and be cut off by {@code spring.lifecycle.timeout-per-shutdown-phase}.
 */
final class WorkerLifecycle
		implements SmartLifecycle, ApplicationListener<ContextClosedEvent>, ApplicationContextAware, Ordered {

	private final Supplier<Worker> factory;

	private @Nullable ApplicationContext application;

	private volatile @Nullable Worker worker;

	/**
	 * Creates it.
	 * @param factory makes a worker for each start: one that has stopped is used up
	 */
	WorkerLifecycle(Supplier<Worker> factory) {
		this.factory = factory;
	}

	@Override
	public void setApplicationContext(ApplicationContext application) {
		this.application = application;
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
	public void onApplicationEvent(ContextClosedEvent event) {
		// a child, such as the management server's context, tells its parents too
		if (event.getApplicationContext() == this.application) {
			stop();
		}
	}

	@Override
	public boolean isRunning() {
		return this.worker != null;
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE + 1;
	}

	/** A job became due on this node. */
	void wakeUp(String queue) {
		Worker running = this.worker;
		if (running != null) {
			running.wakeUp(queue);
		}
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
