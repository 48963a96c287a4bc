package dev.taskqueue.client;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

import dev.taskqueue.store.JobDocument;
import org.bson.BsonBinary;
import org.bson.BsonInt64;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonType;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.UuidRepresentation;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;

/**
 * What the text of an id can mean (other programs give their jobs numbers and UUIDs) and
 * the order of ids of several types.
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
		List<BsonValue> ids = new ArrayList<>(2);
		if (ObjectId.isValid(text)) {
			ids.add(new BsonObjectId(new ObjectId(text)));
		}
		ids.add(new BsonString(text));
		add(ids, text, (id) -> new BsonInt64(Long.parseLong(id)));
		add(ids, text, (id) -> new BsonBinary(UUID.fromString(id)));
		add(ids, text, (id) -> new BsonBinary(UUID.fromString(id), UuidRepresentation.JAVA_LEGACY));
		return ids;
	}

	private static void add(List<BsonValue> ids, String text, Function<String, BsonValue> parse) {
		try {
			ids.add(parse.apply(text));
		}
		catch (IllegalArgumentException ex) {
			// the text does not mean one of these
		}
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
