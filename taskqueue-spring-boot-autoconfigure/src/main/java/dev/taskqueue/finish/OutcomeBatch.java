package dev.taskqueue.finish;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.bulk.BulkWriteError;
import com.mongodb.bulk.BulkWriteResult;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.DeleteManyModel;
import com.mongodb.client.model.DeleteOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.UpdateManyModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.WriteModel;
import dev.taskqueue.JobState;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.UniqueKey;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Writes many outcomes with one command and finds out what became of each.
 */
final class OutcomeBatch {

	private static final UpdateOptions UPDATE_BY_ID = new UpdateOptions().hint(Indexes.BY_ID);

	private static final DeleteOptions DELETE_BY_ID = new DeleteOptions().hint(Indexes.BY_ID);

	private static final BulkWriteOptions UNORDERED = new BulkWriteOptions().ordered(false);

	/**
	 * Errors of the server's state and not of the document: lock time-out, time limit,
	 * write conflict, shutdown, step-down.
	 */
	private static final Set<Integer> PASSING = Set.of(24, 50, 91, 112, 189, 262, 10107, 11600, 11601, 11602, 13435,
			13436);

	private final MongoCollection<Document> jobs;

	private boolean singly;

	private final Consumer<FinishWrite> written;

	private final Consumer<FinishWrite> fenced;

	/**
	 * Creates one.
	 * @param written told of each write that is durable
	 * @param fenced told of each whose job others hold
	 */
	OutcomeBatch(MongoCollection<Document> jobs, Consumer<FinishWrite> written, Consumer<FinishWrite> fenced) {
		this.jobs = jobs;
		this.written = written;
		this.fenced = fenced;
	}

	/**
	 * Writes a batch. When it throws, nothing is known of any of its writes, and it can
	 * be repeated.
	 * @return what is still to be written, each for the reason given
	 */
	List<Rest> write(Collection<FinishWrite> batch) {
		List<List<FinishWrite>> statements = new ArrayList<>();
		List<WriteModel<Document>> models = new ArrayList<>();
		boolean alone = this.singly;
		this.singly = false;
		statements(batch, alone).forEach((statement) -> {
			statements.add(statement);
			models.add(model(statement));
		});
		try {
			CrashPoint.FINISH_GATHERED.reached();
			BulkWriteResult result = this.jobs.bulkWrite(models, UNORDERED);
			CrashPoint.FINISH_WRITTEN.reached();
			if (result.getMatchedCount() + result.getDeletedCount() == batch.size()) {
				batch.forEach(this.written);
				return List.of();
			}
			return readBack(batch, Map.of());
		}
		catch (MongoBulkWriteException ex) {
			if (ex.getWriteConcernError() != null) {
				throw ex;
			}
			Map<Object, String> refused = new HashMap<>();
			for (BulkWriteError error : ex.getWriteErrors()) {
				if (PASSING.contains(error.getCode())) {
					throw ex;
				}
				List<FinishWrite> statement = statements.get(error.getIndex());
				if (statement.size() == 1) {
					refused.put(statement.get(0).id(), error.getMessage());
				}
				else {
					// it is one of them, and the next try finds out which
					this.singly = true;
				}
			}
			return readBack(batch, refused);
		}
	}

	private static Collection<List<FinishWrite>> statements(Collection<FinishWrite> batch, boolean alone) {
		Map<Object, List<FinishWrite>> statements = new LinkedHashMap<>();
		for (FinishWrite write : batch) {
			Object key = alone ? new Object() : write.group();
			statements.computeIfAbsent(key, (first) -> new ArrayList<>()).add(write);
		}
		return statements.values();
	}

	/** None that the driver may repeat: what for is told in decision 0040. */
	private static WriteModel<Document> model(List<FinishWrite> statement) {
		FinishWrite first = statement.get(0);
		Bson filter = Filters.and(
				(statement.size() > 1) ? Filters.in(JobDocument.ID, statement.stream().map(FinishWrite::id).toList())
						: Filters.eq(JobDocument.ID, first.id()),
				Filters.eq(JobDocument.STATE, JobState.RUNNING.text()), Filters.eq(JobDocument.CLAIM, first.token()));
		if (first.yieldsToCancel()) {
			filter = Filters.and(filter, Filters.ne(JobDocument.CANCEL_REQUESTED, true));
		}
		Document update = update(first);
		if (update == null) {
			return new DeleteManyModel<>(filter, DELETE_BY_ID);
		}
		return new UpdateManyModel<>(filter, update, UPDATE_BY_ID);
	}

	private static @Nullable Document update(FinishWrite write) {
		if (write.fields() == null) {
			return null;
		}
		Document set = new Document(JobDocument.STATE, write.state().text());
		set.putAll(write.fields());
		Document update = new Document("$set", set);
		if (write.attempts() != 0) {
			update.append("$inc", new Document(JobDocument.ATTEMPT, write.attempts()));
		}
		return (write.state().isEnd() && write.endsKey())
				? UniqueKey.end(write.outcome().claim().job().document(), update) : update;
	}

	/** Some matched nothing, and the reply does not say which. */
	private List<Rest> readBack(Collection<FinishWrite> batch, Map<Object, String> refused) {
		Map<Object, Document> found = new HashMap<>();
		this.jobs.find(Filters.in(JobDocument.ID, batch.stream().map(FinishWrite::id).toList()))
			.hint(Indexes.BY_ID)
			.projection(Projections.include(JobDocument.STATE, JobDocument.CLAIM, JobDocument.CANCEL_REQUESTED))
			.batchSize(batch.size() + 1)
			.forEach((document) -> found.put(document.get(JobDocument.ID), document));
		List<Rest> rest = new ArrayList<>();
		for (FinishWrite write : batch) {
			Document job = found.get(write.id());
			if (job == null) {
				// gone: by this write, if it was to delete
				((write.fields() == null) ? this.written : this.fenced).accept(write);
				continue;
			}
			boolean ours = write.token().equals(job.get(JobDocument.CLAIM));
			if (ours && JobState.RUNNING.text().equals(job.get(JobDocument.STATE))) {
				boolean cancel = Boolean.TRUE.equals(job.get(JobDocument.CANCEL_REQUESTED));
				rest.add(new Rest(write, cancel, refused.get(write.id())));
			}
			else if (ours && write.state().text().equals(job.get(JobDocument.STATE))) {
				this.written.accept(write);
			}
			else {
				this.fenced.accept(write);
			}
		}
		if (!rest.isEmpty()) {
			CrashPoint.FINISH_READ_BACK.reached();
		}
		return rest;
	}

	/**
	 * A write that is still to be done.
	 *
	 * @param write what was tried
	 * @param cancelRequested whether a cancellation came first
	 * @param refusal what the server said against this one, or null
	 */
	record Rest(FinishWrite write, boolean cancelRequested, @Nullable String refusal) {
	}

}
