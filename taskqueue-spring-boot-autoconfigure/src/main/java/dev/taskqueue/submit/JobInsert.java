package dev.taskqueue.submit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.MongoSecurityException;
import com.mongodb.bulk.BulkWriteError;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.InsertManyOptions;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;

/**
 * One insert of a few jobs, and what the server's answer means for each of them.
 */
final class JobInsert {

	private static final int UNAUTHORIZED = 13;

	private static final InsertManyOptions UNORDERED = new InsertManyOptions().ordered(false);

	private final MongoCollection<RawBsonDocument> jobs;

	JobInsert(MongoCollection<RawBsonDocument> jobs) {
		this.jobs = jobs;
	}

	/**
	 * Sends the jobs once. Afterwards each of them is taken, refused or still open.
	 * @param group the jobs
	 * @param atMost how long it may take
	 */
	void write(List<NewJob> group, Duration atMost) {
		List<RawBsonDocument> documents = new ArrayList<>(group.size());
		group.forEach((job) -> documents.add(job.document()));
		try {
			CrashPoint.SUBMIT_GATHERED.reached();
			// zero would mean for ever
			this.jobs.withTimeout(Math.max(1, atMost.toMillis()), TimeUnit.MILLISECONDS)
				.insertMany(documents, UNORDERED);
			CrashPoint.SUBMIT_INSERTED.reached();
			group.forEach(NewJob::taken);
		}
		catch (MongoBulkWriteException ex) {
			settle(group, ex, atMost);
		}
		catch (RuntimeException ex) {
			for (NewJob job : group) {
				if (isPassing(ex)) {
					job.unknown(ex);
				}
				else if (group.size() > 1) {
					job.writeAlone(ex);
				}
				else {
					job.refused(refusal(job, ex));
				}
			}
		}
	}

	private void settle(List<NewJob> group, MongoBulkWriteException exception, Duration atMost) {
		Map<Integer, BulkWriteError> errors = new HashMap<>();
		exception.getWriteErrors().forEach((error) -> errors.put(error.getIndex(), error));
		boolean withoutMajority = exception.getWriteConcernError() != null;
		List<NewJob> duplicates = new ArrayList<>();
		for (int i = 0; i < group.size(); i++) {
			NewJob job = group.get(i);
			BulkWriteError error = errors.get(i);
			if (error != null && !Outage.isPassing(error.getCode())
					&& error.getCategory() != ErrorCategory.DUPLICATE_KEY) {
				job.refused(refusal(job, new MongoException(error.getCode(), error.getMessage())));
			}
			else if (withoutMajority || (error != null && Outage.isPassing(error.getCode()))) {
				job.unknown(exception);
			}
			else if (error == null || (job.isTried() && job.isIdOurs())) {
				job.taken();
			}
			else {
				duplicates.add(job);
			}
		}
		if (!duplicates.isEmpty()) {
			compareWithStored(duplicates, exception, atMost);
		}
	}

	private void compareWithStored(List<NewJob> duplicates, MongoBulkWriteException exception, Duration atMost) {
		Map<BsonValue, BsonDocument> stored = new HashMap<>();
		try {
			Bson filter = Filters.in(JobDocument.ID, duplicates.stream().map(NewJob::id).toList());
			this.jobs.withDocumentClass(BsonDocument.class)
				.withTimeout(Math.max(1, atMost.toMillis()), TimeUnit.MILLISECONDS)
				.find(filter)
				.forEach((document) -> stored.put(document.get(JobDocument.ID), document));
		}
		catch (MongoException ex) {
			duplicates.forEach((job) -> job.unknown(ex));
			return;
		}
		for (NewJob job : duplicates) {
			BsonDocument found = stored.get(job.document().get(JobDocument.ID));
			if (found == null) {
				job.vanished(exception);
			}
			else if (job.isSameAs(found)) {
				job.taken();
			}
			else {
				job.refused(job.takenByOther());
			}
		}
	}

	private static boolean isPassing(RuntimeException exception) {
		if (exception instanceof MongoCommandException refused) {
			return Outage.isPassing(refused.getCode()) || refused.hasErrorLabel("RetryableWriteError");
		}
		if (exception instanceof MongoSecurityException
				&& exception.getCause() instanceof MongoCommandException cause) {
			return isPassing(cause);
		}
		return exception instanceof MongoException;
	}

	private RuntimeException refusal(NewJob job, RuntimeException reason) {
		return new TaskQueueException(job + " was refused by MongoDB and does not exist: " + reason.getMessage() + ". "
				+ remedy(reason) + ".", reason);
	}

	private String remedy(RuntimeException reason) {
		return (reason instanceof MongoException exception && exception.getCode() == UNAUTHORIZED)
				? "Give the user of the application's MongoDB connection the role readWrite on database '"
						+ this.jobs.getNamespace().getDatabaseName() + "'; it needs no restart after that"
				: "Correct the job, or what the message names";
	}

}
