package dev.taskqueue.fault;

import java.util.Date;
import java.util.List;

import org.bson.Document;

/**
 * A job of {@link LocalNode.Functions#count} as another program would insert it.
 */
final class PendingJob {

	private PendingJob() {
	}

	static Document of(Object id, Date runAt) {
		return new Document("_id", id).append("function", "count")
			.append("params", List.of())
			.append("queue", "default")
			.append("priority", 0)
			.append("state", "pending")
			.append("run_at", runAt)
			.append("created_at", runAt);
	}

}
