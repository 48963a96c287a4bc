package dev.taskqueue.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.taskqueue.history.Entry.Ended;
import dev.taskqueue.history.Entry.How;
import dev.taskqueue.history.Entry.Locked;
import dev.taskqueue.history.Entry.Started;
import dev.taskqueue.history.Entry.Stored;
import dev.taskqueue.history.History.JobHistory;

/** How the runs of one job follow each other. */
final class RunRules {

	private static final String LOCKS = "taskqueue_locks";

	private RunRules() {
	}

	static Stream<Violation> oneRunAClaim(History history) {
		return history.jobs().stream().flatMap((job) -> {
			Map<String, Started> first = new HashMap<>();
			return job.all(Started.class).flatMap((start) -> {
				Started before = first.putIfAbsent(start.claim(), start);
				return (before == null) ? Stream.of()
						: Stream.of(new Violation(job.job(), "Claim '%s' was run twice, as %s and as %s"
							.formatted(start.claim(), before.run(), start.run())));
			});
		});
	}

	static Stream<Violation> oneHolder(History history) {
		return pairs(history, (one, next) -> {
			if (one.attempt() != next.attempt() || wasReturned(history, one, next)) {
				return Optional.empty();
			}
			long held = history.heldUntil(one, next.at());
			return (held <= next.at()) ? Optional.empty()
					: Optional.of("%s began %d ms before the lease of %s, which had begun the same attempt, ran out"
						.formatted(next.run(), (held - next.at()) / 1_000_000, one.run()));
		});
	}

	static Stream<Violation> oneHasTheLock(History history) {
		Map<String, Started> runs = new HashMap<>();
		history.all(Started.class).forEach((start) -> runs.put(start.run(), start));
		Map<String, List<Started>> byLock = new HashMap<>();
		history.all(Locked.class)
			.forEach((locked) -> byLock.computeIfAbsent(locked.lock(), (lock) -> new ArrayList<>())
				.add(Objects.requireNonNull(runs.get(locked.run()))));
		List<Violation> violations = new ArrayList<>();
		byLock.forEach((lock, starts) -> {
			for (int i = 1; i < starts.size(); i++) {
				Started next = starts.get(i);
				starts.subList(0, i)
					.stream()
					.filter((one) -> history.endOf(one).orElse(Long.MAX_VALUE) > next.at())
					.filter((one) -> history.heldUntil(one, next.at()) > next.at())
					.filter((one) -> !wasReturned(history, one, next) && !history.isTakenAwayAfter(LOCKS, one.at()))
					.forEach((one) -> violations.add(new Violation(next.job(),
							"%s began under the lock '%s' while %s had it".formatted(next.run(), lock, one.run()))));
			}
		});
		return violations.stream();
	}

	static Stream<Violation> lastRunCounts(History history) {
		return history.jobs().stream().flatMap((job) -> {
			List<Started> starts = job.starts();
			return job.stored()
				.map(Stored::run)
				.filter((run) -> starts.isEmpty() || !starts.get(starts.size() - 1).run().equals(run))
				.map((run) -> new Violation(job.job(),
						"The store has the outcome of %s, and the last run was %s".formatted(run,
								starts.isEmpty() ? "none" : starts.get(starts.size() - 1).run())))
				.stream();
		});
	}

	static Stream<Violation> attemptsCount(History history) {
		return pairs(history, (one, next) -> {
			int step = next.attempt() - one.attempt();
			if (step == 0) {
				return Optional.empty();
			}
			Ended end = history.ended(one);
			boolean succeeded = end != null && end.how() == How.RETURNED;
			return (step == 1 && !succeeded) ? Optional.empty()
					: Optional.of("Attempt %d (%s) follows attempt %d (%s), which %s".formatted(next.attempt(),
							next.run(), one.attempt(), one.run(), succeeded ? "succeeded" : "is not the one before"));
		});
	}

	static Stream<Violation> recoveriesCount(History history) {
		return pairs(history, (one, next) -> {
			int counted = next.recoveries() - one.recoveries();
			boolean right = (next.attempt() == one.attempt())
					? counted > 0 || (counted == 0 && wasReturned(history, one, next)) : counted >= 0;
			return right ? Optional.empty()
					: Optional.of("%s had %d recoveries and then %s, of %s attempt, had %d".formatted(one.run(),
							one.recoveries(), next.run(), (next.attempt() == one.attempt()) ? "the same" : "the next",
							next.recoveries()));
		});
	}

	static Stream<Violation> fieldsAgree(History history) {
		return history.jobs()
			.stream()
			.filter((job) -> !job.starts().isEmpty())
			.flatMap((job) -> job.stored()
				.stream()
				.filter((stored) -> stored.run() != null)
				.filter((stored) -> !agree(stored, job))
				.map((stored) -> new Violation(job.job(),
						"The store has attempt %d and %d recoveries, the last run said %s".formatted(stored.attempt(),
								stored.recoveries(), job.starts().get(job.starts().size() - 1)))));
	}

	private static boolean agree(Stored stored, JobHistory job) {
		Started last = job.starts().get(job.starts().size() - 1);
		return stored.attempt() == last.attempt() && stored.recoveries() == last.recoveries();
	}

	/**
	 * Given back uncounted: by a node that ends in order, or that had no memory to write
	 * down how the attempt ended.
	 */
	private static boolean wasReturned(History history, Started run, Started next) {
		return Stream.concat(history.all(Entry.NodeStops.class), history.all(Entry.Starved.class))
			.anyMatch((entry) -> entry.process().equals(run.process()) && entry.at() <= next.at());
	}

	private static Stream<Violation> pairs(History history, BiFunction<Started, Started, Optional<String>> check) {
		return history.jobs().stream().flatMap((job) -> {
			List<Started> starts = job.starts();
			return IntStream.range(1, starts.size())
				.mapToObj((i) -> check.apply(starts.get(i - 1), starts.get(i)))
				.flatMap(Optional::stream)
				.map((what) -> new Violation(job.job(), what));
		});
	}

}
