package dev.taskqueue.submit;

import java.time.Instant;
import java.util.Date;
import java.util.List;

import com.mongodb.MongoClientSettings;
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

	/** A job of any size. */
	static NewJob newJob(String function, Object... params) {
		return NewJob.of(new Submission(job(function, params)),
				MongoClientSettings.getDefaultCodecRegistry().get(Document.class), Long.MAX_VALUE);
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
