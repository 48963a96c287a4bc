package dev.taskqueue.function;

import org.jspecify.annotations.Nullable;

/**
 * An argument that does not fit its parameter without loss, or a value that cannot be
 * stored. The message says where, which value, what is expected and what to do.
 */
public class InvalidArgumentException extends IllegalArgumentException {

	private final String field;

	private final transient @Nullable Object value;

	/**
	 * Creates one.
	 * @param field where: {@code params}, {@code params[1]}, {@code kwargs.subject},
	 * {@code params[0].lines[2].count}, {@code result}
	 * @param value the value given
	 * @param message the four parts
	 * @param cause the cause, if any
	 */
	public InvalidArgumentException(String field, @Nullable Object value, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.field = field;
		this.value = value;
	}

	/**
	 * The field of the job's document or of the row.
	 * @return a path such as {@code params[1]} or {@code kwargs.subject}
	 */
	public String getField() {
		return this.field;
	}

	/**
	 * The value given.
	 * @return the value as it was stored, or null
	 */
	public @Nullable Object getValue() {
		return this.value;
	}

}
