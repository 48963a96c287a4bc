package dev.taskqueue.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

import dev.taskqueue.JobEvent;
import dev.taskqueue.JobGoneException;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.store.JobDocument;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Futures of the ends of jobs. One thread looks for all of them, as long as there are
 * some: at the states of hundreds of jobs with one question, and at the outcome of each
 * that has ended, one at a time, so that nothing large is held.
 */
final class Completions implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Completions.class);

	private static final int BATCH = 500;

	private static final long SHORTEST_WAIT = TimeUnit.MILLISECONDS.toNanos(5);

	private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(2);

	/** A look is late by this part of the time that the job takes. */
	private static final int PART = 8;

	private static final long OUTAGE_PAUSE = TimeUnit.SECONDS.toNanos(1);

	private final JobQueries queries;

	private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

	private final Semaphore wakeUp = new Semaphore(0);

	private @Nullable Thread thread;

	private volatile boolean closed;

	private boolean failing;

	Completions(JobQueries queries) {
		this.queries = queries;
	}

	/**
	 * Begins to wait for a job.
	 * @param result makes the future's value of the ended job, or throws
	 */
	<R> CompletableFuture<@Nullable R> begin(String id, Function<JobDocument, @Nullable R> result) {
		CompletableFuture<@Nullable R> future = new CompletableFuture<>();
		Completion<R> completion = new Completion<>(future, result);
		// before it is looked for, so that whatever ends the future is seen
		CompletableFuture<?> unused = future.whenComplete((value, thrown) -> forget(id, completion));
		long now = System.nanoTime();
		this.waiting.compute(id, (key, known) -> {
			Waiting job = (known != null) ? known : new Waiting(now);
			job.completions.add(completion);
			job.lookAt = now;
			return job;
		});
		lookForThem();
		this.wakeUp.release();
		if (this.closed) {
			failAll();
		}
		return future;
	}

	/** Whatever ends an attempt may have ended the job. */
	void onEvent(JobEvent event) {
		if (this.waiting.isEmpty() || event instanceof JobEvent.Executing || event instanceof JobEvent.Error) {
			return;
		}
		Waiting job = this.waiting.get(event.jobId());
		if (job != null) {
			job.lookAt = System.nanoTime();
			this.wakeUp.release();
		}
	}

	/** How many jobs are waited for. */
	int size() {
		return this.waiting.size();
	}

	@Override
	public void close() {
		this.closed = true;
		this.wakeUp.release();
		failAll();
	}

	private void failAll() {
		List.copyOf(this.waiting.keySet())
			.forEach((id) -> fail(id, new TaskQueueException("The application ended while job " + id
					+ " was waited for. The job goes on: ask for it by its id.")));
	}

	private void forget(String id, Completion<?> completion) {
		this.waiting.computeIfPresent(id, (key, job) -> {
			job.completions.remove(completion);
			return job.completions.isEmpty() ? null : job;
		});
	}

	private synchronized void lookForThem() {
		if (this.thread == null && !this.closed) {
			Thread started = new Thread(this::run, "taskqueue-completions");
			started.setDaemon(true);
			this.thread = started;
			started.start();
		}
	}

	/** Whoever begins to wait either is seen here or starts the next thread. */
	private synchronized boolean isOver() {
		boolean over = this.closed || this.waiting.isEmpty();
		this.thread = over ? null : this.thread;
		return over;
	}

	private void run() {
		long pause = 0;
		while (pause >= 0 || !isOver()) {
			try {
				if (pause > 0 && this.wakeUp.tryAcquire(pause, TimeUnit.NANOSECONDS)) {
					this.wakeUp.drainPermits();
				}
				pause = lookAtThoseThatAreDue();
			}
			catch (InterruptedException ex) {
				// nobody interrupts it but to end it
				failAll();
				pause = -1;
			}
			catch (RuntimeException | Error ex) {
				if (!this.closed) {
					complain(ex);
					LockSupport.parkNanos(this, OUTAGE_PAUSE);
				}
				pause = this.closed ? -1 : 0;
			}
		}
	}

	/**
	 * Looks.
	 * @return how long there is nothing to do; less than zero if nobody waits
	 */
	private long lookAtThoseThatAreDue() {
		long now = System.nanoTime();
		long next = now + LONGEST_WAIT;
		List<String> due = new ArrayList<>();
		for (Map.Entry<String, Waiting> job : this.waiting.entrySet()) {
			long lookAt = job.getValue().lookAt;
			if (lookAt - now <= 0) {
				due.add(job.getKey());
			}
			else if (lookAt - next < 0) {
				next = lookAt;
			}
		}
		for (int from = 0; from < due.size(); from += BATCH) {
			look(due.subList(from, Math.min(from + BATCH, due.size())));
		}
		if (this.closed || this.waiting.isEmpty()) {
			return -1;
		}
		// those that were looked at are due no sooner
		return due.isEmpty() ? Math.max(SHORTEST_WAIT, next - now) : SHORTEST_WAIT;
	}

	private void look(List<String> ids) {
		ids.forEach(this::putOff);
		Map<String, JobState> states = this.queries.readStates(ids);
		for (String id : ids) {
			JobState state = states.get(id);
			if (state == null) {
				fail(id, new JobGoneException(id));
			}
			else if (state.isEnd()) {
				complete(id);
			}
		}
		if (this.failing) {
			this.failing = false;
			logger.info("Jobs that are waited for can be looked at again");
		}
	}

	/** Before the look: an event that comes meanwhile asks for another one. */
	private void putOff(String id) {
		Waiting job = this.waiting.get(id);
		if (job != null) {
			long now = System.nanoTime();
			job.lookAt = now + Math.max(SHORTEST_WAIT, Math.min(LONGEST_WAIT, (now - job.since) / PART));
		}
	}

	private void complete(String id) {
		JobDocument found = this.queries.readOutcome(id);
		if (found == null) {
			fail(id, new JobGoneException(id));
		}
		else if (found.toJob().state().isEnd()) {
			Waiting ended = this.waiting.remove(id);
			if (ended != null) {
				ended.completions.forEach((completion) -> completion.end(found));
			}
		}
	}

	private void fail(String id, RuntimeException reason) {
		Waiting failed = this.waiting.remove(id);
		if (failed != null) {
			failed.completions.forEach((completion) -> completion.fail(reason));
		}
	}

	private void complain(Throwable thrown) {
		if (this.failing) {
			logger.debug("Jobs that are waited for still cannot be looked at", thrown);
			return;
		}
		this.failing = true;
		if (thrown instanceof TaskQueueException) {
			logger.warn("{} jobs that are waited for cannot be looked at; it is tried again until it works: {}",
					this.waiting.size(), thrown.getMessage());
		}
		else {
			logger.error("An error in looking at jobs that are waited for; it is tried again until it works", thrown);
		}
	}

	/** A job, with those who wait for it: they change only while it is in the map. */
	private static final class Waiting {

		private final long since;

		private final List<Completion<?>> completions = new ArrayList<>(1);

		private volatile long lookAt;

		private Waiting(long since) {
			this.since = since;
		}

	}

	private record Completion<R>(CompletableFuture<@Nullable R> future, Function<JobDocument, @Nullable R> result) {

		void end(JobDocument ended) {
			try {
				R value = this.result.apply(ended);
				this.future.defaultExecutor().execute(() -> this.future.complete(value));
			}
			catch (RuntimeException | Error ex) {
				fail(ex);
			}
		}

		/** Not in this thread: what depends on the future may take its time. */
		void fail(Throwable reason) {
			this.future.defaultExecutor().execute(() -> this.future.completeExceptionally(reason));
		}

	}

}
