package dev.taskqueue.lease;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import com.mongodb.client.FindIterable;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import dev.taskqueue.JobState;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.BsonType;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.Symbol;
import org.jspecify.annotations.Nullable;

/**
 * What the store says about who runs what. All of it by the index of running jobs: a scan
 * of the collection would meet every job ever kept.
 */
final class RunningJobs {

	static final Bson RUNNING = Filters.eq(JobDocument.STATE, JobState.RUNNING.text());

	/** More workers than this in one look are left for the next. */
	private static final int WORKERS = 10_000;

	private RunningJobs() {
	}

	/**
	 * Jobs by who runs them.
	 * @param worker the worker; null for those that name none, or what is no name
	 */
	static Bson heldBy(@Nullable String worker) {
		return is(JobDocument.WORKER, worker);
	}

	/**
	 * Jobs by a text, or those where none stands: what is no text must not become part of
	 * a query, for it may be an operator.
	 */
	static Bson is(String field, @Nullable String text) {
		return (text != null) ? Filters.eq(field, text) : Filters.not(Filters.gte(field, ""));
	}

	/** Whether any job runs, whoever runs it. */
	static boolean exist(TaskQueueDatabase database) {
		return database.jobs()
			.find(RUNNING)
			.hint(Indexes.RUNNING)
			.projection(Projections.include(JobDocument.ID))
			.limit(1)
			.first() != null;
	}

	static boolean exist(TaskQueueDatabase database, @Nullable String worker) {
		return find(database, worker, List.of(), 1, JobDocument.ID).first() != null;
	}

	/**
	 * Some of a worker's running jobs. No paging: what was taken back is not found again.
	 * @param worker the worker; null finds the jobs that name none
	 * @param without ids that are not wanted
	 * @param limit the most
	 * @param fields what is read
	 * @return the documents
	 */
	static List<Document> portion(TaskQueueDatabase database, @Nullable String worker, Collection<Object> without,
			int limit, String... fields) {
		return find(database, worker, without, limit, fields).into(new ArrayList<>());
	}

	private static FindIterable<Document> find(TaskQueueDatabase database, @Nullable String worker,
			Collection<Object> without, int limit, String... fields) {
		Bson filter = Filters.and(RUNNING, heldBy(worker));
		if (!without.isEmpty()) {
			filter = Filters.and(filter, Filters.nin(JobDocument.ID, without));
		}
		return database.jobs()
			.find(filter)
			.hint(Indexes.RUNNING)
			.projection(Projections.include(fields))
			.limit(limit)
			.batchSize(limit);
	}

	/**
	 * Every worker that runs something: one step in the index for each, however many jobs
	 * it runs.
	 * @return the ids
	 */
	static List<String> workers(TaskQueueDatabase database) {
		List<String> workers = new ArrayList<>();
		String last = "";
		while (workers.size() < WORKERS) {
			Document next = database.jobs()
				.find(Filters.and(RUNNING, Filters.gt(JobDocument.WORKER, last),
						Filters.not(Filters.type(JobDocument.WORKER, BsonType.ARRAY))))
				.hint(Indexes.RUNNING)
				.sort(Sorts.ascending(JobDocument.WORKER))
				.projection(Projections.fields(Projections.excludeId(), Projections.include(JobDocument.WORKER)))
				.limit(1)
				.first();
			if (next == null) {
				break;
			}
			Object worker = next.get(JobDocument.WORKER);
			if (worker instanceof Symbol symbol) {
				// compares as a text; no worker has such a name
				last = symbol.getSymbol();
			}
			else if (worker instanceof String name) {
				last = name;
				workers.add(name);
			}
			else {
				break;
			}
		}
		return workers;
	}

}
