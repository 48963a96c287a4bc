package dev.taskqueue.crontab;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

import com.mongodb.MongoException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of the times before, for rows that do not run beside them.
 */
final class LastJobs {

	private static final List<String> GOING_ON = List.of(JobState.PENDING.text(), JobState.RUNNING.text());

	private final MongoCollection<Document> jobs;

	private final Consumer<String> cancel;

	/**
	 * Creates one.
	 * @param jobs the jobs
	 * @param cancel cancels a job by its id, as a person does
	 */
	LastJobs(MongoCollection<Document> jobs, Consumer<String> cancel) {
		this.jobs = jobs;
		this.cancel = cancel;
	}

	/**
	 * Those of some jobs that have not ended.
	 * @param ids the ids; the server is asked once, where there is one
	 * @return the ids of those that are pending or running
	 */
	Set<String> goingOn(Collection<@Nullable String> ids) {
		Set<String> goingOn = new HashSet<>();
		if (!ids.isEmpty()) {
			this.jobs.find(Filters.in(JobDocument.ID, ids))
				.hint(Indexes.BY_ID)
				.projection(Projections.include(JobDocument.STATE))
				.forEach((job) -> {
					if (GOING_ON.contains(job.get(JobDocument.STATE))) {
						goingOn.add(job.getString(JobDocument.ID));
					}
				});
		}
		return goingOn;
	}

	void cancel(String id) {
		try {
			this.cancel.accept(id);
		}
		catch (TaskQueueException ex) {
			if (ex.getCause() instanceof MongoException cause) {
				throw cause;
			}
			throw ex;
		}
	}

}
