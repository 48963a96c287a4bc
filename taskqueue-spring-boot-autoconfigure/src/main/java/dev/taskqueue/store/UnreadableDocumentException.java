package dev.taskqueue.store;

import org.bson.BsonUndefined;
import org.jspecify.annotations.Nullable;

/**
 * A field of a document holds what cannot be meant.
 */
public final class UnreadableDocumentException extends RuntimeException {

	private static final int SHOWN = 200;

	private final String field;

	/**
	 * Creates one.
	 * @param field the name of the field
	 * @param value what it holds
	 * @param expected what should stand there
	 */
	public UnreadableDocumentException(String field, @Nullable Object value, String expected) {
		super("field '" + field + "' is " + shown(value) + ", expected " + expected
				+ ". Correct the program that writes it.");
		this.field = field;
	}

	/**
	 * The field.
	 * @return its name
	 */
	public String field() {
		return this.field;
	}

	private static String shown(@Nullable Object value) {
		if (value == null) {
			return "missing";
		}
		if (value instanceof BsonUndefined) {
			return "undefined, or bytes that cannot be read";
		}
		String text = value.toString();
		return "'" + ((text.length() > SHOWN) ? text.substring(0, SHOWN) + "…" : text) + "' ("
				+ value.getClass().getSimpleName() + ")";
	}

}
