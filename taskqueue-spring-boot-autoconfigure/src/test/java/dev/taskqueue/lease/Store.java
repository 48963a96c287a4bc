package dev.taskqueue.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * What tests put into the store and find there.
 */
final class Store {

	static final Instant RUN_AT = Instant.parse("2026-11-21T10:00:00Z");

	final TaskQueueDatabase database;

	Store(MongoDatabase database) {
		this.database = Node.database(database);
		Indexes.create(this.database);
	}

	void clear() {
		this.database.jobs().deleteMany(new Document());
		this.database.workers().deleteMany(new Document());
	}

	/** A worker whose last beat is this old by the server's clock. */
	void insertWorker(String id, Duration silence) {
		Instant now = this.database.hello().getDate("localTime").toInstant();
		this.database.workers()
			.insertOne(new Document("_id", id).append("beat_at", now.minus(silence))
				.append("lease_ms", Node.LEASE.toMillis()));
	}

	Document running(Object id, @Nullable String worker, @Nullable String claim) {
		return new Document("_id", id).append("function", "send_mail")
			.append("params", List.of())
			.append("queue", "default")
			.append("priority", 0)
			.append("state", "running")
			.append("run_at", RUN_AT)
			.append("created_at", RUN_AT)
			.append("attempt", 1)
			.append("worker", worker)
			.append("claim", claim);
	}

	void insertRunning(Object id, String worker, String claim) {
		this.database.jobs().insertOne(running(id, worker, claim));
	}

	/** Jobs 0 to count - 1, claimed in batches of ten. */
	void insertRunning(int count, String worker) {
		List<Document> jobs = new ArrayList<>();
		for (int id = 0; id < count; id++) {
			jobs.add(running(id, worker, "token-" + id / 10));
		}
		this.database.jobs().insertMany(jobs);
	}

	Document job(Object id) {
		return Objects.requireNonNull(this.database.jobs().find(Filters.eq("_id", id)).first());
	}

	String state(Object id) {
		return job(id).getString("state");
	}

	@Nullable Document worker(String id) {
		return this.database.workers().find(Filters.eq("_id", id)).first();
	}

	void setJob(Object id, String field, Object value) {
		this.database.jobs().updateOne(Filters.eq("_id", id), Updates.set(field, value));
	}

	void setWorker(String id, String field, Object value) {
		this.database.workers().updateOne(Filters.eq("_id", id), Updates.set(field, value));
	}

	/** Moves a worker's last beat into the past. */
	void silence(String id, Duration silence) {
		Instant now = this.database.hello().getDate("localTime").toInstant();
		setWorker(id, "beat_at", now.minus(silence));
	}

	long count(String state) {
		return this.database.jobs().countDocuments(Filters.eq("state", state));
	}

}
