package dev.taskqueue.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.taskqueue.history.Entry.Answer;
import dev.taskqueue.history.Entry.Answered;
import dev.taskqueue.history.Entry.Ended;
import dev.taskqueue.history.Entry.NodeBegins;
import dev.taskqueue.history.Entry.Queued;
import dev.taskqueue.history.Entry.Started;
import dev.taskqueue.history.Entry.Submitting;
import dev.taskqueue.history.Entry.Weighs;
import dev.taskqueue.history.History.JobHistory;

/**
 * Whose turn it was, among queues and in each of them. A job waits from when its submit
 * was answered until it begins for the first time. Some job of a queue waits unclaimed
 * for sure where more wait than all nodes may have at hand, those that were killed among
 * them: what a history does not tell of claims, leases and recoveries is within that.
 */
final class OrderRules {

	private static final long AHEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private static final int MOST_AHEAD = 1000;

	/** Who loses to others reads so many times as far as he may take. */
	private static final int REACH = 16;

	private static final int MOST_READ = 1000;

	private final History history;

	/** What each node may have of one queue: begun or about to, and claimed ahead. */
	private final Map<String, Integer> atHand = new HashMap<>();

	private final int atHandOfAll;

	private final Map<String, List<Place>> queues = new HashMap<>();

	private OrderRules(History history) {
		this.history = history;
		history.all(NodeBegins.class)
			.forEach((node) -> this.atHand.put(node.process(), node.concurrency() + ahead(node.process())));
		this.atHandOfAll = this.atHand.values().stream().mapToInt(Integer::intValue).sum();
		history.all(Queued.class)
			.forEach((queued) -> Place.of(history.job(queued.job()), queued)
				.forEach((place) -> this.queues.computeIfAbsent(queued.queue(), (queue) -> new ArrayList<>())
					.add(place)));
	}

	/** The most that a node ended in a tenth of a second. */
	private int ahead(String process) {
		List<Long> ends = this.history.all(Ended.class)
			.filter((end) -> end.process().equals(process))
			.map(Ended::at)
			.toList();
		int most = 0;
		int from = 0;
		for (int to = 0; to < ends.size(); to++) {
			while (ends.get(to) - ends.get(from) > AHEAD_NANOS) {
				from++;
			}
			most = Math.max(most, to - from + 1);
		}
		return Math.min(MOST_AHEAD, most);
	}

	static Stream<Violation> weightsAreKept(History history) {
		OrderRules order = new OrderRules(history);
		return history.all(Weighs.class)
			.filter((node) -> !node.strict())
			.flatMap((node) -> order.whileAllWait(node).flatMap((span) -> {
				List<Started> starts = order.starts(List.of(node), span);
				return node.weights().keySet().stream().flatMap((queue) -> order.drift(node, queue, starts));
			}));
	}

	private Stream<Span> whileAllWait(Weighs node) {
		List<Span> spans = List.of(new Span(Long.MIN_VALUE, Long.MAX_VALUE));
		for (String queue : node.weights().keySet()) {
			List<Span> waits = whileWaits(queue, node);
			spans = spans.stream().flatMap((span) -> waits.stream().flatMap(span::within)).toList();
		}
		return spans.stream();
	}

	/** The farthest that a queue came from its share, from any start to any later one. */
	private Stream<Violation> drift(Weighs node, String queue, List<Started> starts) {
		double share = 1 / turn(node, queue);
		int allowed = slack(node);
		double drift = 0;
		double least = 0;
		double most = 0;
		for (Started start : starts) {
			drift += start.queue().equals(queue) ? 1 - share : -share;
			least = Math.min(least, drift);
			most = Math.max(most, drift);
		}
		return (most - least <= allowed) ? Stream.of() : Stream.of(new Violation(node.process(),
				("Among %d starts while jobs of all queues waited, '%s' was up to %.1f from its share of %.3f, and may "
						+ "be %d")
					.formatted(starts.size(), queue, most - least, share, allowed)));
	}

