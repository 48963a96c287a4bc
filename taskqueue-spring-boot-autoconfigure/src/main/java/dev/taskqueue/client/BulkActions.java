package dev.taskqueue.client;

import java.util.List;
import java.util.function.ToLongFunction;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.steer.Steering;
import dev.taskqueue.store.JobDocument;
import org.bson.conversions.Bson;

/**
 * Does the same to all jobs that a query means, a batch at a time.
 */
final class BulkActions {

	private static final Bson FIELDS = Projections.include(JobDocument.FUNCTION, JobDocument.QUEUE,
			JobDocument.UNIQUE_KEY, JobDocument.UNIQUE_UNTIL);

	private final JobQueries queries;

	private final Steering steering;

	BulkActions(JobQueries queries, Steering steering) {
		this.queries = queries;
		this.steering = steering;
	}

	long cancel(JobQuery query) {
		return eachIn(query, BulkAction.CANCEL, this.steering::cancel);
	}

	long retry(JobQuery query) {
		return eachIn(query, BulkAction.RETRY, this.steering::retry);
	}

	/** Also those whose state is none: whatever does not run. */
	long delete(JobQuery query) {
		return each(query, BulkAction.DELETE, Filters.ne(JobDocument.STATE, JobState.RUNNING.text()),
				this.steering::delete);
	}

	private long eachIn(JobQuery query, BulkAction action, ToLongFunction<List<JobDocument>> steer) {
		return each(query, action, Filters.in(JobDocument.STATE, action.states().stream().map(JobState::text).toList()),
				steer);
	}

	private long each(JobQuery query, BulkAction action, Bson among, ToLongFunction<List<JobDocument>> steer) {
		action.check(query);
		long count = 0;
		try {
			JobWalk walk = this.queries.walk(query, among, FIELDS);
			List<JobDocument> batch = walk.next();
			while (!batch.isEmpty() && (query.limit() == null || count < query.limit())) {
				long left = (query.limit() != null) ? query.limit() - count : Long.MAX_VALUE;
				int size = (int) Math.min(left, batch.size());
				count += steer.applyAsLong(batch.subList(0, size));
				batch = (size < batch.size()) ? batch.subList(size, batch.size()) : walk.next();
			}
			return count;
		}
		catch (TaskQueueException ex) {
			throw new TaskQueueException(ex.getMessage() + " " + count + " jobs were " + action.done() + " before.",
					ex);
		}
	}

}
