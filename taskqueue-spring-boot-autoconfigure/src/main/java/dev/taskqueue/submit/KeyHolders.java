package dev.taskqueue.submit;

import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.ReplaceOptions;
import dev.taskqueue.JobState;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.UniqueKey;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;

/**
 * The jobs that have the unique keys of others which are to be submitted.
 */
final class KeyHolders {

	private final MongoCollection<Document> jobs;

	/**
	 * Creates one.
	 * @param jobs the jobs, or the view of them that a transaction has
	 */
	KeyHolders(MongoCollection<Document> jobs) {
		this.jobs = jobs;
	}

	/**
	 * Decides what becomes of jobs with keys. Each is a duplicate, or replaces one, or is
	 * refused; or its key is free.
	 * @param wanted the jobs, all with a key
	 * @return those whose key was free at this look, or was freed by it
	 * @throws com.mongodb.MongoException if the server fails; what is open then is not
	 * decided
	 */
	List<NewJob> settle(List<NewJob> wanted) {
		Map<Object, Document> holders = UniqueKey.findHolders(this.jobs,
				wanted.stream().map((job) -> Objects.requireNonNull(job.uniqueKey())).toList());
		List<NewJob> free = new ArrayList<>();
		for (NewJob job : wanted) {
			Document holder = holders.get(job.uniqueKey());
			if (holder == null || !settle(job, holder)) {
				free.add(job);
			}
		}
		return free;
	}

	private boolean settle(NewJob job, Document holder) {
		if (UniqueKey.isFreeAt(holder, job.createdAt())) {
			UniqueKey.free(this.jobs, holder);
			return false;
		}
		if (isOurOwn(job, holder)) {
			job.replaced(new JobDocument(holder).id());
			return true;
		}
		switch (job.onDuplicate()) {
			case THROW -> job.refused(job.duplicate(new JobDocument(holder).idText()));
			case RETURN_FIRST -> job.duplicateOf(new JobDocument(holder).id());
			case REPLACE -> {
				if (!isReplaceable(holder)) {
					job.duplicateOf(new JobDocument(holder).id());
				}
				else if (replace(job, holder)) {
					job.replaced(new JobDocument(holder).id());
				}
				else {
					// it was claimed, or ended, meanwhile
					return false;
				}
			}
		}
		return true;
	}

	/** A replacement whose reply was lost. */
	private static boolean isOurOwn(NewJob job, Document holder) {
		return job.isReplacing() && holder.get(JobDocument.CREATED_AT) instanceof Date createdAt
				&& createdAt.toInstant().equals(job.createdAt());
	}

	private static boolean isReplaceable(Document holder) {
		return JobState.PENDING.text().equals(holder.get(JobDocument.STATE))
				&& !Boolean.TRUE.equals(holder.get(JobDocument.CANCEL_REQUESTED));
	}

	private boolean replace(NewJob job, Document holder) {
		Bson pending = Filters.and(new JobDocument(holder).filter(),
				Filters.eq(JobDocument.STATE, JobState.PENDING.text()),
				Filters.eq(JobDocument.UNIQUE_KEY, job.uniqueKey()), Filters.ne(JobDocument.CANCEL_REQUESTED, true));
		Document replacement = new Document(job.document().decode(this.jobs.getCodecRegistry().get(Document.class)));
		replacement.put(JobDocument.ID, new JobDocument(holder).id());
		// a claim that has read the former job matches nothing by it
		replacement.append(JobDocument.CLAIM, new ObjectId().toHexString());
		if (holder.containsKey(JobDocument.ORIGIN)) {
			// keeps a row's slot from being dispatched again
			replacement.append(JobDocument.ORIGIN, holder.get(JobDocument.ORIGIN));
		}
		job.replacing();
		return this.jobs.replaceOne(pending, replacement, new ReplaceOptions().hint(Indexes.BY_ID))
			.getMatchedCount() > 0;
	}

}