	static Stream<Violation> noQueueStarves(History history) {
		OrderRules order = new OrderRules(history);
		List<Weighs> nodes = history.all(Weighs.class).filter((node) -> !node.strict()).toList();
		return nodes.stream()
			.flatMap((node) -> node.weights().keySet().stream())
			.distinct()
			.flatMap((queue) -> order.longestWait(queue,
					nodes.stream().filter((node) -> node.weights().containsKey(queue)).toList()));
	}

	/** What another node took is no start of this one, but of the queue. */
	private Stream<Violation> longestWait(String queue, List<Weighs> nodes) {
		int allowed = nodes.stream().mapToInt((node) -> (int) Math.ceil(turn(node, queue)) + slack(node)).sum();
		Weighs last = nodes.stream().max(Comparator.comparingLong(Weighs::hearingMs)).orElseThrow();
		return whileWaits(queue, last).stream().flatMap((span) -> {
			int others = 0;
			int most = 0;
			for (Started start : starts(nodes, span)) {
				others = start.queue().equals(queue) ? 0 : others + 1;
				most = Math.max(most, others);
			}
			return (most <= allowed) ? Stream.of()
					: Stream.of(new Violation(queue,
							"%d others began while its jobs waited and none of them did; its turn comes within %d"
								.formatted(most, allowed)));
		});
	}

	static Stream<Violation> ranksAreKept(History history) {
		OrderRules order = new OrderRules(history);
		return history.all(Weighs.class)
			.filter(Weighs::strict)
			.flatMap((node) -> node.weights()
				.keySet()
				.stream()
				.flatMap((queue) -> order.whileWaits(queue, node)
					.stream()
					.flatMap((span) -> order.passed(node, queue, span))));
	}

	/** Starts of each queue that is behind one which waits. */
	private Stream<Violation> passed(Weighs node, String queue, Span span) {
		int allowed = atHand(node);
		Map<String, Integer> begun = new HashMap<>();
		starts(List.of(node), span).forEach((start) -> begun.merge(start.queue(), 1, Integer::sum));
		return begun.entrySet()
			.stream()
			.filter((other) -> rank(node, other.getKey()) < rank(node, queue) && other.getValue() > allowed)
			.map((other) -> new Violation(node.process(),
					"It began %d jobs of '%s' while jobs of '%s' waited, and has %d at hand".formatted(other.getValue(),
							other.getKey(), queue, allowed)));
	}

	static Stream<Violation> earlierComeFirst(History history) {
		OrderRules order = new OrderRules(history);
		return order.queues.values().stream().flatMap(order::overtaking);
	}

	private Stream<Violation> overtaking(Collection<Place> queue) {
		Map<String, Long> begins = new HashMap<>();
		this.history.all(NodeBegins.class).forEach((node) -> begins.put(node.process(), node.at()));
		int mostAtHand = this.atHand.values().stream().mapToInt(Integer::intValue).max().orElse(0);
		int reach = Math.max(mostAtHand, Math.min(MOST_READ, REACH * mostAtHand));
		return queue.stream().filter(Place::hasBegun).flatMap((next) -> {
			// by then it may have been claimed
			long claimable = Math.max(next.submittedAt, begins.getOrDefault(next.process, Long.MIN_VALUE));
			List<Place> waiting = queue.stream()
				.filter((other) -> other.dueAt <= claimable && other.startedAt > next.startedAt)
				.toList();
			long higher = waiting.stream().filter((other) -> other.priority > next.priority).count();
			long earlier = waiting.stream()
				.filter((other) -> other.priority == next.priority && other.runAt < next.runAt)
				.count();
			if (higher > this.atHandOfAll) {
				return Stream.of(new Violation(next.job,
						"It began before %d jobs of a higher priority, and nodes have %d at hand".formatted(higher,
								this.atHandOfAll)));
			}
			return (earlier <= reach + this.atHandOfAll) ? Stream.of()
					: Stream.of(new Violation(next.job,
							"It began before %d earlier jobs; claimers reach over %d, and nodes have %d at hand"
								.formatted(earlier, reach, this.atHandOfAll)));
		});
	}

