package dev.taskqueue;

import java.util.Locale;

/**
 * The states of a job. A "scheduled" job is a pending one whose {@code run_at} lies
 * ahead.
 */
public enum JobState {

	/** Waits for its time, for a free slot or for its next attempt. */
	PENDING,

	/** Is held by a worker. */
	RUNNING,

	/** Ended well. */
	SUCCEEDED,

	/** Ended badly, with no attempt left. */
	FAILED,

	/** Was cancelled before or while it ran. */
	CANCELLED,

	/** Was not started before its {@code expires_at}. */
	EXPIRED;

	private final String text = name().toLowerCase(Locale.ROOT);

	/**
	 * The state as documents have it.
	 * @return the name in lower case
	 */
	public String text() {
		return this.text;
	}

	/**
	 * Whether no attempt will follow.
	 * @return true for all but pending and running
	 */
	public boolean isEnd() {
		return this != PENDING && this != RUNNING;
	}

	/**
	 * The state that a document's text means.
	 * @param text the text, in any case
	 * @return the state
	 * @throws IllegalArgumentException for any other text; the message lists the states
	 */
	public static JobState of(String text) {
		for (JobState state : values()) {
			if (state.text.equalsIgnoreCase(text)) {
				return state;
			}
		}
		throw new IllegalArgumentException(
				"state is '" + text + "', expected one of pending, running, succeeded, failed, cancelled, expired");
	}

}
