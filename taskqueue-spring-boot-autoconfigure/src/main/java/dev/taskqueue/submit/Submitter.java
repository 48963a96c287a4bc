package dev.taskqueue.submit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import dev.taskqueue.JobEvent;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.codecs.Codec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes jobs durable. Safe for several threads; it has none of its own and keeps nothing
 * between calls.
 */
public final class Submitter {

	private static final Logger logger = LoggerFactory.getLogger(Submitter.class);

	private static final int BATCH_JOBS = 1000;

	private static final long BATCH_BYTES = 4L * 1024 * 1024;

	private final TaskQueueDatabase database;

	private final Supplier<@Nullable MongoDatabase> transaction;

	private final Consumer<Runnable> afterCommit;

	private final LocalWorker worker;

	private final Consumer<JobEvent> events;

	private final long maxBytes;

	private final Duration timeout;

	private final Codec<Document> codec;

	private final JobInsert insert;

	private final GroupCommit groupCommit;

	/**
	 * Creates one.
	 * @param database the collections
	 * @param transaction the database bound to the current MongoDB transaction, or null
	 * outside of one
	 * @param afterCommit runs something after the commit of the current transaction
	 * @param worker runs jobs in this process, or is told that some are due
	 * @param events is told of each job that was submitted
	 * @param maxBytes the limit of one job's document; never more than 15 MiB
	 * @param timeout the longest that a submit waits, and a bulk for one of its batches
	 */
	public Submitter(TaskQueueDatabase database, Supplier<@Nullable MongoDatabase> transaction,
			Consumer<Runnable> afterCommit, LocalWorker worker, Consumer<JobEvent> events, long maxBytes,
			Duration timeout) {
		this.database = database;
		this.transaction = transaction;
		this.afterCommit = afterCommit;
		this.worker = worker;
		this.events = events;
		this.maxBytes = maxBytes;
		this.timeout = timeout;
		this.codec = database.database().getCodecRegistry().get(Document.class);
		this.insert = new JobInsert(database.jobs().withDocumentClass(RawBsonDocument.class));
		this.groupCommit = new GroupCommit(this.insert::write, timeout);
	}

	/**
	 * Returns when the job is durable; inside a MongoDB transaction, when it is part of
	 * that.
	 * @param job the document; an {@code _id} that is an {@code ObjectId} must have been
	 * made for this submit
	 * @throws IllegalArgumentException if it cannot be written, is too large, or if
	 * another job has its id
	 * @throws TaskQueueException if it was refused, or not taken in time, or if the
	 * thread was interrupted (which stays so): the message says whether the job may exist
	 * @throws com.mongodb.MongoException inside a transaction, as the driver threw it
	 */
	public void submit(Document job) {
		MongoDatabase bound = this.transaction.get();
		if (bound != null) {
			NewJob newJob = NewJob.of(job, this.codec, this.maxBytes);
			new TransactionInsert(jobs(bound)).write(List.of(newJob));
			this.afterCommit.accept(() -> tell(List.of(newJob)));
			return;
		}
		BornClaimed claimed = BornClaimed.of(job, this.worker);
		if (claimed == null) {
			NewJob newJob = NewJob.of(job, this.codec, this.maxBytes);
			this.groupCommit.submit(newJob);
			tell(List.of(newJob));
		}
		else {
			submit(claimed);
		}
	}

	private void submit(BornClaimed claimed) {
		NewJob newJob = null;
		try {
			newJob = NewJob.of(claimed.document(), this.codec, this.maxBytes);
			this.groupCommit.submit(newJob);
			tell(List.of(newJob));
		}
		finally {
			if (newJob != null && newJob.isTaken()) {
				claimed.begin(newJob, this.codec);
			}
			else {
				claimed.giveUp(newJob != null && newJob.isOpen());
			}
		}
	}

	/**
	 * Submits many jobs, in batches, with as much memory as one batch takes. The order in
	 * which they are written is open.
	 * @param jobs the documents, as for {@link #submit}; read as they are written
	 * @return how many were submitted
	 * @throws IllegalArgumentException as {@link #submit}; the message says how many jobs
	 * were submitted
	 * @throws TaskQueueException as {@link #submit}; the message says how many jobs were
	 * submitted
	 */
	public long submitAll(Iterator<Document> jobs) {
		MongoDatabase bound = this.transaction.get();
		Bulk bulk = (bound != null) ? new Bulk(new TransactionInsert(jobs(bound))::write, this::tellAfterCommit)
				: new Bulk(new BulkInsert(this.insert::write, this.timeout)::write, this::tell);
		try {
			while (jobs.hasNext()) {
				bulk.add(NewJob.of(jobs.next(), this.codec, this.maxBytes));
			}
			bulk.flush();
			return bulk.taken;
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(ex.getMessage() + bulk.soFar(), ex);
		}
		catch (TaskQueueException ex) {
			throw new TaskQueueException(ex.getMessage() + bulk.soFar(), ex);
		}
		catch (RuntimeException ex) {
			// the stream's own: its type may matter to the caller
			ex.addSuppressed(new TaskQueueException("The jobs could not all be read." + bulk.soFar()));
			throw ex;
		}
	}

	private MongoCollection<RawBsonDocument> jobs(MongoDatabase bound) {
		return bound.withCodecRegistry(this.database.database().getCodecRegistry())
			.getCollection(this.database.jobs().getNamespace().getCollectionName(), RawBsonDocument.class);
	}

	private void tellAfterCommit(List<NewJob> jobs) {
		this.afterCommit.accept(() -> tell(jobs));
	}

	/** The jobs are durable: whatever a listener does, the submit has succeeded. */
	private void tell(List<NewJob> jobs) {
		CrashPoint.SUBMIT_DURABLE.reached();
		Set<String> due = new LinkedHashSet<>();
		for (NewJob job : jobs) {
			if (job.isDue()) {
				due.add(job.queue());
			}
		}
		try {
			due.forEach(this.worker::wakeUp);
			for (NewJob job : jobs) {
				this.events.accept(new JobEvent.Enqueued(job.idText(), job.function(), job.queue()));
				if (job.later() != null) {
					this.events.accept(new JobEvent.Scheduled(job.idText(), job.function(), job.queue(), job.later()));
				}
			}
		}
		catch (RuntimeException ex) {
			logger.warn("A listener of submitted jobs failed; the jobs are submitted all the same", ex);
		}
	}

	private static final class Bulk {

		private final Consumer<List<NewJob>> write;

		private final Consumer<List<NewJob>> tell;

		private List<NewJob> batch = new ArrayList<>(BATCH_JOBS);

		private long bytes;

		private long taken;

		Bulk(Consumer<List<NewJob>> write, Consumer<List<NewJob>> tell) {
			this.write = write;
			this.tell = tell;
		}

		void add(NewJob job) {
			if (this.batch.size() == BATCH_JOBS || (!this.batch.isEmpty() && this.bytes + job.size() > BATCH_BYTES)) {
				flush();
			}
			this.batch.add(job);
			this.bytes += job.size();
		}

		void flush() {
			List<NewJob> full = this.batch;
			this.batch = new ArrayList<>(BATCH_JOBS);
			this.bytes = 0;
			try {
				if (!full.isEmpty()) {
					this.write.accept(full);
					CrashPoint.SUBMIT_BATCH_INSERTED.reached();
				}
			}
			finally {
				List<NewJob> written = full.stream().filter(NewJob::isTaken).toList();
				this.taken += written.size();
				this.tell.accept(written);
			}
		}

		String soFar() {
			return " " + this.taken + " jobs were submitted before.";
		}

	}

}
