package dev.taskqueue.benchmark;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.TaskQueue;

/**
 * What the jobs run.
 */
class Functions {

	private static final AtomicLong ran = new AtomicLong();

	private static volatile AtomicLongArray startedAt = new AtomicLongArray(0);

	private static volatile long first;

	private static volatile Probe probe = new Probe();

	/** Forgets all. */
	static void expect(int samples) {
		ran.set(0);
		first = 0;
		startedAt = new AtomicLongArray(samples);
	}

	static long ran() {
		return ran.get();
	}

	/** When the first job since {@link #expect} began, in nanoseconds. */
	static long first() {
		return first;
	}

	/** When the job with this argument began, in nanoseconds; 0 before. */
	static long startedAt(int argument) {
		return startedAt.get(argument);
	}

	@AsyncJob("noop")
	void noop(int argument) {
		begin(argument);
		ran.incrementAndGet();
	}

	/** Waits as a job waits that calls another system. */
	@AsyncJob("wait")
	void pause(int argument, long millis) throws InterruptedException {
		begin(argument);
		Thread.sleep(millis);
		ran.incrementAndGet();
	}

	@AsyncJob("probe")
	void answer() {
		probe.startedAt = System.nanoTime();
	}

	/** From the submit of a job to a queue of its own to its start, in nanoseconds. */
	static long untilProbeStarts(TaskQueue queue) {
		Probe next = new Probe();
		probe = next;
		long before = System.nanoTime();
		queue.job("probe").queue("other").enqueue();
		Load.await("a job of another queue", next::isStarted);
		return next.startedAt - before;
	}

	private static void begin(int argument) {
		long now = System.nanoTime();
		if (first == 0) {
			first = now;
		}
		if (argument >= 0 && argument < startedAt.length()) {
			startedAt.set(argument, now);
		}
	}

	/** One job that is looked at. */
	private static final class Probe {

		private volatile long startedAt;

		boolean isStarted() {
			return this.startedAt != 0;
		}

	}

}
