package dev.taskqueue.steer;

import java.time.Clock;
import java.time.Instant;
import java.util.Date;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateOptions;
import dev.taskqueue.JobState;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.QueueDocument;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Gives and takes back what holds for queues and functions.
 */
final class Orders {

	private static final UpdateOptions UPSERT = new UpdateOptions().upsert(true);

	private final TaskQueueDatabase database;

	private final Clock clock;

	private final SteeredWorker worker;

	Orders(TaskQueueDatabase database, Clock clock, SteeredWorker worker) {
		this.database = database;
		this.clock = clock;
		this.worker = worker;
	}

	void pause(String queue) {
		set(queue,
				new Document("$set", new Document(QueueDocument.PAUSED, true).append(QueueDocument.PAUSED_AT, now())));
		this.worker.ordersChanged();
	}

	void resume(String queue) {
		unset(queue, QueueDocument.PAUSED, QueueDocument.PAUSED_AT);
		// the change of a job is what idle workers hear of; without one, none need hear
		this.database.jobs()
			.updateOne(
					Filters.and(Filters.eq(JobDocument.QUEUE, queue),
							Filters.eq(JobDocument.STATE, JobState.PENDING.text())),
					new Document("$set", new Document(JobDocument.CLAIM, new ObjectId().toHexString())),
					new UpdateOptions().hint(Indexes.CLAIM));
		this.worker.ordersChanged();
	}

	boolean isPaused(String queue) {
		return exists(Filters.and(Filters.eq(QueueDocument.ID, queue), Filters.eq(QueueDocument.PAUSED, true)));
	}

	void revoke(String function, @Nullable Instant until) {
		Document set = new Document(QueueDocument.REVOKED, true).append(QueueDocument.REVOKED_AT, now());
		Document update = new Document();
		if (until != null) {
			set.append(QueueDocument.REVOKED_UNTIL, date(until));
		}
		else {
			update.append("$unset", new Document(QueueDocument.REVOKED_UNTIL, ""));
		}
		set(QueueDocument.idOf(function), update.append("$set", set));
		this.worker.ordersChanged();
	}

	void restore(String function) {
		unset(QueueDocument.idOf(function), QueueDocument.REVOKED, QueueDocument.REVOKED_AT,
				QueueDocument.REVOKED_UNTIL);
		this.worker.ordersChanged();
	}

	boolean isRevoked(String function) {
		return exists(Filters.and(Filters.eq(QueueDocument.ID, QueueDocument.idOf(function)),
				Filters.eq(QueueDocument.REVOKED, true), Filters.or(Filters.exists(QueueDocument.REVOKED_UNTIL, false),
						Filters.gt(QueueDocument.REVOKED_UNTIL, now()))));
	}

	private void set(Object id, Document update) {
		this.database.queues().updateOne(Filters.eq(QueueDocument.ID, id), update, UPSERT);
	}

	private void unset(Object id, String... fields) {
		Document unset = new Document();
		for (String field : fields) {
			unset.append(field, "");
		}
		this.database.queues().updateOne(Filters.eq(QueueDocument.ID, id), new Document("$unset", unset));
	}

	private boolean exists(Bson filter) {
		return this.database.queues().find(filter).limit(1).first() != null;
	}

	private Date now() {
		return Date.from(this.clock.instant());
	}

	private static Date date(Instant until) {
		try {
			return Date.from(until);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(
					"until is '" + until
							+ "', expected a time that a date can hold. Leave it out to revoke the function for ever.",
					ex);
		}
	}

}
