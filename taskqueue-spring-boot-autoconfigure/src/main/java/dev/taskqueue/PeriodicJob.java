package dev.taskqueue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A periodic job as its row of {@code crontab_jobs} has it, which people may have changed
 * by hand. What is null is not in the row, or is no value of that type.
 *
 * @param name its name
 * @param source who asked for it: {@code code}, {@code properties}, {@code file},
 * {@code provider:<bean>} or {@code api}; {@code hand} for a row of another program
 * @param function the function's name
 * @param params the positional arguments
 * @param kwargs the arguments by name
 * @param cron the cron expression
 * @param every the interval
 * @param zone the zone of the cron expression
 * @param queue the queue of its jobs
 * @param priority the priority of its jobs
 * @param misfire what becomes of missed times
 * @param whileRunning what happens while its last job goes on
 * @param startTime none lies before it
 * @param endTime none lies after it
 * @param enabled false while it is paused, or is no longer asked for
 * @param removedAt since when its source no longer asks for it, or null
 * @param nextTimes when it is due next, a few of them; none before the scheduler has seen
 * it, and behind the last one
 * @param lastTime the time that it was run for last
 * @param lastJobId the job of that time
 * @param error what is wrong with it and what to do
 */
public record PeriodicJob(String name, String source, @Nullable String function, List<@Nullable Object> params,
		Map<String, @Nullable Object> kwargs, @Nullable String cron, @Nullable String every, @Nullable String zone,
		@Nullable String queue, @Nullable Integer priority, @Nullable String misfire, @Nullable String whileRunning,
		@Nullable Instant startTime, @Nullable Instant endTime, boolean enabled, @Nullable Instant removedAt,
		List<Instant> nextTimes, @Nullable Instant lastTime, @Nullable String lastJobId, @Nullable String error) {

	/**
	 * Takes copies.
	 */
	public PeriodicJob {
		params = Collections.unmodifiableList(new ArrayList<>(params));
		kwargs = Collections.unmodifiableMap(new LinkedHashMap<>(kwargs));
		nextTimes = List.copyOf(nextTimes);
	}

}
