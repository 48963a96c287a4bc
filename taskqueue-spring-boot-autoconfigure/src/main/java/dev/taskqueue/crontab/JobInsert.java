package dev.taskqueue.crontab;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.bulk.BulkWriteError;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.InsertManyOptions;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.JobDocument;
import org.bson.BsonMaximumSizeExceededException;
import org.bson.Document;

/**
 * Inserts jobs with derived ids, so that one inserted before is no fault.
 */
final class JobInsert {

	private static final int DUPLICATE_KEY = 11000;

	private static final String REMEDY = " Correct the row; it is tried again when it changes, and within ten minutes.";

	private final MongoCollection<Document> jobs;

	JobInsert(MongoCollection<Document> jobs) {
		this.jobs = jobs;
	}

	/**
	 * Inserts.
	 * @param jobs the jobs
	 * @return by the job's id, why a job cannot be stored; all others are durable
	 * @throws com.mongodb.MongoException if nothing can be said about the jobs
	 */
	Map<String, RowError> insert(List<Document> jobs) {
		Map<String, RowError> refused = new HashMap<>();
		insert(jobs, refused);
		return refused;
	}

	private void insert(List<Document> jobs, Map<String, RowError> refused) {
		try {
			this.jobs.insertMany(jobs, new InsertManyOptions().ordered(false));
		}
		catch (MongoBulkWriteException ex) {
			if (ex.getWriteConcernError() != null) {
				// maybe not durable: the rows stay due, and the next look finds
				// duplicates
				throw ex;
			}
			for (BulkWriteError error : ex.getWriteErrors()) {
				if (!isDuplicateId(error)) {
					refused.put(id(jobs.get(error.getIndex())), RowError.of(RowFields.PARAMS, null,
							"the job cannot be stored: " + error.getMessage() + "." + REMEDY));
				}
			}
		}
		catch (BsonMaximumSizeExceededException ex) {
			// the driver refuses the whole portion and does not tell for which job
			if (jobs.size() == 1) {
				refused.put(id(jobs.get(0)), RowError.of(RowFields.PARAMS, null,
						"the job would be larger than the 16 MB of a document. Store large values elsewhere and pass "
								+ "a reference." + REMEDY));
				return;
			}
			int half = jobs.size() / 2;
			insert(jobs.subList(0, half), refused);
			CrashPoint.ROW_JOBS_HALVED.reached();
			insert(jobs.subList(half, jobs.size()), refused);
		}
	}

	/**
	 * A duplicate in an index that somebody else made is a fault, and no sign that the
	 * job is there.
	 */
	private static boolean isDuplicateId(BulkWriteError error) {
		return error.getCode() == DUPLICATE_KEY && error.getMessage().contains("index: _id_");
	}

	private static String id(Document job) {
		return job.getString(JobDocument.ID);
	}

}
