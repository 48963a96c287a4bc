package dev.taskqueue;

import org.jspecify.annotations.Nullable;

/**
 * What went wrong with the queue itself. The message says what to do.
 */
public class TaskQueueException extends RuntimeException {

	/**
	 * Creates one.
	 * @param message what happened and what to do
	 */
	public TaskQueueException(String message) {
		super(message);
	}

	/**
	 * Creates one with its cause.
	 * @param message what happened and what to do
	 * @param cause the cause
	 */
	public TaskQueueException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
