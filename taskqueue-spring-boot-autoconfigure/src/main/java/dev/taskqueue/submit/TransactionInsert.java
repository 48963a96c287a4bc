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
import org.bson.Document;
import org.bson.RawBsonDocument;

/**
 * Writes jobs as part of a MongoDB transaction. Nothing is tried again here, and the
 * driver's exceptions go up as they are: whoever runs the transaction reads their labels.
 */
final class TransactionInsert {

	private final MongoCollection<RawBsonDocument> jobs;

	private final Runnable requireIndex;

	/**
	 * Creates one.
	 * @param jobs the jobs as the transaction sees them
	 * @param requireIndex makes sure, apart from it, that there is an index of keys
	 */
	TransactionInsert(MongoCollection<RawBsonDocument> jobs, Runnable requireIndex) {
		this.jobs = jobs;
		this.requireIndex = requireIndex;
	}

	/**
	 * Makes the jobs part of the transaction; those with unique keys one by one, since
	 * each key is looked up before.
	 * @param batch the jobs
	 * @throws dev.taskqueue.DuplicateJobException for the first whose key another has and
	 * that is to say so; the transaction can go on
	 * @throws IllegalArgumentException for the first whose id is taken by another; the
	 * transaction can go on
	 */
	void write(List<NewJob> batch) {
		if (batch.stream().anyMatch((job) -> job.uniqueKey() != null)) {
			this.requireIndex.run();
		}
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
		insert(missing.stream().filter((job) -> job.uniqueKey() == null).toList());
		missing.stream().filter((job) -> job.uniqueKey() != null).forEach(this::writeUnique);
	}

	private void writeUnique(NewJob job) {
		insert(new KeyHolders(this.jobs.withDocumentClass(Document.class)).settle(List.of(job)));
		RuntimeException failure = job.failure();
		if (!job.isTaken() && failure != null) {
			throw failure;
		}
	}

	private void insert(List<NewJob> jobs) {
		if (!jobs.isEmpty()) {
			this.jobs.insertMany(jobs.stream().map(NewJob::document).toList());
			CrashPoint.SUBMIT_JOINED.reached();
			jobs.forEach(NewJob::taken);
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
