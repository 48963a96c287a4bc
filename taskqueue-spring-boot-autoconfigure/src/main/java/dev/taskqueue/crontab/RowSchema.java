package dev.taskqueue.crontab;

import java.util.Arrays;
import java.util.List;

import org.bson.BsonDocument;
import org.bson.Document;

/**
 * The fields of a row as a {@code $jsonSchema}: what the server can tell at the insert.
 * It refuses nothing that {@link RowReader} takes, and asks nothing of the fields that
 * only the scheduler writes, so that a mark passes whatever the row is like.
 */
final class RowSchema {

	/** By this a validator is known as ours, whatever version of this class made it. */
	static final String TITLE = "taskqueue: a row of the crontab";

	private static final Document TEXT = new Document("bsonType", "string").append("pattern", "\\S");

	private static final Document DATE = new Document("bsonType", "date");

	/** Its bounds shut out milliseconds, infinities and NaN. */
	private static final Document SECONDS_OF_TIME = new Document("bsonType", "number")
		.append("minimum", RowTime.EARLIEST_SECOND)
		.append("maximum", RowTime.END_SECOND)
		.append("exclusiveMaximum", true);

	private static final Document SECONDS = new Document("bsonType", "number").append("minimum", 0);

	private static final Document NULL = new Document("bsonType", "null");

	/** A recurring row may leave its time open. */
	private static final Document TIMED = having(RowFields.TIME)
		.append("description",
				"'time' must be epoch seconds (not milliseconds) or a date; required without 'cron' or 'every'")
		.append("properties", new Document(RowFields.TIME, new Document("not", NULL)));

	private static final List<Field> FIELDS = List.of(new Field(RowFields.FUNCTION, "the name of a function", TEXT),
			new Field(RowFields.IS_DONE, "false; the scheduler sets true", new Document("bsonType", "bool")),
			optional(RowFields.TIME, "epoch seconds (not milliseconds) or a date", SECONDS_OF_TIME, DATE),
			optional(RowFields.PARAMS, "an array of arguments such as [\"a\", 1]", new Document("bsonType", "array")),
			optional(RowFields.KWARGS, "an object of arguments such as {\"a\": 1}", new Document("bsonType", "object")),
			optional(RowFields.CRON, "a text of five fields such as \"0 3 * * *\"", TEXT),
			optional(RowFields.EVERY, DurationText.EXPECTED, SECONDS, TEXT),
			optional(RowFields.ZONE, "the name of a time zone such as \"Europe/Berlin\"", TEXT),
			optional(RowFields.START_TIME, "epoch seconds (not milliseconds) or a date", SECONDS_OF_TIME, DATE),
			optional(RowFields.END_TIME, "epoch seconds (not milliseconds) or a date", SECONDS_OF_TIME, DATE),
			optional(RowFields.MISFIRE, "\"once\", \"all\" or \"skip\"", oneOf("once", "all", "skip")),
			optional(RowFields.WHILE_RUNNING, "\"run\", \"skip\", \"queue\" or \"cancel\"",
					oneOf("run", "skip", "queue", "cancel")),
			optional(RowFields.QUEUE, "the name of a queue", TEXT),
			optional(RowFields.PRIORITY, "a whole number", wholeNumber(Integer.MIN_VALUE)),
			optional(RowFields.MAX_ATTEMPTS, "a whole number from 1", wholeNumber(1)),
			optional(RowFields.TIMEOUT, DurationText.EXPECTED, SECONDS, TEXT),
			optional(RowFields.EXPIRES_IN, DurationText.EXPECTED, SECONDS, TEXT),
			optional(RowFields.UNIQUE_KEY, "a text", TEXT),
			optional(RowFields.ENABLED, "true or false", new Document("bsonType", "bool")));

	private RowSchema() {
	}

	/**
	 * The validator of the collection.
	 * @return a new document, with the schema in it
	 */
	static BsonDocument validator() {
		Document properties = new Document();
		FIELDS.forEach((field) -> properties.append(field.name, field.schema()));
		List<String> required = FIELDS.stream().filter((field) -> field.required).map((field) -> field.name).toList();
		return new Document("$jsonSchema",
				new Document("title", TITLE)
					.append("description", "a function, a time and is_done; see the documentation of crontab_jobs")
					.append("bsonType", "object")
					.append("required", required)
					.append("anyOf", List.of(TIMED, having(RowFields.CRON), having(RowFields.EVERY)))
					.append("properties", properties))
			.toBsonDocument();
	}

	/**
	 * Whether a validator was made by this class, or by another version of it.
	 * @param validator as the server has it
	 */
	static boolean isOurs(BsonDocument validator) {
		return validator.size() == 1 && validator.isDocument("$jsonSchema")
				&& validator.getDocument("$jsonSchema").isString("title")
				&& TITLE.equals(validator.getDocument("$jsonSchema").getString("title").getValue());
	}

	/** Null is the same as no field. */
	private static Field optional(String name, String expected, Document... types) {
		Document[] orNull = Arrays.copyOf(types, types.length + 1);
		orNull[types.length] = NULL;
		return new Field(name, false, expected, List.of(orNull));
	}

	private static Document having(String field) {
		return new Document("required", List.of(field));
	}

	private static Document oneOf(String... texts) {
		return new Document("enum", List.of(texts));
	}

	private static Document wholeNumber(int least) {
		return new Document("bsonType", "number").append("minimum", least)
			.append("maximum", Integer.MAX_VALUE)
			.append("multipleOf", 1);
	}

	private record Field(String name, boolean required, String expected, List<Document> types) {

		Field(String name, String expected, Document... types) {
			this(name, true, expected, List.of(types));
		}

		/** The server's error quotes the description of the field that fails. */
		Document schema() {
			Document schema = new Document("description",
					"'" + this.name + "' must be " + this.expected + (this.required ? "; required" : ""));
			if (this.types.size() > 1) {
				return schema.append("anyOf", this.types);
			}
			schema.putAll(this.types.get(0));
			return schema;
		}

	}

}
