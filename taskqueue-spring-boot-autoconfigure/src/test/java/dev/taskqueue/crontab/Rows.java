package dev.taskqueue.crontab;

import java.util.List;
import java.util.Map;

import dev.taskqueue.crontab.KnownFunctions.KnownFunction;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * Rows and functions for tests.
 */
final class Rows {

	/** One function, which takes three arguments. */
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
		return name.equals("sql_execute_now") ? new KnownFunction("sql", 7, null, Rows::check) : null;
	}

	private static @Nullable RowError check(List<?> params, Map<String, ?> kwargs) {
		return (params.size() + kwargs.size() == 3) ? null
				: RowError.wrong("params", params, "3 arguments (app, id, count)");
	}

}
