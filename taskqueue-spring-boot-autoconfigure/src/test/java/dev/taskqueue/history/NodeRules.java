package dev.taskqueue.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import dev.taskqueue.history.Entry.LeftOver;
import dev.taskqueue.history.Entry.NodeBegins;
import dev.taskqueue.history.Entry.Started;
import dev.taskqueue.history.Entry.Stored;

/** What a node may do, and what it leaves behind. */
final class NodeRules {

	private NodeRules() {
	}

	static Stream<Violation> withinLimits(History history) {
		Map<String, List<Started>> byNode = new HashMap<>();
		history.all(Started.class)
			.forEach((start) -> byNode.computeIfAbsent(start.process(), (node) -> new ArrayList<>()).add(start));
		return history.all(NodeBegins.class).flatMap((node) -> {
			List<Started> starts = byNode.getOrDefault(node.process(), List.of());
			int most = mostAtATime(history, starts);
			int mostOfQueue = mostAtATime(history,
					starts.stream().filter((start) -> start.queue().equals(node.queue())).toList());
			List<Violation> violations = new ArrayList<>();
			if (most > node.concurrency()) {
				violations.add(new Violation(node.process(),
						"It ran %d at a time and may run %d".formatted(most, node.concurrency())));
			}
			if (mostOfQueue > node.queueConcurrency()) {
				violations.add(new Violation(node.process(), "It ran %d of queue '%s' at a time and may run %d"
					.formatted(mostOfQueue, node.queue(), node.queueConcurrency())));
			}
			return violations.stream();
		});
	}

	static Stream<Violation> nothingLeft(History history) {
		return Stream.concat(
				history.all(LeftOver.class).map((left) -> new Violation(left.id(), "It is left in " + left.what())),
				history.all(Stored.class)
					.filter((stored) -> stored.state().equals("running"))
					.map((stored) -> new Violation(stored.job(), "It is left running")));
	}

	/** A function writes its end before its slot is free: ends go before starts. */
	private static int mostAtATime(History history, List<Started> starts) {
		List<long[]> steps = new ArrayList<>();
		for (Started start : starts) {
			steps.add(new long[] { start.at(), 1 });
			history.endOf(start).ifPresent((end) -> steps.add(new long[] { end, -1 }));
		}
		steps.sort(Comparator.<long[]>comparingLong((step) -> step[0]).thenComparingLong((step) -> step[1]));
		int running = 0;
		int most = 0;
		for (long[] step : steps) {
			running += (int) step[1];
			most = Math.max(most, running);
		}
		return most;
	}

}
