package dev.taskqueue.trial;

import java.util.Date;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.history.Entry.LeftOver;
import dev.taskqueue.history.Entry.Stored;
import dev.taskqueue.history.Entry.StoredRow;
import dev.taskqueue.history.HistoryFile;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/** Writes down what the store holds when all is over. */
final class StoreDump {

	private static final String STORE = "store";

	private final MongoDatabase database;

	StoreDump(MongoDatabase database) {
		this.database = database;
	}

	void writeTo(HistoryFile history) {
		this.database.getCollection("taskqueue_jobs").find().forEach((job) -> {
			history.append(stored(job));
			if (job.containsKey("unique_key") && job.get("finished_at") instanceof Date end
					&& !(job.get("unique_until") instanceof Date until && until.after(end))) {
				history.append(left("the keys of jobs that have ended", job));
			}
		});
		this.database.getCollection("crontab_jobs").find().forEach((row) -> history.append(storedRow(row)));
		this.database.getCollection("taskqueue_workers")
			.find()
			.forEach((worker) -> history.append(left("taskqueue_workers", worker)));
		Date now = new Date();
		this.database.getCollection("taskqueue_locks").find().forEach((lock) -> {
			if (lock.containsKey("claim") || (lock.get("until") instanceof Date until && until.after(now))) {
				history.append(left("taskqueue_locks", lock));
			}
		});
	}

	private static Stored stored(Document job) {
		Document error = job.get("error", new Document());
		Document origin = job.get("origin", new Document());
		@Nullable String run = job.getString("result");
		return new Stored(HistoryFile.now(), STORE, String.valueOf(job.get("_id")), job.getString("state"),
				job.getInteger("attempt", 0), job.getInteger("recoveries", 0), error.getString("reason"), run,
				origin.getString("row"),
				(origin.get("time") instanceof Date time) ? time.toInstant().getEpochSecond() : 0);
	}

	private static StoredRow storedRow(Document row) {
		return new StoredRow(HistoryFile.now(), STORE, row.getString("_id"), row.getBoolean("is_done"),
				row.get("time", Number.class).longValue(), row.containsKey("error"));
	}

	private static LeftOver left(String collection, Document document) {
		return new LeftOver(HistoryFile.now(), STORE, collection, document.toJson());
	}

}
