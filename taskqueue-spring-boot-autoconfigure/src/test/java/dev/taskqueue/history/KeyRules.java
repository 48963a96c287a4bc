package dev.taskqueue.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import dev.taskqueue.history.Entry.Answer;
import dev.taskqueue.history.Entry.Answered;
import dev.taskqueue.history.Entry.Ended;
import dev.taskqueue.history.Entry.Keyed;
import dev.taskqueue.history.Entry.Started;
import dev.taskqueue.history.Entry.Stored;
import dev.taskqueue.history.Entry.TakenAway;
import dev.taskqueue.history.History.JobHistory;

/** Jobs with unique keys. */
final class KeyRules {

	/** Two nodes may each know the server's clock wrong by half of a round trip. */
	private static final long CLOCK_NANOS = TimeUnit.SECONDS.toNanos(1);

	private KeyRules() {
	}

	static Stream<Violation> oneJobAKey(History history) {
		Map<String, List<Holding>> byKey = new TreeMap<>();
		history.all(Keyed.class)
			.forEach((keyed) -> Holding.of(history, keyed)
				.ifPresent((held) -> byKey.computeIfAbsent(keyed.key(), (key) -> new ArrayList<>()).add(held)));
		return byKey.entrySet().stream().flatMap((entry) -> overlaps(history, entry.getKey(), entry.getValue()));
	}

	private static Stream<Violation> overlaps(History history, String key, List<Holding> holdings) {
		List<Violation> violations = new ArrayList<>();
		holdings.sort(Comparator.comparingLong(Holding::from));
		Holding latest = holdings.get(0);
		for (Holding next : holdings.subList(1, holdings.size())) {
			if (next.from < latest.until && !isIndexTakenAway(history, next)) {
				violations.add(new Violation(next.job, "It had the unique key '%s' %d ms before job %s had let go of it"
					.formatted(key, (latest.until - next.from) / 1_000_000, latest.job)));
			}
			latest = (next.until > latest.until) ? next : latest;
		}
		return violations.stream();
	}

	/** Nobody says when it is there again. */
	private static boolean isIndexTakenAway(History history, Holding next) {
		return history.all(TakenAway.class)
			.filter((taken) -> taken.at() <= next.from)
			.anyMatch((taken) -> taken.collection().equals(JobRules.JOBS)
					|| taken.collection().equals(TakenAway.indexesOf(JobRules.JOBS)));
	}

	/** For so long a job had its key for sure; it may have had it for longer. */
	private record Holding(String job, long from, long until) {

		static Optional<Holding> of(History history, Keyed keyed) {
			JobHistory job = history.job(keyed.job());
			List<Started> starts = job.starts();
			LongStream acknowledged = job.all(Answered.class)
				.filter((answer) -> answer.answer() == Answer.ACKNOWLEDGED)
				.mapToLong(Answered::at);
			LongStream existed = LongStream.concat(acknowledged, starts.stream().mapToLong(Started::at));
			return existed.boxed().min(Long::compare).map((from) -> {
				long period = (keyed.periodMs() > 0)
						? keyed.at() + TimeUnit.MILLISECONDS.toNanos(keyed.periodMs()) - CLOCK_NANOS : from;
				long until = starts.isEmpty() ? from : ended(history, job, starts.get(starts.size() - 1));
				return new Holding(keyed.job(), from, Math.max(until, period));
			});
		}

		/** The function leaves before the store has its outcome. */
		private static long ended(History history, JobHistory job, Started last) {
			Ended end = history.ended(last);
			boolean counts = job.stored().map(Stored::run).filter(last.run()::equals).isPresent();
			return (end != null && counts) ? end.at() : last.at();
		}

	}

}
