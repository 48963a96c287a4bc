package dev.taskqueue.actuate;

import java.util.Arrays;
import java.util.stream.Collectors;

import dev.taskqueue.JobError;
import dev.taskqueue.JobQuery;
import org.jspecify.annotations.Nullable;

/**
 * The query that texts mean.
 */
final class JobQueryText {

	private JobQueryText() {
	}

	/**
	 * Reads a query; what is null is not looked at.
	 * @throws IllegalArgumentException if a text means nothing; the message says what
	 * does
	 */
	static JobQuery of(@Nullable String state, @Nullable String queue, @Nullable String function,
			@Nullable String reason, @Nullable String idPrefix) {
		JobQuery query = JobQuery.all();
		if (state != null) {
			query = query.state(state);
		}
		if (queue != null) {
			query = query.queue(queue);
		}
		if (function != null) {
			query = query.function(function);
		}
		if (reason != null) {
			query = query.reason(reason(reason));
		}
		return (idPrefix != null) ? query.idPrefix(idPrefix) : query;
	}

	/** The same, of jobs that were submitted in a span of time. */
	static JobQuery between(JobQuery query, @Nullable String createdAfter, @Nullable String createdBefore) {
		JobQuery narrowed = query;
		if (createdAfter != null) {
			narrowed = narrowed.createdAfter(TaskQueueActions.instant("createdAfter", createdAfter));
		}
		return (createdBefore != null)
				? narrowed.createdBefore(TaskQueueActions.instant("createdBefore", createdBefore)) : narrowed;
	}

	private static JobError.Reason reason(String text) {
		for (JobError.Reason reason : JobError.Reason.values()) {
			if (reason.text().equals(text)) {
				return reason;
			}
		}
		throw new IllegalArgumentException("reason is '" + text + "', expected one of "
				+ Arrays.stream(JobError.Reason.values()).map(JobError.Reason::text).collect(Collectors.joining(", ")));
	}

}
