package dev.taskqueue.trial;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import dev.taskqueue.history.Entry.Asked;
import dev.taskqueue.history.Entry.Beat;
import dev.taskqueue.history.Entry.Started;
import dev.taskqueue.history.History;
import dev.taskqueue.history.HistoryFile;

/**
 * What a user sees of a fault.
 *
 * @param health what the workers' health said
 * @param endpoint what came of a question to the workers' endpoint
 * @param longestPause the longest time in which no job at all was begun
 */
record Effect(String health, String endpoint, Duration longestPause) {

	static Effect since(long began, History history) {
		Set<String> health = new TreeSet<>();
		history.all(Beat.class)
			.filter((beat) -> beat.at() >= began && !beat.health().equals("UNKNOWN"))
			.forEach((beat) -> health.add(beat.health()));
		Set<String> endpoint = new TreeSet<>();
		history.all(Asked.class)
			.filter((asked) -> asked.at() >= began)
			.forEach((asked) -> endpoint.add(asked.answered() ? "answers" : "fails"));
		List<Long> starts = history.all(Started.class).filter((start) -> start.at() >= began).map(Started::at).toList();
		long before = began;
		long longest = 0;
		for (long start : starts) {
			longest = Math.max(longest, start - before);
			before = start;
		}
		longest = Math.max(longest, HistoryFile.now() - before);
		return new Effect(String.join(", ", health), String.join(", ", endpoint), Duration.ofNanos(longest));
	}

}
