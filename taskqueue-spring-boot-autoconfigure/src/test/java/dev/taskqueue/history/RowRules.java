package dev.taskqueue.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

import dev.taskqueue.history.Entry.Answer;
import dev.taskqueue.history.Entry.InsertingRow;
import dev.taskqueue.history.Entry.Listed;
import dev.taskqueue.history.Entry.Stored;
import dev.taskqueue.history.Entry.StoredPeriodic;
import dev.taskqueue.history.Entry.StoredRow;

/** From a row to its jobs. */
final class RowRules {

	private static final String ROWS = "crontab_jobs";

	private RowRules() {
	}

	static Stream<Violation> eachSlotOnce(History history) {
		Map<String, SortedMap<Long, List<String>>> slots = slots(history);
		return history.all(InsertingRow.class)
			.filter((row) -> !history.isTakenAwayAfter(ROWS, row.at())
					&& !history.isTakenAwayAfter(JobRules.JOBS, row.at()))
			.flatMap((row) -> check(row, slots.getOrDefault(row.row(), new TreeMap<>())));
	}

	private static Stream<Violation> check(InsertingRow row, SortedMap<Long, List<String>> slots) {
		List<Violation> violations = new ArrayList<>();
		slots.forEach((slot, jobs) -> {
			if (jobs.size() > 1) {
				violations
					.add(new Violation(row.row(), "Slot %d became %d jobs: %s".formatted(slot, jobs.size(), jobs)));
			}
		});
		if (!slots.isEmpty()) {
			long step = Math.max(1, row.everySeconds());
			long last = (row.everySeconds() > 0) ? slots.lastKey() : row.first();
			for (long slot = row.first(); slot <= last; slot += step) {
				if (!slots.containsKey(slot)) {
					violations.add(new Violation(row.row(), "Slot %d became no job".formatted(slot)));
				}
			}
			slots.keySet()
				.stream()
				.filter((slot) -> slot < row.first() || slot > last || (slot - row.first()) % step != 0)
				.forEach((slot) -> violations.add(new Violation(row.row(), "It has no slot %d".formatted(slot))));
		}
		return violations.stream();
	}

	static Stream<Violation> rowsGoOn(History history) {
		Map<String, StoredRow> stored = new HashMap<>();
		history.all(StoredRow.class).forEach((row) -> stored.put(row.row(), row));
		Map<String, SortedMap<Long, List<String>>> slots = slots(history);
		return history.all(InsertingRow.class)
			.filter((row) -> history.job(row.row()).was(Answer.ACKNOWLEDGED))
			.filter((row) -> !history.isTakenAwayAfter(ROWS, row.at())
					&& !history.isTakenAwayAfter(JobRules.JOBS, row.at()))
			.flatMap((row) -> {
				StoredRow now = stored.get(row.row());
				SortedMap<Long, List<String>> jobs = slots.getOrDefault(row.row(), new TreeMap<>());
				if (now == null) {
					return Stream.of(new Violation(row.row(), "The row is lost"));
				}
				if (now.error()) {
					return Stream.of(new Violation(row.row(), "The row has an error"));
				}
				if (jobs.isEmpty()) {
					return Stream.of(new Violation(row.row(), "The row never became a job"));
				}
				boolean recurs = row.everySeconds() > 0;
				if (now.done() == recurs) {
					return Stream.of(new Violation(row.row(), "The row is " + (recurs ? "done" : "not done")));
				}
				return (!recurs || now.time() == jobs.lastKey() + row.everySeconds()) ? Stream.of() : Stream
					.of(new Violation(row.row(),
							"Its next time is %d, and its last job is of %d".formatted(now.time(), jobs.lastKey())));
			});
	}

	static Stream<Violation> listsAreFollowed(History history) {
		Map<String, SortedSet<String>> listed = new TreeMap<>();
		history.all(Listed.class).forEach((list) -> listed.put(list.source(), new TreeSet<>(list.rows())));
		Map<String, SortedSet<String>> stored = new HashMap<>();
		history.all(StoredPeriodic.class)
			.filter(StoredPeriodic::enabled)
			.forEach((row) -> stored.computeIfAbsent(row.source(), (source) -> new TreeSet<>()).add(row.row()));
		return listed.entrySet()
			.stream()
			.filter((list) -> !list.getValue().equals(stored.getOrDefault(list.getKey(), new TreeSet<>())))
			.map((list) -> new Violation(list.getKey(), "Its list is %s, and %s go on".formatted(list.getValue(),
					stored.getOrDefault(list.getKey(), new TreeSet<>()))));
	}

	private static Map<String, SortedMap<Long, List<String>>> slots(History history) {
		Map<String, SortedMap<Long, List<String>>> slots = new HashMap<>();
		history.all(Stored.class).forEach((job) -> {
			if (job.row() != null) {
				slots.computeIfAbsent(job.row(), (row) -> new TreeMap<>())
					.computeIfAbsent(job.slot(), (slot) -> new ArrayList<>())
					.add(job.job());
			}
		});
		return slots;
	}

}
