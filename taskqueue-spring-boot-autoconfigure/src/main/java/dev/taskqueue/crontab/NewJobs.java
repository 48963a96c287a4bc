package dev.taskqueue.crontab;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.mongodb.client.MongoCollection;
import dev.taskqueue.crontab.JobInsert.Inserted;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.UniqueKey;
import dev.taskqueue.submit.BornClaimed;
import dev.taskqueue.submit.LocalWorker;
import org.bson.Document;

/**
 * Jobs of due rows on their way to a worker. Those for which the worker of this process
 * keeps a place are inserted as claimed and begin when they are durable; of the others
 * their queue is told.
 */
final class NewJobs {

	private static final Comparator<Document> FOREMOST_FIRST = Comparator
		.comparing((Document job) -> job.getInteger(JobDocument.PRIORITY), Comparator.reverseOrder())
		.thenComparing((job) -> job.getDate(JobDocument.RUN_AT));

	private final JobInsert insert;

	private final LocalWorker worker;

	NewJobs(MongoCollection<Document> jobs, LocalWorker worker) {
		this.insert = new JobInsert(jobs);
		this.worker = worker;
	}

	/**
	 * Inserts jobs.
	 * @param jobs the jobs
	 * @return by the job's id, why a job cannot be stored; all others are durable
	 * @throws com.mongodb.MongoException if nothing can be said about the jobs
	 */
	Map<String, RowError> insert(List<Document> jobs) {
		List<Document> inOrder = jobs.stream().sorted(FOREMOST_FIRST).toList();
		Map<String, BornClaimed> born = new HashMap<>();
		Inserted inserted;
		try {
			claim(inOrder, born);
			inserted = this.insert.insert(inOrder.stream().map((job) -> {
				BornClaimed claimed = born.get(id(job));
				return (claimed != null) ? claimed.document() : job;
			}).toList());
			CrashPoint.ROW_JOBS_INSERTED.reached();
		}
		catch (RuntimeException | Error ex) {
			born.values().forEach((claimed) -> claimed.giveUp(true));
			throw ex;
		}
		settle(inOrder, born, inserted);
		return inserted.refused();
	}

	/** None takes the place of one of its queue that comes before it. */
	private void claim(List<Document> jobs, Map<String, BornClaimed> born) {
		Set<String> waiting = new HashSet<>();
		for (Document job : jobs) {
			String queue = job.getString(JobDocument.QUEUE);
			// one whose key is taken is not inserted, or not at once
			BornClaimed claimed = (waiting.contains(queue) || UniqueKey.isIn(job)) ? null
					: BornClaimed.of(job, this.worker);
			if (claimed != null) {
				born.put(id(job), claimed);
			}
			else {
				waiting.add(queue);
			}
		}
	}

	private void settle(List<Document> jobs, Map<String, BornClaimed> born, Inserted inserted) {
		Set<String> queues = new LinkedHashSet<>();
		for (Document job : jobs) {
			BornClaimed claimed = born.get(id(job));
			boolean refused = inserted.refused().containsKey(id(job));
			if (claimed != null && !refused && !inserted.present().contains(id(job))) {
				claimed.begin(() -> job);
				continue;
			}
			if (claimed != null) {
				// what was there already may be of an insert whose reply was lost
				claimed.giveUp(!refused);
			}
			if (!refused) {
				queues.add(job.getString(JobDocument.QUEUE));
			}
		}
		queues.forEach(this.worker::wakeUp);
	}

	private static String id(Document job) {
		return job.getString(JobDocument.ID);
	}

}
