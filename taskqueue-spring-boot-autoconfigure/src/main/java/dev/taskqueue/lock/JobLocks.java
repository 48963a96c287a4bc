package dev.taskqueue.lock;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.LockWait;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.TaskQueueDatabase;
import org.jspecify.annotations.Nullable;

/**
 * Takes locks for attempts, and hands them on to the jobs that wait for them. The
 * protocol stands in the package's documentation. One for each worker; {@link #run()} has
 * a thread of its own, all other methods can be called from any.
 */
public final class JobLocks {

	private static final String TAKING = "taking locks of jobs";

	private static final String HANDING_ON = "handing on locks of jobs";

	/** A lock that is promised again and again, since those woken are gone. */
	private static final int MOST_TRIES = 100;

	private static final int MOST_RELEASED = 1000;

	/**
	 * Of so many looks one is at locks that nobody waits for, to remove what a lost
	 * process left: until then it is in nobody's way.
	 */
	private static final int LOOKS_AT_HELD = 20;

	private static final Duration SOON = Duration.ofMillis(100);

	private static final long AFTER_FAILURE = Duration.ofMillis(250).toNanos();

	private final Holders holders;

	private final WaitingJobs waiting;

	private final Outage outage;

	private final Duration interval;

	private final Supplier<? extends Collection<String>> pausedQueues;

	private final Consumer<String> wake;

	private final Queue<Release> releases = new ConcurrentLinkedQueue<>();

	private final Queue<String> looks = new ConcurrentLinkedQueue<>();

	private final Semaphore signal = new Semaphore(0);

	/** The locks that are to be looked at, and when. Only the thread touches it. */
	private final Map<String, Long> due = new HashMap<>();

	private @Nullable AllLocks all;

	private long allAt = System.nanoTime();

	private int looksAtAll;

	private volatile boolean lookAtAll;

	private volatile boolean stopped;

	/**
	 * Creates one.
	 * @param database the collections
	 * @param clock the server's clock
	 * @param outage told of failures
	 * @param interval how often all locks that some job waits for are looked at, for what
	 * a lost process left
	 * @param pausedQueues the names of queues whose jobs cannot run now
	 * @param wake told of the queue of each job that was woken
	 */
	public JobLocks(TaskQueueDatabase database, Clock clock, Outage outage, Duration interval,
			Supplier<? extends Collection<String>> pausedQueues, Consumer<String> wake) {
		this.holders = new Holders(database, clock);
		this.waiting = new WaitingJobs(database.jobs());
		this.outage = outage;
		this.interval = interval;
		this.pausedQueues = pausedQueues;
		this.wake = wake;
	}

	/**
	 * Takes a lock for an attempt that is about to begin.
	 * @param lock its name
	 * @param job the job as it was claimed
	 * @param claim the token of the claim
	 * @return true if the attempt has it, until {@link #release}; false if another has
	 * it, or if the server does not say: the job must wait, and then {@link #look}
	 */
	public boolean take(String lock, JobDocument job, String claim) {
		try {
			boolean taken = this.holders.take(lock, job.id(), claim);
			if (taken) {
				CrashPoint.LOCK_TAKEN.reached();
				if (job.document().containsKey(JobDocument.WAITS)) {
					this.waiting.left(job, claim);
				}
			}
			this.outage.over(TAKING);
			return taken;
		}
		catch (MongoException ex) {
			this.outage.failed(TAKING, ex);
			return false;
		}
		catch (RuntimeException | Error ex) {
			// taken or not: when the job waits, the look finds the lock free
			this.outage.broke(TAKING, ex);
			return false;
		}
	}

	/**
	 * Frees a lock soon; returns at once.
	 * @param lock its name
	 * @param job the job that had it
	 * @param claim the token of its claim, by which nothing is done any more
	 */
	public void release(String lock, JobDocument job, String claim) {
		this.releases.add(new Release(lock, Holder.by(Holders.key(lock), job.id(), claim)));
		this.signal.release();
	}

	/**
	 * Looks soon whether a lock is free, since a job waits for it; returns at once.
	 * @param lock its name
	 */
	public void look(String lock) {
		this.looks.add(lock);
		this.signal.release();
	}

	/** Looks soon at all locks, since jobs were taken back that may have held some. */
	public void lookAtAll() {
		this.lookAtAll = true;
		this.signal.release();
	}

