package dev.taskqueue.fault.input;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import dev.taskqueue.testsupport.BsonBytes.Value;

/**
 * Documents of {@code taskqueue_jobs}. None has a date as {@code delete_at}: the server
 * would remove it, as its writer asked.
 */
final class BadJobs extends BadDocuments {

	static final List<String> FIELDS = List.of("_id", "function", "params", "kwargs", "queue", "priority", "state",
			"run_at", "created_at", "attempt", "max_attempts", "recoveries", "timeout_ms", "expires_at", "unique_key",
			"worker", "claim", "claimed_at", "finished_at", "result", "error", "progress", "log", "cancel_requested",
			"origin", "trace");

	private final long now;

	/**
	 * Creates it.
	 * @param now the epoch second at which a good job is due
	 */
	BadJobs(Random random, int largeOneIn, long now) {
		super("job", FIELDS, random, largeOneIn);
		this.now = now;
	}

	@Override
	Map<String, Value> good(BsonGenerator generator) {
		Map<String, Value> job = new LinkedHashMap<>();
		Calls.put(job, generator);
		job.put("queue", Value.text("default"));
		job.put("priority", Value.int32(0));
		job.put("state", Value.text("pending"));
		job.put("run_at", Value.date(this.now * 1000));
		job.put("created_at", Value.date(this.now * 1000));
		return job;
	}

}
