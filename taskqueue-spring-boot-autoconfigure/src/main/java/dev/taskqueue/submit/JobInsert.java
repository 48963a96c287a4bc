package dev.taskqueue.submit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.store.UniqueKey;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;

/**
 * One insert of a few jobs, and what the server's answer means for each of them.
 */
final class JobInsert {

	private static final String WRITE_ERRORS = "writeErrors";

	private static final String WRITE_CONCERN_ERROR = "writeConcernError";

	private final MongoDatabase database;

	private final MongoCollection<RawBsonDocument> jobs;

	/** Without its index a key would be unique by luck. */
	private volatile boolean keysAreUnique;

	JobInsert(TaskQueueDatabase database) {
		this.database = database.database();
		this.jobs = database.jobs().withDocumentClass(RawBsonDocument.class);
	}

	/**
	 * Sends the jobs once. Afterwards each of them is taken, a duplicate, refused or
	 * still open.
	 * @param group the jobs
	 * @param atMost how long it may take
	 */
	void write(List<NewJob> group, Duration atMost) {
		List<NewJob> open = (this.keysAreUnique || group.stream().allMatch((job) -> job.uniqueKey() == null)) ? group
				: withUniqueKeys(group, atMost);
		long deadline = System.nanoTime() + atMost.toNanos();
		Duration left = atMost;
		for (int tries = 0; tries < UniqueKey.TRIES && !open.isEmpty() && (tries == 0 || !left.isZero()); tries++) {
			open = send(open, left);
			left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
		}
	}

	private List<NewJob> withUniqueKeys(List<NewJob> group, Duration atMost) {
		List<NewJob> ready = new ArrayList<>(group);
		try {
			requireIndex(limited(atMost));
		}
		catch (MongoException | TaskQueueException ex) {
			for (NewJob job : group) {
				if (job.uniqueKey() != null) {
					ready.remove(job);
					job.vanished(ex);
				}
			}
		}
		return ready;
	}

	/**
	 * Makes sure that the server knows the index of unique keys.
	 * @throws TaskQueueException if it does not
	 * @throws MongoException if it fails
	 */
	void requireIndex() {
		requireIndex(this.jobs);
	}

	private void requireIndex(MongoCollection<RawBsonDocument> jobs) {
		if (this.keysAreUnique) {
			return;
		}
		UniqueKey.requireEnforced(jobs);
		this.keysAreUnique = true;
	}

	private MongoCollection<RawBsonDocument> limited(Duration atMost) {
		return this.jobs.withTimeout(millis(atMost), TimeUnit.MILLISECONDS);
	}

	/** Zero would mean for ever. */
	private static long millis(Duration atMost) {
		return Math.max(1, atMost.toMillis());
	}

	/** Sends the jobs and gives those that are to be sent again at once. */
	private List<NewJob> send(List<NewJob> group, Duration atMost) {
		BsonDocument reply;
		try {
			CrashPoint.SUBMIT_GATHERED.reached();
			reply = insert(group, atMost);
			CrashPoint.SUBMIT_INSERTED.reached();
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
			return List.of();
		}
		if (reply.containsKey(WRITE_ERRORS) || reply.containsKey(WRITE_CONCERN_ERROR)) {
			return settle(group, reply, atMost);
		}
		group.forEach(NewJob::taken);
		return List.of();
	}

	/**
	 * A command, since the driver may repeat an {@code insertMany} by itself, for which
	 * the server keeps a record of it: decision 0040.
	 */
	private BsonDocument insert(List<NewJob> group, Duration atMost) {
		BsonDocument command = new BsonDocument("insert", new BsonString(this.jobs.getNamespace().getCollectionName()))
			.append("documents", new BsonArray(group.stream().map(NewJob::document).toList()))
			.append("ordered", BsonBoolean.FALSE)
			.append("writeConcern", this.jobs.getWriteConcern().asDocument());
		return this.database.withTimeout(millis(atMost), TimeUnit.MILLISECONDS).runCommand(command, BsonDocument.class);
	}

	private List<NewJob> settle(List<NewJob> group, BsonDocument reply, Duration atMost) {
		Map<Integer, MongoException> errors = new HashMap<>();
		for (BsonValue error : reply.getArray(WRITE_ERRORS, new BsonArray())) {
			errors.put(error.asDocument().getNumber("index").intValue(), exception(error.asDocument()));
		}
		MongoException withoutMajority = reply.containsKey(WRITE_CONCERN_ERROR)
				? exception(reply.getDocument(WRITE_CONCERN_ERROR)) : null;
		List<NewJob> duplicates = new ArrayList<>();
		for (int i = 0; i < group.size(); i++) {
			NewJob job = group.get(i);
			MongoException error = errors.get(i);
			boolean passing = error != null && Outage.isPassing(error.getCode());
			boolean duplicate = error != null
					&& ErrorCategory.fromErrorCode(error.getCode()) == ErrorCategory.DUPLICATE_KEY;
			if (error != null && !passing && !duplicate) {
				job.refused(refusal(job, error));
			}
			else if (error != null && passing) {
				job.unknown(error);
			}
			else if (withoutMajority != null) {
				job.unknown(withoutMajority);
			}
			else if (error == null || (job.isTried() && job.isIdOurs() && job.uniqueKey() == null)) {
				job.taken();
			}
			else {
				job.vanished(error);
				duplicates.add(job);
			}
		}
		return duplicates.isEmpty() ? List.of() : compareWithStored(duplicates, atMost);
	}

	private static MongoException exception(BsonDocument error) {
		return new MongoException(error.getNumber("code").intValue(), error.getString("errmsg").getValue());
	}

	private List<NewJob> compareWithStored(List<NewJob> duplicates, Duration atMost) {
		Map<BsonValue, BsonDocument> stored = new HashMap<>();
		try {
			Bson filter = Filters.in(JobDocument.ID, duplicates.stream().map(NewJob::id).toList());
			limited(atMost).withDocumentClass(BsonDocument.class)
				.find(filter)
				.forEach((document) -> stored.put(document.get(JobDocument.ID), document));
		}
		catch (MongoException ex) {
			duplicates.forEach((job) -> job.unknown(ex));
			return List.of();
		}
		List<NewJob> keyed = new ArrayList<>();
		for (NewJob job : duplicates) {
			BsonDocument found = stored.get(job.document().get(JobDocument.ID));
			if (found == null) {
				if (job.uniqueKey() != null) {
					keyed.add(job);
				}
			}
			else if ((job.isTried() && job.isIdOurs()) || job.isSameAs(found)) {
				job.taken();
			}
			else {
				job.refused(job.takenByOther());
			}
		}
		return keyed.isEmpty() ? List.of() : settleKeys(keyed, atMost);
	}

	private List<NewJob> settleKeys(List<NewJob> keyed, Duration atMost) {
		try {
			return new KeyHolders(limited(atMost).withDocumentClass(Document.class)).settle(keyed);
		}
		catch (MongoException ex) {
			boolean passing = isPassing(ex)
					&& !(ex instanceof MongoWriteException refused && !Outage.isPassing(refused.getCode()));
			for (NewJob job : keyed.stream().filter(NewJob::isOpen).toList()) {
				if (passing) {
					job.unknown(ex);
				}
				else {
					job.refused(refusal(job, ex));
				}
			}
			return List.of();
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
		return (reason instanceof MongoException exception && Outage.isForbidden(exception.getCode()))
				? "Give the user of the application's MongoDB connection the role readWrite on database '"
						+ this.jobs.getNamespace().getDatabaseName() + "'; it needs no restart after that"
				: "Correct the job, or what the message names";
	}

}
