package dev.taskqueue.trial;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.execute.AttemptFacts;
import dev.taskqueue.history.Entry.Ended;
import dev.taskqueue.history.Entry.How;
import dev.taskqueue.history.Entry.Locked;
import dev.taskqueue.history.Entry.Started;
import dev.taskqueue.history.Entry.Starved;
import dev.taskqueue.history.HistoryFile;
import org.jspecify.annotations.Nullable;

/**
 * What is run in a trial. Each function writes down that it begins and that it leaves,
 * and gives the name of the run as its result, so that the store tells whose outcome it
 * has. The first attempts fail, as many as the job says.
 */
class Functions {

	static final String WORK = "work";

	/** The same, and is revoked now and then. */
	static final String REVOCABLE = "revocable";

	static final String LOCKED = "locked";

	static final String DEAF = "deaf";

	static final String DEVOUR = "devour";

	static final String ROW = "row";

	private final HistoryFile history;

	private final AtomicLong runs = new AtomicLong();

	private volatile int devoured;

	Functions(HistoryFile history) {
		this.history = history;
	}

	@AsyncJob(WORK)
	public String work(JobContext job, int millis, int failures) throws Exception {
		return run(job, () -> work(millis, job.attempt() <= failures));
	}

	private static void work(int millis, boolean fails) throws InterruptedException {
		new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
		if (fails) {
			throw new IllegalStateException("It is to fail");
		}
	}

	/** The same, one at a time among all workers. */
	@AsyncJob(name = LOCKED, lock = LOCKED)
	public String locked(JobContext job, int millis, int failures) throws Exception {
		return run(job, LOCKED, () -> work(millis, job.attempt() <= failures));
	}

	@AsyncJob(REVOCABLE)
	public String revocable(JobContext job, int millis, int failures) throws Exception {
		return work(job, millis, failures);
	}

	/** Hears no interrupt, in the attempts that fail by their time-out. */
	@AsyncJob(DEAF)
	public String deaf(JobContext job, int millis, int failures) throws Exception {
		return run(job, () -> {
			long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
			while (job.attempt() <= failures && System.nanoTime() < end) {
				LockSupport.parkNanos(this, end - System.nanoTime());
				Thread.interrupted();
			}
		});
	}

	/** Takes all memory there is, in the attempts that fail. */
	@AsyncJob(DEVOUR)
	public String devour(JobContext job, int size, int failures) throws Exception {
		this.history.append(new Starved(HistoryFile.now(), this.history.process()));
		return run(job, () -> {
			List<long[]> all = new ArrayList<>();
			while (job.attempt() <= failures) {
				all.add(new long[size]);
				this.devoured = all.size();
			}
		});
	}

	@AsyncJob(ROW)
	public String row(JobContext job) throws Exception {
		return run(job, () -> {
		});
	}

	final String run(JobContext job, Work work) throws Exception {
		return run(job, null, work);
	}

	private String run(JobContext job, @Nullable String lock, Work work) throws Exception {
		String run = this.history.process() + "#" + this.runs.incrementAndGet();
		AttemptFacts facts = AttemptFacts.of(job);
		this.history.append(new Started(HistoryFile.now(), this.history.process(), job.jobId(), run, job.function(),
				job.queue(), facts.worker(), facts.claim(), job.attempt(), facts.recoveries()));
		if (lock != null) {
			this.history.append(new Locked(HistoryFile.now(), this.history.process(), job.jobId(), run, lock));
		}
		How how = How.THREW;
		try {
			work.run();
			how = How.RETURNED;
			return run;
		}
		finally {
			if (job.isCancelled()) {
				how = How.INTERRUPTED;
			}
			this.history.append(new Ended(HistoryFile.now(), this.history.process(), job.jobId(), run, how));
		}
	}

	/** What a function does between its two notes. */
	interface Work {

		void run() throws Exception;

	}

}
