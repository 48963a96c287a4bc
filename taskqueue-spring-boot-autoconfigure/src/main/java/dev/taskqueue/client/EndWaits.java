package dev.taskqueue.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import dev.taskqueue.JobEvent;

/**
 * Who on this node waits for which job, so that an event wakes them at once.
 */
final class EndWaits {

	private final Map<String, List<Semaphore>> waits = new ConcurrentHashMap<>();

	/** Whatever ends an attempt may have ended the job: the waiter looks. */
	void onEvent(JobEvent event) {
		if (event instanceof JobEvent.Enqueued || event instanceof JobEvent.Scheduled
				|| event instanceof JobEvent.Executing || event instanceof JobEvent.Error || this.waits.isEmpty()) {
			return;
		}
		this.waits.computeIfPresent(event.jobId(), (id, waiting) -> {
			waiting.forEach(Semaphore::release);
			return waiting;
		});
	}

	Wait begin(String jobId) {
		Semaphore signal = new Semaphore(0);
		this.waits.compute(jobId, (id, waiting) -> {
			List<Semaphore> all = (waiting != null) ? waiting : new ArrayList<>(1);
			all.add(signal);
			return all;
		});
		return new Wait(jobId, signal);
	}

	int size() {
		return this.waits.size();
	}

	/** One waiter, until it is closed. */
	final class Wait implements AutoCloseable {

		private final String jobId;

		private final Semaphore signal;

		private Wait(String jobId, Semaphore signal) {
			this.jobId = jobId;
			this.signal = signal;
		}

		void forEventAtMost(long nanos) throws InterruptedException {
			if (this.signal.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
				this.signal.drainPermits();
			}
		}

		@Override
		public void close() {
			EndWaits.this.waits.computeIfPresent(this.jobId, (id, waiting) -> {
				waiting.remove(this.signal);
				return waiting.isEmpty() ? null : waiting;
			});
		}

	}

}
