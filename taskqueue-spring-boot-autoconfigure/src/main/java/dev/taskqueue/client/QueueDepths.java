package dev.taskqueue.client;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.CountOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.Accumulators;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobState;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.QueueDocument;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.BsonType;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Counts what queues hold, by the claim index and up to a bound.
 */
final class QueueDepths {

	private static final int MOST_QUEUES = 1000;

	private static final Bson PENDING = Filters.eq(JobDocument.STATE, JobState.PENDING.text());

	private static final Bson RUNNING = Filters.eq(JobDocument.STATE, JobState.RUNNING.text());

	/** An array compares as its elements, and is the name of no queue. */
	private static final Bson NO_LIST = Filters.not(Filters.type(JobDocument.QUEUE, BsonType.ARRAY));

	private final TaskQueueDatabase database;

	private final Clock serverClock;

	QueueDepths(TaskQueueDatabase database, Clock serverClock) {
		this.database = database;
		this.serverClock = serverClock;
	}

	List<QueueDepth> count() {
		Map<String, Long> running = countRunning();
		long allRunning = running.values().stream().mapToLong(Long::longValue).sum();
		Set<String> paused = findPaused();
		TreeSet<String> queues = new TreeSet<>(running.keySet());
		queues.addAll(paused);
		String queue = nextQueue(null);
		while (queue != null && queues.size() < MOST_QUEUES) {
			queues.add(queue);
			queue = nextQueue(queue);
		}
		List<QueueDepth> depths = new ArrayList<>(queues.size());
		for (String name : queues) {
			BoundedCount held = new BoundedCount(running.getOrDefault(name, 0L).intValue(),
					allRunning > BoundedCount.BOUND);
			depths.add(new QueueDepth(name, count(Filters.and(inQueue(name), isDue()), Indexes.CLAIM),
					count(Filters.and(inQueue(name), isScheduled()), Indexes.CLAIM), held, paused.contains(name)));
		}
		return depths;
	}

	BoundedCount count(Bson filter, Bson index) {
		return BoundedCount.of(this.database.jobs()
			.countDocuments(filter, new CountOptions().hint(index).limit(BoundedCount.BOUND + 1)));
	}

	Bson filter(JobQuery query) {
		List<Bson> conditions = new ArrayList<>();
		if (query.isScheduled()) {
			conditions.add(isScheduled());
		}
		else if (query.state() != null) {
			conditions.add(Filters.eq(JobDocument.STATE, query.state().text()));
		}
		if (query.queue() != null) {
			conditions.add(Filters.eq(JobDocument.QUEUE, query.queue()));
		}
		if (query.function() != null) {
			conditions.add(Filters.eq(JobDocument.FUNCTION, query.function()));
		}
		if (query.reason() != null) {
			conditions.add(Filters.eq(JobDocument.ERROR + ".reason", query.reason().text()));
		}
		if (query.idPrefix() != null) {
			conditions.add(Filters.regex(JobDocument.ID, "^" + Pattern.quote(query.idPrefix())));
		}
		if (query.createdBefore() != null) {
			conditions.add(Filters.lt(JobDocument.CREATED_AT, Date.from(query.createdBefore())));
		}
		if (query.createdAfter() != null) {
			conditions.add(Filters.gte(JobDocument.CREATED_AT, Date.from(query.createdAfter())));
		}
		return conditions.isEmpty() ? new Document() : Filters.and(conditions);
	}

	private Map<String, Long> countRunning() {
		Map<String, Long> running = new HashMap<>();
		this.database.jobs()
			.aggregate(List.of(Aggregates.match(RUNNING), Aggregates.limit(BoundedCount.BOUND + 1),
					Aggregates.group("$" + JobDocument.QUEUE, Accumulators.sum("count", 1))))
			.hint(Indexes.RUNNING)
			.forEach((group) -> running.merge(
					(group.get(JobDocument.ID) instanceof String name) ? name : JobDocument.DEFAULT_QUEUE,
					group.get("count", Number.class).longValue(), Long::sum));
		return running;
	}

	private Set<String> findPaused() {
		Set<String> paused = new HashSet<>();
		this.database.queues()
			.find(Filters.eq(QueueDocument.PAUSED, true))
			.projection(Projections.include(QueueDocument.ID))
			.limit(MOST_QUEUES)
			.forEach((order) -> {
				if (order.get(QueueDocument.ID) instanceof String queue) {
					paused.add(queue);
				}
			});
		return paused;
	}

	/** One key of the index for each queue, however many jobs it holds. */
	private @Nullable String nextQueue(@Nullable String last) {
		Bson above = (last != null) ? Filters.gt(JobDocument.QUEUE, last) : Filters.gte(JobDocument.QUEUE, "");
		Document found = this.database.jobs()
			.find(Filters.and(PENDING, NO_LIST, above))
			.sort(Sorts.ascending(JobDocument.QUEUE))
			.hint(Indexes.CLAIM)
			.projection(Projections.include(JobDocument.QUEUE))
			.limit(1)
			.first();
		// a symbol compares as a text, and is set aside within seconds
		return (found != null && found.get(JobDocument.QUEUE) instanceof String queue) ? queue : null;
	}

	private static Bson inQueue(String queue) {
		return Filters.eq(JobDocument.QUEUE, queue);
	}

	private Bson isDue() {
		return Filters.and(PENDING, Filters.lte(JobDocument.RUN_AT, now()));
	}

	private Bson isScheduled() {
		return Filters.and(PENDING, Filters.gt(JobDocument.RUN_AT, now()));
	}

	private Date now() {
		return Date.from(this.serverClock.instant());
	}

}
