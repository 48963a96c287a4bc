package dev.taskqueue.actuate;

import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A row of the crontab that recurs. What is null is not in the row.
 *
 * @param id the row's id
 * @param name its name
 * @param source who asks for it: {@code code}, {@code properties}, {@code file},
 * {@code provider:<bean>} or {@code api}; {@code hand} for a row that people or other
 * programs wrote
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
 * @param enabled false while it is paused, no longer asked for, or over
 * @param removedAt since when its source no longer asks for it
 * @param nextTimes when it is due next
 * @param lastTime the time that it was run for last
 * @param lastJobId the job of that time
 * @param error what is wrong with it and what to do
 */
public record PeriodicJobDescriptor(String id, String name, String source, @Nullable String function,
		List<@Nullable Object> params, Map<String, @Nullable Object> kwargs, @Nullable String cron,
		@Nullable String every, @Nullable String zone, @Nullable String queue, @Nullable Integer priority,
		@Nullable String misfire, @Nullable String whileRunning, @Nullable Instant startTime, @Nullable Instant endTime,
		boolean enabled, @Nullable Instant removedAt, List<Instant> nextTimes, @Nullable Instant lastTime,
		@Nullable String lastJobId, @Nullable Object error) {
}
