package dev.taskqueue.crontab;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.bulk.BulkWriteError;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.InsertManyOptions;
import com.mongodb.client.model.Projections;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.UniqueKey;
import org.bson.BsonMaximumSizeExceededException;
import org.bson.Document;

/**
 * Inserts jobs with derived ids, so that one inserted before is no fault.
 */
final class JobInsert {

	private static final int DUPLICATE_KEY = 11000;

	private static final String AGAIN = " The row is tried again when it changes, and within ten minutes.";

	private static final String REMEDY = " Correct the row; it is tried again when it changes, and within ten minutes.";

	private final MongoCollection<Document> jobs;

	private boolean keysAreUnique;

	JobInsert(MongoCollection<Document> jobs) {
		this.jobs = jobs;
	}

	/**
	 * Inserts.
	 * @param jobs the jobs
	 * @return what became of them
	 * @throws com.mongodb.MongoException if nothing can be said about the jobs
	 */
	Inserted insert(List<Document> jobs) {
		Inserted inserted = new Inserted(new HashMap<>(), new HashSet<>());
		insert(withUniqueKeys(jobs, inserted.refused()), inserted, UniqueKey.TRIES);
		return inserted;
	}

	private List<Document> withUniqueKeys(List<Document> jobs, Map<String, RowError> refused) {
		if (this.keysAreUnique || jobs.stream().noneMatch(UniqueKey::isIn)) {
			return jobs;
		}
		this.keysAreUnique = UniqueKey.isEnforced(this.jobs);
		if (this.keysAreUnique) {
			return jobs;
		}
		jobs.stream()
			.filter(UniqueKey::isIn)
			.forEach((job) -> refused.put(id(job),
					RowError.of(RowFields.UNIQUE_KEY, job.get(JobDocument.UNIQUE_KEY),
							"the index of unique keys is not there (yet), without which no key is unique. A worker "
									+ "creates it when it starts, unless taskqueue.mongodb.create-indexes is false."
									+ AGAIN)));
		return jobs.stream().filter((job) -> !UniqueKey.isIn(job)).toList();
	}

	private void insert(List<Document> jobs, Inserted inserted, int keyTries) {
		if (jobs.isEmpty()) {
			return;
		}
		try {
			this.jobs.insertMany(jobs, new InsertManyOptions().ordered(false));
		}
		catch (MongoBulkWriteException ex) {
			if (ex.getWriteConcernError() != null) {
				// maybe not durable: the rows stay due, and the next look finds
				// duplicates
				throw ex;
			}
			List<Document> keyed = new ArrayList<>();
			for (BulkWriteError error : ex.getWriteErrors()) {
				if (keyTries > 0 && error.getCode() == DUPLICATE_KEY && UniqueKey.isIn(jobs.get(error.getIndex()))) {
					keyed.add(jobs.get(error.getIndex()));
				}
				else if (isDuplicateId(error)) {
					inserted.present().add(id(jobs.get(error.getIndex())));
				}
				else {
					inserted.refused()
						.put(id(jobs.get(error.getIndex())), RowError.of(RowFields.PARAMS, null,
								"the job cannot be stored: " + error.getMessage() + "." + REMEDY));
				}
			}
			settle(keyed, inserted, keyTries - 1);
		}
		catch (BsonMaximumSizeExceededException ex) {
			// the driver refuses the whole portion and does not tell for which job
			if (jobs.size() == 1) {
				inserted.refused()
					.put(id(jobs.get(0)), RowError.of(RowFields.PARAMS, null,
							"the job would be larger than the 16 MB of a document. Store large values elsewhere and pass "
									+ "a reference." + REMEDY));
				return;
			}
			int half = jobs.size() / 2;
			insert(jobs.subList(0, half), inserted, keyTries);
			CrashPoint.ROW_JOBS_HALVED.reached();
			insert(jobs.subList(half, jobs.size()), inserted, keyTries);
		}
	}

	/**
	 * Some are there already, others meet the job that has their key, and where that has
	 * ended they are inserted again. The server names one index only, so this is looked
	 * up.
	 */
	private void settle(List<Document> keyed, Inserted inserted, int keyTries) {
		if (keyed.isEmpty()) {
			return;
		}
		Set<Object> stored = this.jobs.find(Filters.in(JobDocument.ID, keyed.stream().map(JobInsert::id).toList()))
			.hint(Indexes.BY_ID)
			.projection(Projections.include(JobDocument.ID))
			.map((job) -> job.get(JobDocument.ID))
			.into(new HashSet<>());
		List<Document> missing = keyed.stream().filter((job) -> !stored.contains(id(job))).toList();
		Map<Object, Document> holders = UniqueKey.findHolders(this.jobs,
				missing.stream().map((job) -> job.getString(JobDocument.UNIQUE_KEY)).toList());
		List<Document> free = new ArrayList<>();
		for (Document job : missing) {
			String key = job.getString(JobDocument.UNIQUE_KEY);
			Document holder = holders.get(key);
			if (holder != null && !UniqueKey.isFreeAt(holder, job.getDate(JobDocument.CREATED_AT).toInstant())) {
				inserted.refused().put(id(job), RowError.keyTaken(key, new JobDocument(holder).id()));
				continue;
			}
			if (holder != null) {
				UniqueKey.free(this.jobs, holder);
			}
			free.add(job);
		}
		insert(free, inserted, keyTries);
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

	/**
	 * What became of some jobs; those of whom nothing is said were inserted.
	 *
	 * @param refused by the job's id, why it cannot be stored
	 * @param present the ids of those that were there already, keys apart
	 */
	record Inserted(Map<String, RowError> refused, Set<String> present) {
	}

}
