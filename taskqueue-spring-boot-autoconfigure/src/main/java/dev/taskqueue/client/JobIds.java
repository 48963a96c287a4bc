package dev.taskqueue.client;

import java.util.ArrayList;
import java.util.List;

import dev.taskqueue.store.JobDocument;
import org.bson.BsonInt64;
import org.bson.BsonType;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.conversions.Bson;

/**
 * The order of ids of several types.
 */
final class JobIds {

	private static final List<BsonType> NUMBERS = List.of(BsonType.DOUBLE, BsonType.INT32, BsonType.INT64,
			BsonType.DECIMAL128);

	private JobIds() {
	}

	/**
	 * The values to look for, the likeliest first.
	 * @param text an id as {@link JobDocument#idText()} gives it
	 * @return one or more
	 */
	static List<BsonValue> of(String text) {
		return JobDocument.idsOf(text);
	}

	/**
	 * What is equal for ids that the server takes for equal.
	 * @param id the id
	 * @return the same for whole numbers of all types
	 */
	static BsonValue key(BsonValue id) {
		return id.isNumber() ? new BsonInt64(id.asNumber().longValue()) : id;
	}

	/**
	 * The ids below one among those of its type: a comparison in a query sees no others.
	 * @param id the id
	 * @return a filter
	 */
	static Bson below(BsonValue id) {
		return new Document(JobDocument.ID, new Document("$lt", id));
	}

	/**
	 * The ids of types that the server sorts below that of one.
	 * @param id the id
	 * @return a filter
	 */
	static Bson belowTypeOf(BsonValue id) {
		List<BsonType> types = new ArrayList<>();
		if (id.isObjectId()) {
			types.add(BsonType.BINARY);
		}
		if (id.isObjectId() || id.isBinary()) {
			types.add(BsonType.DOCUMENT);
			types.add(BsonType.STRING);
		}
		if (!id.isNumber()) {
			types.addAll(NUMBERS);
		}
		else {
			types.add(BsonType.NULL);
		}
		return new Document(JobDocument.ID, new Document("$type", types.stream().map(BsonType::getValue).toList()));
	}

}
