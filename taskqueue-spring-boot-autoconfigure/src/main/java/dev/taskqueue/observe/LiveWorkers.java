package dev.taskqueue.observe;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * The documents of all workers of the queue, this one's among them.
 */
public final class LiveWorkers {

	/** The field of a worker's document with the periodic jobs that it asks for. */
	public static final String SCHEDULES = "schedules";

	/** More workers than any cluster has that one looks at. */
	private static final int MOST = 1000;

	private final TaskQueueDatabase database;

	private final Clock clock;

	/**
	 * Creates it.
	 * @param database the collections
	 * @param clock the server's clock
	 */
	public LiveWorkers(TaskQueueDatabase database, Clock clock) {
		this.database = database;
		this.clock = clock;
	}

	/**
	 * Reads them.
	 * @return the workers, up to 1000, ordered by id
	 * @throws com.mongodb.MongoException if the server cannot be reached
	 */
	public List<LiveWorker> list() {
		List<LiveWorker> workers = new ArrayList<>();
		Instant now = this.clock.instant();
		for (Document document : this.database.workers().find().sort(new Document("_id", 1)).limit(MOST)) {
			workers.add(worker(document, now));
		}
		return workers;
	}

	/**
	 * The functions that some live worker has.
	 * @return their names
	 * @throws com.mongodb.MongoException if the server cannot be reached
	 */
	public Set<String> functions() {
		Set<String> functions = new TreeSet<>();
		list().stream().filter(LiveWorker::isLive).forEach((worker) -> functions.addAll(worker.functions()));
		return functions;
	}

	/**
	 * The periodic jobs that some live worker asks for.
	 * @return their keys
	 * @throws com.mongodb.MongoException if the server cannot be reached
	 */
	public Set<String> schedules() {
		Set<String> schedules = new TreeSet<>();
		list().stream().filter(LiveWorker::isLive).forEach((worker) -> schedules.addAll(worker.schedules()));
		return schedules;
	}

	private static LiveWorker worker(Document document, Instant now) {
		Instant beatAt = instant(document, "beat_at");
		Duration lease = Duration.ofMillis(number(document, "lease_ms"));
		boolean live = !Boolean.TRUE.equals(document.get("fenced")) && beatAt != null
				&& now.isBefore(beatAt.plus(lease));
		return new LiveWorker(String.valueOf(document.get("_id")), live, instant(document, "started_at"), beatAt, lease,
				(int) number(document, "concurrency"), (int) number(document, "running"), texts(document, "queues"),
				Boolean.TRUE.equals(document.get("other_queues")), Boolean.TRUE.equals(document.get("quiet")),
				(document.get("queue_order") instanceof String order) ? order : "turns", weights(document),
				texts(document, "functions"), texts(document, SCHEDULES));
	}

	private static Map<String, Integer> weights(Document document) {
		Map<String, Integer> weights = new TreeMap<>();
		if (document.get("queue_weights") instanceof List<?> list) {
			for (Object entry : list) {
				if (entry instanceof Document weight) {
					weights.put(String.valueOf(weight.get("queue")), (int) number(weight, "weight"));
				}
			}
		}
		return weights;
	}

	private static @Nullable Instant instant(Document document, String field) {
		return (document.get(field) instanceof Date date) ? date.toInstant() : null;
	}

	private static long number(Document document, String field) {
		return (document.get(field) instanceof Number number) ? number.longValue() : 0;
	}

	private static List<String> texts(Document document, String field) {
		return (document.get(field) instanceof List<?> list) ? list.stream().map(String::valueOf).toList() : List.of();
	}

	/**
	 * One worker as its document has it.
	 *
	 * @param id its identity
	 * @param isLive whether its lease holds
	 * @param startedAt its first heart-beat
	 * @param beatAt its latest heart-beat, by the server's clock
	 * @param lease how long it may stay silent
	 * @param concurrency the most attempts at a time
	 * @param running the attempts under way at its latest heart-beat
	 * @param queues the queues with settings of their own
	 * @param otherQueues whether it serves all others too
	 * @param isQuiet whether it was told to take no jobs
	 * @param queueOrder {@code turns}, {@code weighted} or {@code strict}
	 * @param queueWeights the weights of queues, unless they take turns; {@code *} is all
	 * others
	 * @param functions the functions that it has
	 * @param schedules the keys of the periodic jobs that it asks for
	 */
	public record LiveWorker(String id, boolean isLive, @Nullable Instant startedAt, @Nullable Instant beatAt,
			Duration lease, int concurrency, int running, List<String> queues, boolean otherQueues, boolean isQuiet,
			String queueOrder, Map<String, Integer> queueWeights, List<String> functions, List<String> schedules) {
	}

}
