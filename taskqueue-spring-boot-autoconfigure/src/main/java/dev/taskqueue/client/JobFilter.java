package dev.taskqueue.client;

import dev.taskqueue.JobState;
import org.jspecify.annotations.Nullable;

/**
 * Which jobs to list; what is null is not looked at.
 *
 * @param state the state
 * @param isScheduled only pending jobs whose time is to come
 * @param queue the queue
 * @param function the function's name
 */
public record JobFilter(@Nullable JobState state, boolean isScheduled, @Nullable String queue,
		@Nullable String function) {

	private static final String SCHEDULED = "scheduled";

	/**
	 * The filter that texts mean.
	 * @param state a state, {@code scheduled}, or null
	 * @param queue the queue, or null
	 * @param function the function's name, or null
	 * @return the filter
	 * @throws IllegalArgumentException if the state is none; the message lists them
	 */
	public static JobFilter of(@Nullable String state, @Nullable String queue, @Nullable String function) {
		if (SCHEDULED.equalsIgnoreCase(state)) {
			return new JobFilter(JobState.PENDING, true, queue, function);
		}
		try {
			return new JobFilter((state != null) ? JobState.of(state) : null, false, queue, function);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(ex.getMessage() + ", or scheduled", ex);
		}
	}

}
