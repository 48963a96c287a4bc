package dev.taskqueue.crontab;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.taskqueue.crontab.KnownFunctions.KnownFunction;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * Rows and functions for tests.
 */
final class Rows {

	/**
	 * One function, which takes three arguments, and two of one argument that makes their
	 * jobs unique.
	 */
	static final KnownFunctions FUNCTIONS = Rows::find;

	private Rows() {
	}

	/** The row of a program in another language. */
	static Document row(@Nullable Object time) {
		return new Document("name", "SQL run").append("function", "sql_execute_now")
			.append("x_id", "42")
			.append("params", List.of("app", "42", 3))
			.append("time", time)
			.append("is_done", false);
	}

	private static @Nullable KnownFunction find(String name) {
		return switch (name) {
			case "sql_execute_now" -> new KnownFunction("sql", 7, null, Rows::check, (params, kwargs) -> null, null);
			case "bill" -> unique(name, null);
			case "bill_hourly" -> unique(name, Duration.ofHours(1));
			default -> null;
		};
	}

	private static KnownFunction unique(String name, @Nullable Duration period) {
		return new KnownFunction("default", 0, null, (params, kwargs) -> null,
				(params, kwargs) -> name + ":" + params.get(0), period);
	}

	private static @Nullable RowError check(List<?> params, Map<String, ?> kwargs) {
		return (params.size() + kwargs.size() == 3) ? null
				: RowError.wrong("params", params, "3 arguments (app, id, count)");
	}

}
