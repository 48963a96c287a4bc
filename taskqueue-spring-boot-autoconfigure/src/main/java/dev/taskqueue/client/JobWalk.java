package dev.taskqueue.client;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Goes through jobs a batch at a time with bounded memory. It reads a thousand ids, by
 * the index alone, and then those jobs among them that are wanted: so no question takes
 * long, however few are wanted among however many. Not for several threads at a time.
 */
final class JobWalk {

	private static final int BATCH = 1000;

	private static final Bson IDS = Projections.include(JobDocument.ID);

	private static final Bson BY_ID = Sorts.descending(JobDocument.ID);

	private final TaskQueueDatabase database;

	private final MongoCollection<RawBsonDocument> ids;

	private final Bson wanted;

	private final @Nullable Bson fields;

	/** All that are wanted, where an index has them; else null, and it goes by ids. */
	private final @Nullable Iterator<BsonValue> few;

	private @Nullable BsonValue last;

	private boolean ended;

	JobWalk(TaskQueueDatabase database, Bson wanted, Bson index, @Nullable Bson fields) {
		this.database = database;
		this.ids = database.jobs().withDocumentClass(RawBsonDocument.class);
		this.wanted = wanted;
		this.fields = fields;
		this.few = index.equals(Indexes.BY_ID) ? null : JobQueries.read("The list of jobs", () -> all(index));
	}

	private Iterator<BsonValue> all(Bson index) {
		return this.ids.find(this.wanted)
			.hint(index)
			.sort(BY_ID)
			.projection(IDS)
			.map((job) -> Objects.requireNonNull(job.get(JobDocument.ID)))
			.into(new ArrayList<>())
			.iterator();
	}

	/**
	 * The next jobs.
	 * @return at least one, or none at the end
	 */
	List<JobDocument> next() {
		while (!this.ended) {
			List<BsonValue> batch = JobQueries.read("The list of jobs", this::nextIds);
			if (batch.isEmpty()) {
				this.ended = true;
				break;
			}
			List<JobDocument> jobs = JobQueries.read("The list of jobs", () -> among(batch));
			if (!jobs.isEmpty()) {
				return jobs;
			}
		}
		return List.of();
	}

	private List<JobDocument> among(List<BsonValue> batch) {
		return this.database.jobs()
			.find(Filters.and(Filters.in(JobDocument.ID, batch), this.wanted))
			.hint(Indexes.BY_ID)
			.sort(BY_ID)
			.projection(this.fields)
			.batchSize(batch.size() + 1)
			.map(JobDocument::new)
			.into(new ArrayList<>());
	}

	private List<BsonValue> nextIds() {
		List<BsonValue> batch = new ArrayList<>(BATCH);
		if (this.few != null) {
			while (this.few.hasNext() && batch.size() < BATCH) {
				batch.add(this.few.next());
			}
			return batch;
		}
		if (this.last == null) {
			addIds(batch, new Document());
		}
		else {
			addIds(batch, JobIds.below(this.last));
			if (batch.size() < BATCH) {
				addIds(batch, JobIds.belowTypeOf(this.last));
			}
		}
		BsonValue next = batch.isEmpty() ? null : batch.get(batch.size() - 1);
		// an id that cannot be read is not passed: it would be met for ever
		boolean stuck = next == null || next.equals(this.last);
		this.last = next;
		return stuck ? List.of() : batch;
	}

	private void addIds(List<BsonValue> batch, Bson position) {
		int limit = BATCH - batch.size();
		this.ids.find(position)
			.hint(Indexes.BY_ID)
			.sort(BY_ID)
			.projection(IDS)
			.limit(limit)
			.batchSize(limit)
			.forEach((job) -> batch.add(Objects.requireNonNull(job.get(JobDocument.ID))));
	}

}
