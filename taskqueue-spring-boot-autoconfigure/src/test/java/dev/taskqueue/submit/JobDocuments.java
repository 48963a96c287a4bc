package dev.taskqueue.submit;

import java.time.Instant;
import java.util.Date;
import java.util.List;

import dev.taskqueue.store.JobDocument;
import org.bson.Document;
import org.bson.types.ObjectId;

/** Documents as a submit has them. */
final class JobDocuments {

	static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

	private JobDocuments() {
	}

	static Document job(String function, Object... params) {
		return jobWithId(new ObjectId(), function, params);
	}

	static Document jobWithId(Object id, String function, Object... params) {
		Date now = Date.from(NOW);
		return new Document(JobDocument.ID, id).append(JobDocument.FUNCTION, function)
			.append(JobDocument.PARAMS, List.of(params))
			.append(JobDocument.QUEUE, "default")
			.append(JobDocument.PRIORITY, 0)
			.append(JobDocument.STATE, "pending")
			.append(JobDocument.RUN_AT, now)
			.append(JobDocument.CREATED_AT, now);
	}

}
