package dev.taskqueue.submit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.taskqueue.TaskQueueException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Submits that no thread waits for. One thread, which is there only while there are some,
 * writes them: what comes while it writes makes the next batch. They are bounded in
 * number and bytes; what goes beyond that is refused at once.
 */
final class AsyncSubmits implements AutoCloseable {

	/** What may be outstanding. */
	static final int MOST_JOBS = 10_000;

	static final long MOST_BYTES = 64L * 1024 * 1024;

	private static final Logger logger = LoggerFactory.getLogger(AsyncSubmits.class);

	private static final int BATCH_JOBS = 1000;

	private static final long BATCH_BYTES = 4L * 1024 * 1024;

	private static final Duration IDLE = Duration.ofSeconds(10);

	private final Consumer<List<NewJob>> write;

	private final Consumer<List<NewJob>> tell;

	private final Duration timeout;

	private final ThreadPoolExecutor thread;

	private final Deque<Entry> waiting = new ArrayDeque<>();

	private int jobs;

	private long bytes;

	private boolean writing;

	private boolean closed;

	/**
	 * Creates one; it has no thread yet.
	 * @param write writes a batch until each job is settled, or throws
	 * @param tell told of the jobs that are durable
	 * @param timeout the longest that one job may wait for its turn, and then for the
	 * server
	 */
	AsyncSubmits(Consumer<List<NewJob>> write, Consumer<List<NewJob>> tell, Duration timeout) {
		this.write = write;
		this.tell = tell;
		this.timeout = timeout;
		this.thread = new ThreadPoolExecutor(1, 1, IDLE.toSeconds(), TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				(run) -> {
					Thread made = new Thread(run, "taskqueue-submit");
					made.setDaemon(true);
					return made;
				});
		this.thread.allowCoreThreadTimeOut(true);
	}

	/**
	 * Takes a job; returns at once.
	 * @param job makes the job, in the thread that writes it
	 * @param size its bytes at the most
	 * @return completes when the job is durable or is a duplicate; never in this thread
	 */
	synchronized CompletableFuture<Submitted> submit(Supplier<NewJob> job, long size) {
		if (this.closed || this.jobs >= MOST_JOBS || (this.jobs > 0 && this.bytes + size > MOST_BYTES)) {
			return CompletableFuture.failedFuture(new TaskQueueException(this.closed
					? "The job was not submitted: the application ends. Submit it elsewhere."
					: "The job was not submitted: " + this.jobs + " submits with " + this.bytes
							+ " bytes are outstanding, of at most " + MOST_JOBS + " and " + MOST_BYTES
							+ ". Wait for some of them before the next; for many jobs at once there is enqueueAll."));
		}
		Entry entry = new Entry(job, size, System.nanoTime(), new CompletableFuture<>());
		if (!this.writing) {
			this.thread.execute(this::writeAll);
			this.writing = true;
		}
		this.waiting.add(entry);
		this.jobs++;
		this.bytes += size;
		return entry.future;
	}

	private void writeAll() {
		for (List<Entry> batch = next(); !batch.isEmpty(); batch = next()) {
			try {
				write(batch);
			}
			catch (Throwable ex) {
				logger.error("Submits failed outside of MongoDB", ex);
				batch.forEach((entry) -> fail(entry, ex));
			}
		}
	}

	private synchronized List<Entry> next() {
		List<Entry> batch = new ArrayList<>();
		long size = 0;
		while (!this.waiting.isEmpty() && batch.size() < BATCH_JOBS
				&& (batch.isEmpty() || size + this.waiting.getFirst().size <= BATCH_BYTES)) {
			Entry entry = this.waiting.removeFirst();
			size += entry.size;
			batch.add(entry);
		}
		this.writing = !batch.isEmpty();
		return batch;
	}

	private void write(List<Entry> batch) {
		List<Entry> ready = new ArrayList<>(batch.size());
		List<NewJob> made = new ArrayList<>(batch.size());
		for (Entry entry : batch) {
			try {
				NewJob job = entry.job.get();
				if (System.nanoTime() - entry.since > this.timeout.toNanos()) {
					throw GroupCommit.notTaken(job, "it waited for longer than " + this.timeout.toMillis()
							+ " ms behind others that MongoDB did not take", false);
				}
				made.add(job);
				ready.add(entry);
			}
			catch (RuntimeException ex) {
				fail(entry, ex);
			}
		}
		try {
			if (!made.isEmpty()) {
				this.write.accept(made);
			}
		}
		catch (RuntimeException ex) {
			// one of them failed, which is told to that one below
			logger.debug("Some submits failed", ex);
		}
		this.tell.accept(made.stream().filter(NewJob::isTaken).toList());
		for (int i = 0; i < made.size(); i++) {
			settle(ready.get(i), made.get(i));
		}
	}

	private void settle(Entry entry, NewJob job) {
		if (job.isTaken() || job.isDuplicate()) {
			Submitted submitted = new Submitted(job.resultId(), job.isDuplicate());
			release(entry, () -> entry.future.complete(submitted));
			return;
		}
		RuntimeException failure = job.failure();
		fail(entry, (job.isOpen() || failure == null) ? GroupCommit.notTaken(job,
				"MongoDB did not take it within " + this.timeout.toMillis() + " ms", job.isTried()) : failure);
	}

	private void fail(Entry entry, Throwable cause) {
		release(entry, () -> entry.future.completeExceptionally(cause));
	}

	private void release(Entry entry, Runnable completion) {
		synchronized (this) {
			if (!entry.released) {
				entry.released = true;
				this.jobs--;
				this.bytes -= entry.size;
			}
		}
		// not in this thread: what depends on it may take any time
		entry.future.defaultExecutor().execute(completion);
	}

	/**
	 * Takes no more and waits until all are written, for as long as a job may wait.
	 */
	@Override
	public void close() {
		synchronized (this) {
			this.closed = true;
		}
		this.thread.shutdown();
		List<Entry> left;
		try {
			if (!this.thread.awaitTermination(this.timeout.toNanos(), TimeUnit.NANOSECONDS)) {
				this.thread.shutdownNow();
			}
		}
		catch (InterruptedException ex) {
			this.thread.shutdownNow();
			Thread.currentThread().interrupt();
		}
		synchronized (this) {
			left = new ArrayList<>(this.waiting);
			this.waiting.clear();
		}
		left.forEach((entry) -> fail(entry,
				new TaskQueueException("The job was not submitted: the application ended before its turn.")));
	}

	private static final class Entry {

		private final Supplier<NewJob> job;

		private final long size;

		private final long since;

		private final CompletableFuture<Submitted> future;

		/** Guarded by the lock. */
		private boolean released;

		Entry(Supplier<NewJob> job, long size, long since, CompletableFuture<Submitted> future) {
			this.job = job;
			this.size = size;
			this.since = since;
			this.future = future;
		}

	}

}
