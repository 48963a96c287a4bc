package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import dev.taskqueue.JobEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes each signal of this node on to all who listen. What one of them throws reaches
 * neither the others nor the job.
 */
final class JobEventListeners implements Consumer<JobEvent> {

	private static final Logger logger = LoggerFactory.getLogger(JobEventListeners.class);

	private final List<Consumer<JobEvent>> listeners = new CopyOnWriteArrayList<>();

	private final JobEventPublisher publisher;

	JobEventListeners(JobEventPublisher publisher) {
		this.publisher = publisher;
	}

	/** Is told how long the application's own listeners took. */
	void measureBy(BiConsumer<JobEvent, Duration> measure) {
		this.publisher.measureBy(measure);
	}

	/** Ours, which are quick and hear before the application's own. */
	void add(Consumer<JobEvent> listener) {
		this.listeners.add(listener);
	}

	@Override
	public void accept(JobEvent event) {
		for (Consumer<JobEvent> listener : this.listeners) {
			tell(listener, event);
		}
		tell(this.publisher, event);
	}

	private static void tell(Consumer<JobEvent> listener, JobEvent event) {
		try {
			listener.accept(event);
		}
		catch (RuntimeException | Error ex) {
			logger.warn("A listener failed at {}; the job goes on", event, ex);
		}
	}

}
