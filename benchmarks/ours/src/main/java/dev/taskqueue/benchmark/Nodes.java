package dev.taskqueue.benchmark;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.taskqueue.TaskQueue;

/**
 * One node and two, on work that waits and on work that does nothing.
 */
final class Nodes implements Suite {

	/** Half a minute for one node, so that the start of the load counts little. */
	private static final int WAITING = 30_000;

	private final Figures ours = new Figures("taskqueue");

	@Override
	public void run(Settings settings) {
		try (Store store = new Store(settings)) {
			drain(settings, store, "noop", Math.min(settings.jobs(), 20_000), 1);
			this.ours.tell("wait-10ms-1-node", drain(settings, store, "wait", WAITING, 1));
			this.ours.tell("wait-10ms-2-nodes", drain(settings, store, "wait", WAITING, 2));
			this.ours.tell("drain-1-node", drain(settings, store, "noop", settings.jobs(), 1));
			this.ours.tell("drain-2-nodes", drain(settings, store, "noop", settings.jobs(), 2));
		}
	}

	/** Nodes of one process: they share nothing but it. */
	private static double drain(Settings settings, Store store, String function, int jobs, int nodes) {
		List<Node> working = Stream.generate(() -> Node.working(settings)).limit(nodes).toList();
		try {
			try (Node submitting = Node.submitting(settings)) {
				Functions.expect(0);
				TaskQueue queue = submitting.queue();
				queue.enqueueAll(IntStream.range(0, jobs)
					.mapToObj((i) -> function.equals("wait") ? queue.job(function, i, 10L) : queue.job(function, i))
					.map((job) -> job.spec()));
			}
			Core.awaitAll(store, jobs);
			double rate = Load.perSecond(jobs, System.nanoTime() - Functions.first());
			store.check(jobs);
			store.clear();
			return rate;
		}
		finally {
			working.forEach(Node::close);
		}
	}

}
