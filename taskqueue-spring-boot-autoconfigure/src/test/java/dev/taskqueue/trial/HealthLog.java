package dev.taskqueue.trial;

import java.nio.file.Path;
import java.util.List;

import dev.taskqueue.history.Entry.Beat;
import dev.taskqueue.history.HistoryFile;

/** What the workers say of their health. */
final class HealthLog {

	private static final long RECENT_NANOS = 2_000_000_000L;

	private HealthLog() {
	}

	/** Of each of them that has not just said that it is up and has its lease. */
	static List<String> trouble(Path directory, List<TrialProcess> workers) {
		long now = HistoryFile.now();
		return workers.stream()
			.filter((worker) -> HistoryFile.readLast(directory, worker.name(), Beat.class)
				.filter((beat) -> now - beat.at() < RECENT_NANOS && beat.heldUntil() > now)
				.filter((beat) -> beat.health().equals("UP") && beat.problem() == null)
				.isEmpty())
			.map((worker) -> worker.name() + " says "
					+ HistoryFile.readLast(directory, worker.name(), Beat.class).map(Beat::toString).orElse("nothing"))
			.toList();
	}

}
