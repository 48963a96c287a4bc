package dev.taskqueue;

import java.time.Instant;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Why the latest attempt of a job did not succeed.
 *
 * @param reason the kind of failure
 * @param type the exception's class name, or null where there was none
 * @param message a sentence for people
 * @param stack the stack trace, cut to a limit, or null where there was none
 * @param attempt the number of the attempt, from 1; 0 if none was begun
 * @param at when it happened, by the server's clock
 */
public record JobError(Reason reason, @Nullable String type, String message, @Nullable String stack, int attempt,
		Instant at) {

	/** The kinds of failure. */
	public enum Reason {

		/** The function threw. */
		EXCEPTION,

		/** The attempt took longer than its time-out. */
		TIMEOUT,

		/** The worker died or lost its lease. */
		WORKER_LOST,

		/** The document, or its arguments, could not be read. */
		UNREADABLE,

		/** No worker knows the function. */
		NO_FUNCTION,

		/** The function threw {@link CancelExecution}. */
		CANCELLED;

		private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

		/**
		 * The reason as documents have it.
		 * @return the name in lower case with hyphens
		 */
		public String text() {
			return this.text;
		}

		/**
		 * The reason that a document's text means.
		 * @param text the text
		 * @return the reason; {@link #EXCEPTION} for a text that this version does not
		 * know
		 */
		public static Reason of(@Nullable String text) {
			for (Reason reason : values()) {
				if (reason.text.equals(text)) {
					return reason;
				}
			}
			return EXCEPTION;
		}

	}
}
