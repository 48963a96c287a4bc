package dev.taskqueue.benchmark;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import com.mongodb.WriteConcern;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;

/**
 * The same documents by the bare driver, without a framework: insert, a batch claimed by
 * its ids, read back, and finished, one after the other in one thread.
 */
final class Bare {

	static final int BATCH = 1000;

	private static final Document BY_ID = new Document("_id", 1);

	private static final Document DUE = new Document("queue", 1).append("priority", -1).append("run_at", 1);

	private final MongoCollection<Document> jobs;

	Bare(MongoDatabase database, String collection) {
		this.jobs = database.getCollection(collection).withWriteConcern(WriteConcern.MAJORITY);
		this.jobs.createIndex(DUE, new IndexOptions().partialFilterExpression(Filters.eq("state", "pending")));
		this.jobs.createIndex(new Document("worker", 1),
				new IndexOptions().partialFilterExpression(Filters.eq("state", "running")));
		this.jobs.createIndex(new Document("delete_at", 1), new IndexOptions().expireAfter(0L, TimeUnit.SECONDS));
	}

	void insert(int argument) {
		this.jobs.insertOne(job(argument));
	}

	void insertMany(int count) {
		for (int from = 0; from < count; from += BATCH) {
			this.jobs.insertMany(IntStream.range(from, Math.min(count, from + BATCH)).mapToObj(Bare::job).toList());
		}
	}

	/** Runs all that is due; returns how many. */
	int drain() {
		int ran = 0;
		for (int claimed = drainBatch(); claimed > 0; claimed = drainBatch()) {
			ran += claimed;
		}
		return ran;
	}

	private int drainBatch() {
		Date now = Date.from(Instant.now());
		List<ObjectId> due = this.jobs
			.find(Filters.and(Filters.eq("state", "pending"), Filters.eq("queue", "default"),
					Filters.lte("run_at", now)))
			.sort(new Document("priority", -1).append("run_at", 1))
			.hint(DUE)
			.projection(BY_ID)
			.limit(BATCH)
			.batchSize(BATCH)
			.map((job) -> job.getObjectId("_id"))
			.into(new ArrayList<>(BATCH));
		if (due.isEmpty()) {
			return 0;
		}
		String token = UUID.randomUUID().toString();
		Bson claim = Updates.combine(Updates.set("state", "running"), Updates.set("worker", "w1"),
				Updates.set("claim", token), Updates.set("claimed_at", now), Updates.inc("attempt", 1));
		this.jobs.updateMany(Filters.and(Filters.in("_id", due), Filters.eq("state", "pending")), claim,
				new UpdateOptions().hint(BY_ID));
		List<ObjectId> mine = this.jobs.find(Filters.and(Filters.in("_id", due), Filters.eq("claim", token)))
			.hint(BY_ID)
			.batchSize(BATCH)
			.map((job) -> job.getObjectId("_id"))
			.into(new ArrayList<>(BATCH));
		Date end = Date.from(Instant.now());
		Bson outcome = Updates.combine(Updates.set("state", "succeeded"), Updates.set("finished_at", end),
				Updates.set("delete_at", new Date(end.getTime() + TimeUnit.DAYS.toMillis(1))));
		this.jobs.updateMany(Filters.and(Filters.in("_id", mine), Filters.eq("claim", token)), outcome,
				new UpdateOptions().hint(BY_ID));
		return mine.size();
	}

	void clear() {
		this.jobs.deleteMany(Filters.empty());
	}

	private static Document job(int argument) {
		Date now = Date.from(Instant.now());
		return new Document("_id", new ObjectId()).append("function", "noop")
			.append("params", List.of(argument))
			.append("queue", "default")
			.append("priority", 0)
			.append("state", "pending")
			.append("run_at", now)
			.append("created_at", now);
	}

}
