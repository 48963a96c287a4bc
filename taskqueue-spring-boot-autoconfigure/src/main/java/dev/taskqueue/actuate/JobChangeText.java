package dev.taskqueue.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.taskqueue.JobChange;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.convert.DurationStyle;

/**
 * The change that texts mean; what is null stays as it is. The web side of an endpoint
 * knows texts only, so arguments are JSON in a text.
 *
 * @param params the positional arguments
 * @param kwargs the arguments by name
 * @param queue the queue
 * @param priority higher runs first
 * @param runAt not to be started earlier
 * @param timeout of an attempt
 * @param maxAttempts attempts in all
 */
record JobChangeText(@Nullable String params, @Nullable String kwargs, @Nullable String queue,
		@Nullable String priority, @Nullable String runAt, @Nullable String timeout, @Nullable String maxAttempts) {

	private static final String WHOLE = "a whole number";

	/**
	 * Reads them.
	 * @throws IllegalArgumentException if a text means nothing; the message says what
	 * does
	 */
	JobChange toChange() {
		JobChange change = JobChange.none();
		if (this.params != null) {
			change = change.args(params(this.params).toArray());
		}
		if (this.kwargs != null) {
			change = change.kwargs(kwargs(this.kwargs));
		}
		if (this.queue != null) {
			change = change.queue(this.queue);
		}
		if (this.priority != null) {
			change = change.priority(TaskQueueActions.number("priority", this.priority, WHOLE));
		}
		if (this.runAt != null) {
			change = change.runAt(TaskQueueActions.instant("runAt", this.runAt));
		}
		if (this.timeout != null) {
			change = change.timeout(timeout(this.timeout));
		}
		if (this.maxAttempts != null) {
			change = change.maxAttempts(TaskQueueActions.number("maxAttempts", this.maxAttempts, WHOLE));
		}
		return change;
	}

	/** A number alone would be milliseconds to Boot, and is seconds in rows. */
	private static Duration timeout(String text) {
		String expected = "a duration with its unit, such as '90s' or 'PT5M'";
		if (!text.isEmpty() && Character.isDigit(text.charAt(text.length() - 1))) {
			throw wrong("timeout", text, expected, null);
		}
		try {
			return DurationStyle.detectAndParse(text);
		}
		catch (IllegalArgumentException ex) {
			throw wrong("timeout", text, expected, ex);
		}
	}

	static List<?> params(String text) {
		return json("params", text, List.class, "an array as JSON, such as '[\"you@example.com\", 3]'");
	}

	@SuppressWarnings("unchecked")
	static Map<String, @Nullable Object> kwargs(String text) {
		return json("kwargs", text, Map.class, "an object as JSON, such as '{\"times\": 3}'");
	}

	private static <T> T json(String field, String text, Class<T> type, String expected) {
		try {
			T value = JsonMapper.shared().readValue(text, type);
			if (value != null) {
				return value;
			}
		}
		catch (JacksonException ex) {
			throw wrong(field, text, expected, ex);
		}
		throw wrong(field, text, expected, null);
	}

	private static IllegalArgumentException wrong(String field, String text, String expected,
			@Nullable Exception cause) {
		return new IllegalArgumentException(field + " is '" + text + "', expected " + expected + ".", cause);
	}

}
