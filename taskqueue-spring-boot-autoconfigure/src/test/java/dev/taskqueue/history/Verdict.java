package dev.taskqueue.history;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import dev.taskqueue.history.Entry.NodeGone;
import dev.taskqueue.history.Entry.NodeStops;
import dev.taskqueue.history.Entry.OfJob;
import dev.taskqueue.history.Entry.Ordered;
import dev.taskqueue.history.Entry.Ordering;
import dev.taskqueue.history.Entry.Started;
import dev.taskqueue.history.Entry.Stored;
import dev.taskqueue.history.Entry.Trouble;

/** What the checker found: for each promise that was broken, by whom, and how it came. */
public final class Verdict {

	/** As many as a person reads; the rest are counted. */
	private static final int SHOWN = 3;

	private final History history;

	private final Map<Rule, List<Violation>> violations;

	Verdict(History history, Map<Rule, List<Violation>> violations) {
		this.history = history;
		this.violations = violations;
	}

	/** Whether all promises were kept. */
	public boolean isContent() {
		return this.violations.isEmpty();
	}

	Set<Rule> broken() {
		return this.violations.keySet();
	}

	/** Counts, for a report. */
	public String figures() {
		long jobs = this.history.jobs()
			.stream()
			.filter((job) -> job.was(Entry.Answer.ACKNOWLEDGED) || job.stored().isPresent())
			.count();
		long unknown = this.history.jobs().stream().filter((job) -> job.was(Entry.Answer.UNKNOWN)).count();
		int lost = this.violations.getOrDefault(Rule.ACKNOWLEDGED_JOBS_END, List.of()).size();
		return "jobs %d, answered as unknown %d, runs %d, runs of one attempt after a lost lease %d, lost %d"
			.formatted(jobs, unknown, this.history.all(Started.class).count(), doubled(), lost);
	}

	private long doubled() {
		return this.history.jobs()
			.stream()
			.mapToLong((job) -> job.starts().size() - job.starts().stream().map(Started::attempt).distinct().count())
			.sum();
	}

	@Override
	public String toString() {
		StringBuilder text = new StringBuilder();
		this.violations.forEach((rule, found) -> {
			text.append("%nBROKEN: %s (%s), %d times%n".formatted(rule.promise(), rule, found.size()));
			found.stream().limit(SHOWN).forEach((violation) -> show(text, violation));
		});
		return text.isEmpty() ? "All promises were kept" : text.toString();
	}

	private void show(StringBuilder text, Violation violation) {
		text.append("  %s: %s%n".formatted(violation.subject(), violation.what()));
		List<OfJob> own = this.history.jobs()
			.stream()
			.filter((job) -> job.job().equals(violation.subject())
					|| job.stored().map(Stored::row).filter(violation.subject()::equals).isPresent())
			.flatMap((job) -> job.entries().stream())
			.toList();
		if (own.isEmpty()) {
			return;
		}
		Set<String> processes = new TreeSet<>(own.stream().map(Entry::process).toList());
		long from = own.stream().mapToLong(Entry::at).min().orElseThrow();
		Stream<Entry> around = this.history.entries()
			.stream()
			.filter((entry) -> entry instanceof Trouble || entry instanceof Ordering || entry instanceof Ordered
					|| ((entry instanceof NodeStops || entry instanceof NodeGone)
							&& processes.contains(entry.process())));
		Stream.concat(own.stream(), around)
			.sorted(Comparator.comparingLong(Entry::at))
			.filter((entry) -> entry.at() >= from - 5_000_000_000L)
			.limit(60)
			.forEach((entry) -> text.append("    %+10.3f s  %s%n".formatted((entry.at() - from) / 1e9, entry)));
	}

}
