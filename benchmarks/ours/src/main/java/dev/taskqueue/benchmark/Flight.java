package dev.taskqueue.benchmark;

import java.util.stream.IntStream;

import dev.taskqueue.TaskQueue;

/**
 * Ten thousand jobs that wait, all in flight at a time, on virtual threads.
 */
final class Flight implements Suite {

	private static final int IN_FLIGHT = 10_000;

	private static final int VIRTUAL_THREADS_SINCE = 21;

	private final Figures ours = new Figures("taskqueue");

	@Override
	public void run(Settings settings) {
		if (Runtime.version().feature() < VIRTUAL_THREADS_SINCE) {
			System.err.println("Left out: virtual threads want JDK " + VIRTUAL_THREADS_SINCE);
			return;
		}
		try (Store store = new Store(settings)) {
			inFlight(settings, store, 1, IN_FLIGHT);
			this.ours.tell("flight-1000ms-seconds", inFlight(settings, store, 1000, IN_FLIGHT));
			this.ours.tell("flight-100ms-seconds", inFlight(settings, store, 100, IN_FLIGHT));
			this.ours.tell("flight-1ms-seconds", inFlight(settings, store, 1, IN_FLIGHT));
			this.ours.tell("flight-memory", Memory.residentMegabytes());
		}
	}

	/** From the first start to the last outcome stored. */
	private static double inFlight(Settings settings, Store store, long millis, int jobs) {
		try (Node submitting = Node.submitting(settings)) {
			TaskQueue queue = submitting.queue();
			queue.enqueueAll(IntStream.range(0, jobs).mapToObj((i) -> queue.job("wait", i, millis).spec()));
		}
		Functions.expect(0);
		try (Node node = Node.working(settings, "--taskqueue.worker.threads=virtual",
				"--taskqueue.worker.concurrency=" + jobs)) {
			node.queue();
			Core.awaitAll(store, jobs);
			double seconds = (System.nanoTime() - Functions.first()) / 1e9;
			store.check(jobs);
			store.clear();
			return seconds;
		}
	}

}