	/** Hands locks on until {@link #stop()}, and those that are free by then. */
	public void run() {
		boolean failed = false;
		while (!this.stopped || !(failed || isDone())) {
			try {
				if (this.signal.tryAcquire(nanosToNext(), TimeUnit.NANOSECONDS)) {
					this.signal.drainPermits();
				}
				handOn();
				failed = false;
				this.outage.over(HANDING_ON);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return;
			}
			catch (MongoException ex) {
				failed = true;
				this.outage.failed(HANDING_ON, ex);
				LockSupport.parkNanos(this, AFTER_FAILURE);
			}
			catch (RuntimeException | Error ex) {
				failed = true;
				this.outage.broke(HANDING_ON, ex);
				LockSupport.parkNanos(this, AFTER_FAILURE);
			}
		}
	}

	/** Ends {@link #run()}. */
	public void stop() {
		this.stopped = true;
		this.signal.release();
	}

	private boolean isDone() {
		return this.releases.isEmpty() && this.looks.isEmpty();
	}

	private long nanosToNext() {
		if (this.all != null || this.lookAtAll) {
			return 0;
		}
		long now = System.nanoTime();
		long nanos = this.allAt - now;
		for (long at : this.due.values()) {
			nanos = Math.min(nanos, at - now);
		}
		return nanos;
	}

	/** What fails is still due. */
	void handOn() {
		long now = System.nanoTime();
		Set<String> freed = freeReleased(now);
		for (String lock = this.looks.poll(); lock != null; lock = this.looks.poll()) {
			this.due.put(lock, now);
		}
		lookAtSome(now);
		for (Map.Entry<String, Long> entry : List.copyOf(this.due.entrySet())) {
			if (entry.getValue() - now <= 0) {
				Duration again = handOn(entry.getKey(), freed.contains(entry.getKey()));
				if (again != null) {
					this.due.put(entry.getKey(), System.nanoTime() + again.toNanos());
				}
				else {
					this.due.remove(entry.getKey());
				}
			}
		}
	}

	private Set<String> freeReleased(long now) {
		Set<String> freed = new HashSet<>();
		List<Holder> over = new ArrayList<>();
		for (Release release = this.releases.poll(); release != null; release = this.releases.poll()) {
			this.due.put(release.lock(), now);
			freed.add(release.lock());
			over.add(release.holder());
			if (over.size() == MOST_RELEASED) {
				break;
			}
		}
		if (!over.isEmpty()) {
			this.holders.release(over);
			CrashPoint.LOCK_RELEASED.reached();
		}
		return freed;
	}

	/** A portion of all locks, so that those which become free need not wait for them. */
	private void lookAtSome(long now) {
		if (this.all == null && (this.lookAtAll || now - this.allAt >= 0)) {
			boolean andHeld = this.lookAtAll || this.looksAtAll++ % LOOKS_AT_HELD == 0;
			this.lookAtAll = false;
			this.allAt = now + this.interval.toNanos();
			this.all = new AllLocks(this.waiting, this.holders, andHeld);
		}
		if (this.all != null) {
			List<String> some = this.all.next();
			some.forEach((lock) -> this.due.put(lock, now));
			if (some.isEmpty()) {
				this.all = null;
			}
		}
	}

	/**
	 * Promises a lock to the job that has waited longest, if it is free.
	 * @param freed whether it was free a moment ago
	 * @return after which time it is to be looked at again, or null for not at all
	 */
	private @Nullable Duration handOn(String lock, boolean freed) {
		Holder holder = freed ? null : this.holders.find(lock);
		for (int tries = 0; tries < MOST_TRIES; tries++) {
			if (holder != null && !this.holders.isFree(holder)) {
				return holder.isPromise() ? Holders.PROMISE : null;
			}
			JobDocument first = this.waiting.first(lock, this.pausedQueues.get());
			if (first == null) {
				if (holder == null || this.holders.remove(holder)) {
					return null;
				}
			}
			else if (LockWait.read(first.document()).wasMoved(first.document())) {
				this.waiting.forget(first);
			}
			else if (promise(lock, holder, first)) {
				return Holders.PROMISE;
			}
			holder = this.holders.find(lock);
		}
		return SOON;
	}

	private boolean promise(String lock, @Nullable Holder holder, JobDocument job) {
		Holder promise = this.holders.promise(lock, holder, job.id());
		if (promise == null) {
			return false;
		}
		CrashPoint.LOCK_PROMISED.reached();
		if (!this.waiting.wake(job)) {
			// it does not wait any more: another may have the lock
			this.holders.remove(promise);
			return false;
		}
		if (job.document().get(JobDocument.QUEUE) instanceof String queue) {
			this.wake.accept(queue);
		}
		return true;
	}

	/**
	 * A lock that is to be freed.
	 *
	 * @param lock its name
	 * @param holder who had it
	 */
	private record Release(String lock, Holder holder) {
	}

}
