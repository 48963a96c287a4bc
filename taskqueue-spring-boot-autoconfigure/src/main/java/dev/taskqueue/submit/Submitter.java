package dev.taskqueue.submit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import dev.taskqueue.DuplicateJobException;
import dev.taskqueue.JobEvent;
import dev.taskqueue.OnDuplicate;
import dev.taskqueue.SubmitTime;
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
 * Makes jobs durable. Safe for several threads; it has one of its own while there are
 * submits that nobody waits for, and keeps nothing else between calls.
 */
public final class Submitter implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Submitter.class);

	private static final int BATCH_JOBS = 1000;

	private static final long BATCH_BYTES = 4L * 1024 * 1024;

	private final TaskQueueDatabase database;

	private final Transactions transactions;

	private final LocalWorker worker;

	private final Consumer<JobEvent> events;

	private final long maxBytes;

	private final Duration timeout;

	private final Codec<Document> codec;

	private final JobInsert insert;

	private final PairedCommit commit;

	private final AsyncSubmits async;

	/**
	 * Creates one.
	 * @param database the collections
	 * @param transactions the transaction of the current thread
	 * @param worker runs jobs in this process, or is told that some are due
	 * @param events is told of each job that was submitted
	 * @param maxBytes the limit of one job's document; never more than 15 MiB
	 * @param timeout the longest that a submit waits, and a bulk for one of its batches
	 */
	public Submitter(TaskQueueDatabase database, Transactions transactions, LocalWorker worker,
			Consumer<JobEvent> events, long maxBytes, Duration timeout) {
		this.database = database;
		this.transactions = transactions;
		this.worker = worker;
		this.events = events;
		this.maxBytes = maxBytes;
		this.timeout = timeout;
		this.codec = database.database().getCodecRegistry().get(Document.class);
		this.insert = new JobInsert(database);
		this.commit = new PairedCommit(this.insert::write, timeout);
		this.async = new AsyncSubmits(new BulkInsert(this.insert::write, timeout)::write, this::tell, timeout);
	}

	/**
	 * Holds a job to what holds for all that are submitted, and submits it nowhere.
	 * @param submission the job
	 * @param maxBytes the limit of one job's document
	 * @return the job's document as it would be read from the store
	 * @throws IllegalArgumentException if it cannot be written or is too large
	 */
	public static Document check(Submission submission, long maxBytes) {
		Codec<Document> codec = TaskQueueDatabase.codec();
		return NewJob.of(submission, codec, maxBytes).document().decode(codec);
	}

	/**
	 * Returns when the job is durable; inside a MongoDB transaction, when it is part of
	 * that.
	 * @param job the document, which leaves a job with the same unique key as it is; an
	 * {@code _id} that is an {@code ObjectId} must have been made for this submit
	 * @return the job's id, or that of the job that has its unique key
	 * @throws RuntimeException as {@link #submit(Submission, Consumer)}
	 */
	public Submitted submit(Document job) {
		return submit(new Submission(job));
	}

	/**
	 * Submits a job of which nobody is told should it fail after the commit.
	 * @param submission the job
	 * @return as {@link #submit(Submission, Consumer)}
	 */
	Submitted submit(Submission submission) {
		return submit(submission, (failure) -> {
		});
	}

	/**
	 * Returns when the job is durable; inside a MongoDB transaction, when it is part of
	 * that; and at once where the submit is to wait for the commit of another
	 * transaction.
	 * @param submission the job, and what to do when another has its unique key
	 * @param failedLater told of a failure after that commit, which whoever commits gets
	 * @return the job's id, or that of the job that has its unique key
	 * @throws DuplicateJobException if another job has its unique key and it is to say so
	 * @throws IllegalArgumentException if it cannot be written, is too large, or if
	 * another job has its id
	 * @throws TaskQueueException if it was refused, or not taken in time, or if the
	 * thread was interrupted (which stays so): the message says whether the job may exist
	 * @throws com.mongodb.MongoException inside a transaction, as the driver threw it
	 */
	public Submitted submit(Submission submission, Consumer<RuntimeException> failedLater) {
		MongoDatabase bound = this.transactions.current();
		if (bound != null) {
			NewJob newJob = NewJob.of(submission, this.codec, this.maxBytes);
			new TransactionInsert(jobs(bound), this.insert::requireIndex).write(List.of(newJob));
			if (newJob.isTaken()) {
				tellAfterCommit(List.of(newJob));
			}
			return submitted(newJob);
		}
		if (!this.transactions.isToWait(submission.time())) {
			return submitNow(submission);
		}
		// what is wrong with it is told here
		NewJob newJob = NewJob.of(submission, this.codec, this.maxBytes);
		this.transactions.afterCommit(() -> {
			try {
				submitNow(submission);
			}
			catch (RuntimeException ex) {
				failedLater.accept(ex);
				throw ex;
			}
		}, () -> {
		});
		return submitted(newJob);
	}

	private Submitted submitNow(Submission submission) {
		BornClaimed claimed = BornClaimed.of(submission, this.worker);
		if (claimed != null) {
			return submit(claimed, submission.onDuplicate());
		}
		NewJob newJob = NewJob.of(submission, this.codec, this.maxBytes);
		return submit(newJob);
	}

	private Submitted submit(NewJob job) {
		this.commit.submit(job);
		if (job.isTaken()) {
			tell(List.of(job));
		}
		return submitted(job);
	}

	private static Submitted submitted(NewJob job) {
		return new Submitted(job.resultId(), job.isDuplicate());
	}

	private Submitted submit(BornClaimed claimed, OnDuplicate onDuplicate) {
		NewJob newJob = null;
		try {
			newJob = NewJob.of(new Submission(claimed.document(), onDuplicate), this.codec, this.maxBytes);
			return submit(newJob);
		}
		finally {
			if (newJob != null && newJob.isTaken()) {
				RawBsonDocument stored = newJob.document();
				claimed.begin(() -> stored.decode(this.codec));
			}
			else {
				claimed.giveUp(newJob != null && newJob.isOpen());
			}
		}
	}

	/**
	 * Takes a job to be submitted by another thread, and does not wait for MongoDB.
	 * @param submission makes the job
	 * @param time when to do so in a transaction of another kind than MongoDB's
	 * @param isAtHand whether that takes no word of the server's, so that it is done here
	 * @return completes when the job is durable, or is a duplicate; fails as
	 * {@link #submit(Submission, Consumer)}, and at once if too many are outstanding
	 * @throws IllegalArgumentException if the job is at hand and cannot be written or is
	 * too large
	 * @throws IllegalStateException inside a MongoDB transaction
	 */
	public CompletableFuture<Submitted> submitAsync(Supplier<Submission> submission, @Nullable SubmitTime time,
			boolean isAtHand) {
		if (this.transactions.current() != null) {
			throw new IllegalStateException("A submit that nobody waits for cannot take part in a MongoDB transaction: "
					+ "that may be over before the job is written. Use enqueue here, or enqueueAsync after the commit.");
		}
		Supplier<NewJob> job = () -> NewJob.of(submission.get(), this.codec, this.maxBytes);
		if (isAtHand) {
			NewJob made = job.get();
			return handOver(() -> made, made.size(), time);
		}
		return handOver(job, this.maxBytes, time);
	}

	private CompletableFuture<Submitted> handOver(Supplier<NewJob> job, long size, @Nullable SubmitTime time) {
		if (!this.transactions.isToWait(time)) {
			return this.async.submit(job, size);
		}
		CompletableFuture<CompletableFuture<Submitted>> handedOver = new CompletableFuture<>();
		this.transactions.afterCommit(() -> handedOver.complete(this.async.submit(job, size)),
				() -> handedOver.completeExceptionally(
						new TaskQueueException("The job was not submitted: its transaction was not committed.")));
		return handedOver.thenCompose((submitted) -> submitted);
	}

	/** Waits for the submits that nobody waits for, and takes no more of them. */
	@Override
	public void close() {
		this.async.close();
	}

	/**
	 * Submits many jobs, in batches, with as much memory as one batch takes. The order in
	 * which they are written is open.
	 * @param jobs the jobs, as for {@link #submit(Submission, Consumer)}; read as they
	 * are written
	 * @return how many were submitted, duplicates apart
	 * @throws IllegalStateException if a job is to wait for the commit of a transaction
	 * of another kind than MongoDB's
	 * @throws DuplicateJobException as {@link #submit(Submission, Consumer)}, as all
	 * others
	 * @throws IllegalArgumentException as {@link #submit(Submission, Consumer)}; the
	 * message says how many jobs were submitted
	 * @throws TaskQueueException as {@link #submit(Submission, Consumer)}; the message
	 * says how many jobs were submitted
	 */
	public long submitAll(Iterator<Submission> jobs) {
		MongoDatabase bound = this.transactions.current();
		Bulk bulk = (bound != null)
				? new Bulk(new TransactionInsert(jobs(bound), this.insert::requireIndex)::write, this::tellAfterCommit)
				: new Bulk(new BulkInsert(this.insert::write, this.timeout)::write, this::tell);
		try {
			while (jobs.hasNext()) {
				bulk.add(NewJob.of(now(jobs.next()), this.codec, this.maxBytes));
			}
			bulk.flush();
			return bulk.taken;
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(ex.getMessage() + bulk.soFar(), ex);
		}
		catch (DuplicateJobException ex) {
			throw new DuplicateJobException(ex.getMessage() + bulk.soFar(), ex.getUniqueKey(), ex.getFirstId());
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

	private Submission now(Submission submission) {
		if (this.transactions.isToWait(submission.time())) {
			throw new IllegalStateException("Many jobs cannot wait for the commit of this transaction with bounded "
					+ "memory. Submit them after it, or have each say now().");
		}
		return submission;
	}

	private MongoCollection<RawBsonDocument> jobs(MongoDatabase bound) {
		return bound.withCodecRegistry(this.database.database().getCodecRegistry())
			.getCollection(this.database.jobs().getNamespace().getCollectionName(), RawBsonDocument.class);
	}

	private void tellAfterCommit(List<NewJob> jobs) {
		this.transactions.afterCommit(() -> tell(jobs), () -> {
		});
	}

	/** The jobs are durable: whatever a listener does, the submit has succeeded. */
	private void tell(List<NewJob> jobs) {
		if (jobs.isEmpty()) {
			return;
		}
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
				this.events.accept(new JobEvent.Enqueued(job.resultId(), job.function(), job.queue()));
				if (job.later() != null) {
					this.events
						.accept(new JobEvent.Scheduled(job.resultId(), job.function(), job.queue(), job.later()));
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
