package dev.taskqueue;

import java.util.Locale;

/**
 * What a cancellation did.
 */
public enum CancelResult {

	/** The job was pending; it is cancelled and does not run any more. */
	CANCELLED,

	/**
	 * The job runs, and its worker is told to stop it: it ends cancelled, unless the
	 * function returns all the same, which is a success.
	 */
	REQUESTED,

	/** The job had ended before; nothing was changed. */
	ENDED,

	/** There is no such job: it was never submitted, or its retention is over. */
	UNKNOWN;

	private final String text = name().toLowerCase(Locale.ROOT);

	/**
	 * The result for programs.
	 * @return the name in lower case
	 */
	public String text() {
		return this.text;
	}

}
