package dev.taskqueue.store;

import java.util.List;

import org.bson.Document;
import org.bson.conversions.Bson;

/**
 * The fields of a document of {@code taskqueue_queues}, which says what holds for a queue
 * until it is taken back; its {@code _id} is the queue's name. What holds for a function
 * stands there too, under an {@code _id} that is a document: so a worker learns of all by
 * one question.
 */
public final class QueueDocument {

	/** The queue's name, or {@code {function: name}}. */
	public static final String ID = "_id";

	/** True while no job of the queue is to be started. */
	public static final String PAUSED = "paused";

	/** Since when. */
	public static final String PAUSED_AT = "paused_at";

	/** True while the jobs of the function are to be cancelled instead of run. */
	public static final String REVOKED = "revoked";

	/** Since when. */
	public static final String REVOKED_AT = "revoked_at";

	/** Until when; absent for ever. */
	public static final String REVOKED_UNTIL = "revoked_until";

	/** Finds what workers must know. */
	public static final Bson IN_FORCE = new Document("$or",
			List.of(new Document(PAUSED, true), new Document(REVOKED, true)));

	private static final String FUNCTION = "function";

	private QueueDocument() {
	}

	/**
	 * The id of what is said about a function.
	 * @param function its name
	 * @return the value of {@link #ID}
	 */
	public static Document idOf(String function) {
		return new Document(FUNCTION, function);
	}

	/**
	 * The function that a document is about.
	 * @param document as it was read
	 * @return the name, or an empty text where it is about no function
	 */
	public static String functionOf(Document document) {
		return (document.get(ID) instanceof Document id && id.get(FUNCTION) instanceof String function) ? function : "";
	}

}
