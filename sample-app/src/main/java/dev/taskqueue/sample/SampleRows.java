package dev.taskqueue.sample;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

import org.bson.Document;
import org.bson.types.ObjectId;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.stereotype.Component;

/**
 * Inserts rows into {@code crontab_jobs} as any program in any language would: plain
 * documents, with nothing of the task queue.
 */
@Component
class SampleRows implements ApplicationRunner {

	static final String COLLECTION = "crontab_jobs";

	private final MongoTemplate mongo;

	private volatile List<ObjectId> ids = List.of();

	SampleRows(MongoTemplate mongo) {
		this.mongo = mongo;
	}

	@Override
	public void run(ApplicationArguments args) {
		Instant now = Instant.now();
		Instant nextMinute = now.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
		insert(row("SQL run", "sql_execute_now", List.of("app", "42", 3), now.getEpochSecond()),
				row("SQL run at the minute", "sql_execute_now", List.of("app", "43", 3), nextMinute.getEpochSecond()),
				row("A row with a mistake", "sql_execute_now", List.of("app", "44", "three"), now.getEpochSecond()),
				row("SQL run every 20 s", "sql_execute_now", List.of("app", "45", 3), now.getEpochSecond())
					.append("every", "20s")
					.append("end_time", now.getEpochSecond() + 60));
	}

	/** The rows that this run of the application inserted. */
	List<ObjectId> ids() {
		return this.ids;
	}

	private void insert(Document... rows) {
		List<ObjectId> inserted = new ArrayList<>();
		for (Document row : rows) {
			inserted.add(this.mongo.insert(row, COLLECTION).getObjectId("_id"));
		}
		this.ids = inserted;
	}

	private static Document row(String name, String function, List<?> params, long time) {
		return new Document("name", name).append("function", function)
			.append("x_id", "42")
			.append("params", params)
			.append("time", time)
			.append("is_done", false)
			.append("create_at", time)
			.append("update_at", time);
	}

}
