package dev.taskqueue.trial;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.history.Entry.Answer;
import dev.taskqueue.history.Entry.Answered;
import dev.taskqueue.history.Entry.Beat;
import dev.taskqueue.history.Entry.Phase;
import dev.taskqueue.history.Entry.Started;
import dev.taskqueue.history.Entry.Submitting;
import dev.taskqueue.history.Entry.Trouble;
import dev.taskqueue.history.History;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * Whether anything grows that ought not to: the heap and threads of the workers, what
 * they leave on the server, the time from a submit to its start.
 */
final class Growth {

	/** A process says little about growth before. */
	private static final long LIVED = TimeUnit.SECONDS.toNanos(60);

	private static final long MB = 1 << 20;

	private static final Set<String> OURS = Set.of("crontab_jobs", "taskqueue_jobs", "taskqueue_workers",
			"taskqueue_queues", "taskqueue_locks");

	private final MongoDatabase database;

	private final long allowedMs;

	private final Left before;

	/**
	 * Looks at the server before.
	 * @param database of the trial
	 * @param calm how long all is left in peace between faults: after a short one, some
	 * jobs may still stand in line
	 */
	Growth(MongoDatabase database, Duration calm) {
		this.database = database;
		this.allowedMs = (calm.toSeconds() < 10) ? 1000 : 100;
		this.before = look();
	}

	/** What has grown, if anything; all that was begun is well again. */
	List<String> found(History history) {
		List<String> growth = new ArrayList<>();
		Left now = look();
		compare(growth, "connections of the primary", this.before.connections, now.connections, 20);
		now.indexes.forEach((collection, indexes) -> {
			// it may have been created, or dropped by a fault, a moment ago
			List<String> former = this.before.indexes.getOrDefault(collection, indexes);
			if (!former.containsAll(indexes) || !OURS.contains(collection)) {
				growth.add("collection " + collection + " had the indexes " + former + " and has " + indexes);
			}
		});
		Map<String, List<Beat>> byProcess = new HashMap<>();
		history.all(Beat.class)
			.forEach((beat) -> byProcess.computeIfAbsent(beat.process(), (process) -> new ArrayList<>()).add(beat));
		byProcess.forEach((process, beats) -> {
			if (beats.get(beats.size() - 1).at() - beats.get(0).at() > LIVED) {
				compare(growth, "MB of heap that " + process + " cannot free",
						least(quarter(beats, 1), Beat::heapBytes) / MB, least(quarter(beats, 3), Beat::heapBytes) / MB,
						16);
				compare(growth, "threads of " + process, least(quarter(beats, 1), Beat::threads),
						least(quarter(beats, 3), Beat::threads), 10);
			}
		});
		List<Long> waits = waits(history);
		if (waits.size() > 400) {
			compare(growth, "ms from a submit to its start, median", median(quarter(waits, 1)),
					median(quarter(waits, 3)), this.allowedMs);
		}
		return growth;
	}

	private Left look() {
		Map<String, List<String>> indexes = new TreeMap<>();
		for (String collection : this.database.listCollectionNames()) {
			List<String> names = this.database.getCollection(collection)
				.listIndexes()
				.map((index) -> index.getString("name"))
				.into(new ArrayList<>());
			names.sort(null);
			indexes.put(collection, names);
		}
		Document connections = this.database.runCommand(new Document("serverStatus", 1))
			.get("connections", Document.class);
		return new Left(indexes, connections.getInteger("current"));
	}

	private static void compare(List<String> growth, String what, long before, long now, long allowed) {
		System.out.printf("FIGURE %s: %d, at the end %d%n", what, before, now);
		if (now > before + before / 2 + allowed) {
			growth.add(what + ": " + before + ", at the end " + now);
		}
	}

	private static <T> List<T> quarter(List<T> all, int number) {
		return all.subList(all.size() * number / 4, all.size() * (number + 1) / 4);
	}

	private static long least(List<Beat> beats, ToLongFunction<Beat> figure) {
		return beats.stream().mapToLong(figure).min().orElseThrow();
	}

	private static long median(List<Long> values) {
		return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
	}

	/**
	 * Of jobs that were to start at once and were submitted while all was well, in the
	 * order of their submits.
	 */
	private static List<Long> waits(History history) {
		TreeMap<Long, Phase> phases = new TreeMap<>();
		history.all(Trouble.class).forEach((trouble) -> phases.put(trouble.at(), trouble.phase()));
		Set<String> atOnce = new HashSet<>();
		history.all(Submitting.class)
			.filter((submit) -> submit.delayMs() == 0 && submit.function().equals(Functions.WORK))
			.forEach((submit) -> atOnce.add(submit.job()));
		Map<String, Long> started = new HashMap<>();
		history.all(Started.class).forEach((start) -> started.putIfAbsent(start.job(), start.at()));
		return history.all(Answered.class)
			.filter((answer) -> answer.answer() == Answer.ACKNOWLEDGED && atOnce.contains(answer.job())
					&& started.containsKey(answer.job()))
			.filter((answer) -> isWell(phases.floorEntry(answer.at())))
			.map((answer) -> TimeUnit.NANOSECONDS
				.toMillis(started.getOrDefault(answer.job(), answer.at()) - answer.at()))
			.toList();
	}

	private static boolean isWell(Map.@Nullable Entry<Long, Phase> last) {
		return last != null && last.getValue() == Phase.WELL;
	}

	/**
	 * What is on the server.
	 *
	 * @param indexes by collection
	 * @param connections to the primary
	 */
	private record Left(Map<String, List<String>> indexes, long connections) {
	}

}
