package dev.taskqueue.crontab;

import java.time.Instant;
import java.util.Date;
import java.util.Objects;

import org.bson.BsonUndefined;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a row, as its owner reads it in the row's {@code error}.
 *
 * @param field the field to correct
 * @param value what it holds; long values are cut
 * @param message a sentence with the remedy
 * @param lasting how the message begins as long as the fault is the same one
 * @param isWaiting whether nothing is wrong with the row itself: its function is not
 * there yet
 * @param holder the id of the job that has the row's unique key, where that is all
 */
record RowError(String field, @Nullable Object value, String message, String lasting, boolean isWaiting,
		@Nullable Object holder) {

	private static final int SHOWN = 100;

	private static final int STORED = 500;

	/** Each row has room for it, and the log too. */
	private static final int MESSAGE = 2000;

	static final String AGAIN = " The row is looked at again when it changes.";

	static RowError missing(String field, String expected) {
		return of(field, null, "field '" + field + "' is missing, expected " + expected + ". Add it." + AGAIN);
	}

	static RowError wrong(String field, @Nullable Object value, String expected) {
		return of(field, value,
				"field '" + field + "' is " + shown(value) + ", expected " + expected + ". Correct the field." + AGAIN);
	}

	static RowError of(String field, @Nullable Object value, String message) {
		String bounded = cut(message, MESSAGE);
		return new RowError(cut(field), storable(value), bounded, bounded, false, null);
	}

	static RowError waiting(String field, @Nullable Object value, String message) {
		return new RowError(field, storable(value), message, message, true, null);
	}

	/** The message goes on with what changes by the second, such as how late it is. */
	static RowError growing(String field, @Nullable Object value, String lasting, String rest) {
		return new RowError(field, storable(value), lasting + rest, lasting, false, null);
	}

	/** Nothing is wrong with the row but that it has to wait. */
	static RowError keyTaken(String key, Object holder) {
		String lasting = "the unique key " + shown(key) + " is taken, so the row waits until it is free";
		return new RowError(RowFields.UNIQUE_KEY, storable(key), lasting + ": job " + cut(String.valueOf(holder))
				+ " has it. The row is looked at again each minute; to have it run now, give it another 'unique_key'.",
				lasting, false, holder);
	}

	Document toDocument(Instant at) {
		return new Document("field", this.field).append("value", this.value)
			.append("message", this.message)
			.append("at", Date.from(at));
	}

	/**
	 * Whether the row says so already: then nothing is written, or a bad row would cost a
	 * write with each look.
	 */
	boolean isStoredIn(Document row) {
		return row.get(RowFields.ERROR) instanceof Document stored && this.field.equals(stored.get("field"))
				&& stored.get("message") instanceof String text && text.startsWith(this.lasting);
	}

	static String shown(@Nullable Object value) {
		if (value == null) {
			return "null";
		}
		if (value instanceof BsonUndefined) {
			return "undefined, or bytes that cannot be read";
		}
		String type = BsonTypeName.of(value);
		// the text of an array may be as long as the row: it is of no use to anyone
		return (type.equals("array") || type.equals("object")) ? "an " + type
				// a date's own text is that of the machine's zone
				: "'" + cut(Objects.toString((value instanceof Date date) ? date.toInstant() : value), SHOWN) + "' ("
						+ type + ")";
	}

	private static @Nullable Object storable(@Nullable Object value) {
		if (value == null || value instanceof Number || value instanceof Boolean || value instanceof Date
				|| value instanceof ObjectId) {
			return value;
		}
		return (value instanceof String text) ? cut(text, STORED) : shown(value);
	}

	/** As much of a text as people look at. */
	static String cut(String text) {
		return cut(text, SHOWN);
	}

	private static String cut(String text, int length) {
		if (text.length() <= length) {
			return text;
		}
		int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
		return text.substring(0, end) + "…";
	}

}
