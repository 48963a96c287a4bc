package dev.taskqueue.submit;

import java.util.LinkedHashSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.JobDocument;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;

/**
 * Writes jobs as part of a MongoDB transaction. Nothing is tried again here, and the
 * driver's exceptions go up as they are: whoever runs the transaction reads their labels.
 */
final class TransactionInsert {

	private final MongoCollection<RawBsonDocument> jobs;

	TransactionInsert(MongoCollection<RawBsonDocument> jobs) {
		this.jobs = jobs;
	}

	/**
	 * Makes the jobs part of the transaction.
	 * @param batch the jobs
	 * @throws IllegalArgumentException for the first whose id is taken by another; the
	 * transaction can go on
	 */
	void write(List<NewJob> batch) {
		Map<BsonValue, NewJob> chosenIds = new HashMap<>();
		Set<NewJob> missing = new LinkedHashSet<>(batch.size());
		for (NewJob job : batch) {
			NewJob twin = job.isIdOurs() ? null : chosenIds.putIfAbsent(id(job.document()), job);
			if (twin == null) {
				missing.add(job);
			}
			else {
				takeOver(job, twin.document());
			}
		}
		if (!chosenIds.isEmpty()) {
			// a duplicate would abort the transaction, so it is looked up instead
			this.jobs.find(Filters.in(JobDocument.ID, chosenIds.keySet())).forEach((stored) -> {
				NewJob job = Objects.requireNonNull(chosenIds.get(id(stored)));
				missing.remove(job);
				takeOver(job, stored);
			});
		}
		if (!missing.isEmpty()) {
			this.jobs.insertMany(missing.stream().map(NewJob::document).toList());
			CrashPoint.SUBMIT_JOINED.reached();
			missing.forEach(NewJob::taken);
		}
	}

	private static void takeOver(NewJob job, RawBsonDocument stored) {
		if (!job.isSameAs(stored)) {
			throw job.takenByOther();
		}
		job.taken();
	}

	private static BsonValue id(RawBsonDocument document) {
		return Objects.requireNonNull(document.get(JobDocument.ID));
	}

}