	/** With so many starts a queue's turn comes. */
	private static double turn(Weighs node, String queue) {
		int all = node.weights().values().stream().mapToInt(Integer::intValue).sum();
		return (double) all / rank(node, queue);
	}

	private static int rank(Weighs node, String queue) {
		return node.weights().getOrDefault(queue, Integer.MAX_VALUE);
	}

	/** What it has at hand, and one start of each queue. */
	private int slack(Weighs node) {
		return atHand(node) + node.weights().size();
	}

	private int atHand(Weighs node) {
		return this.atHand.getOrDefault(node.process(), 0);
	}

	/** What nodes began of the queues that have weights. */
	private List<Started> starts(List<Weighs> nodes, Span span) {
		return this.history.all(Started.class)
			.filter((start) -> span.covers(start.at()))
			.filter((start) -> nodes.stream()
				.anyMatch(
						(node) -> node.process().equals(start.process()) && node.weights().containsKey(start.queue())))
			.toList();
	}

	/** While some job of a queue was unclaimed, and this node must have heard of it. */
	private List<Span> whileWaits(String queue, Weighs node) {
		long hearing = TimeUnit.MILLISECONDS.toNanos(node.hearingMs());
		List<long[]> steps = new ArrayList<>();
		for (Place place : this.queues.getOrDefault(queue, List.of())) {
			if (place.dueAt + hearing < place.startedAt) {
				steps.add(new long[] { place.dueAt + hearing, 1 });
				steps.add(new long[] { place.startedAt, -1 });
			}
		}
		steps.sort(Comparator.comparingLong((step) -> step[0]));
		List<Span> spans = new ArrayList<>();
		int waiting = 0;
		long since = 0;
		for (long[] step : steps) {
			boolean waited = waiting > this.atHandOfAll;
			waiting += (int) step[1];
			boolean waits = waiting > this.atHandOfAll;
			if (waits && !waited) {
				since = step[0];
			}
			else if (waited && !waits) {
				spans.add(new Span(since, step[0]));
			}
		}
		return spans;
	}

	/** From a moment, without it, to another. */
	private record Span(long from, long to) {

		boolean covers(long at) {
			return at > this.from && at <= this.to;
		}

		Stream<Span> within(Span other) {
			Span both = new Span(Math.max(this.from, other.from), Math.min(this.to, other.to));
			return (both.from < both.to) ? Stream.of(both) : Stream.of();
		}

	}

	/**
	 * A job's place in its queue.
	 *
	 * @param startedAt when it began first; never: it waits still
	 * @param process where
	 */
	private record Place(String job, int priority, long runAt, long submittedAt, long dueAt, long startedAt,
			String process) {

		/** None of a job that nobody knows of, or that ended without a start. */
		static Stream<Place> of(JobHistory job, Queued queued) {
			boolean endedUnbegun = job.starts().isEmpty()
					&& job.stored().filter((stored) -> !stored.state().equals("pending")).isPresent();
			return job.all(Answered.class)
				.filter((answer) -> answer.answer() == Answer.ACKNOWLEDGED && !endedUnbegun)
				.flatMap((answer) -> job.submitting().stream().map((submit) -> of(job, queued, submit, answer)));
		}

		private static Place of(JobHistory job, Queued queued, Submitting submit, Answered answer) {
			long due = submit.at() + TimeUnit.MILLISECONDS.toNanos(submit.delayMs());
			List<Started> starts = job.starts();
			return new Place(queued.job(), queued.priority(), queued.runAt(), submit.at(), Math.max(answer.at(), due),
					starts.isEmpty() ? Long.MAX_VALUE : starts.get(0).at(),
					starts.isEmpty() ? "" : starts.get(0).process());
		}

		boolean hasBegun() {
			return this.startedAt < Long.MAX_VALUE;
		}

	}

}
