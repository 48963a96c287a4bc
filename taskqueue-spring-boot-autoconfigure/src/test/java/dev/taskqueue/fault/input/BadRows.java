package dev.taskqueue.fault.input;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import dev.taskqueue.testsupport.BsonBytes.Value;

/**
 * Rows of {@code crontab_jobs}.
 */
final class BadRows extends BadDocuments {

	static final List<String> FIELDS = List.of("_id", "name", "function", "params", "kwargs", "time", "is_done",
			"enabled", "cron", "every", "zone", "start_time", "end_time", "misfire", "while_running", "queue",
			"priority", "max_attempts", "timeout", "unique_key", "expires_in", "job_id", "last_time", "dispatched_at",
			"update_at", "next", "error", "x_id");

	private final long now;

	/**
	 * Creates it.
	 * @param now the epoch second at which a good row is due
	 */
	BadRows(Random random, int largeOneIn, long now) {
		super("row", FIELDS, random, largeOneIn);
		this.now = now;
	}

	@Override
	Map<String, Value> good(BsonGenerator generator) {
		Map<String, Value> row = new LinkedHashMap<>();
		row.put("name", Value.text("a row"));
		Calls.put(row, generator);
		row.put("time", Value.int64(this.now));
		row.put("is_done", Value.bool(false));
		return row;
	}

}
