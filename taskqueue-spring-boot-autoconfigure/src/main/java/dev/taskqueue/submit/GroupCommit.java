package dev.taskqueue.submit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

import dev.taskqueue.TaskQueueException;

/**
 * Writes the jobs of many submitters together, in their own threads: whoever finds nobody
 * leading leads, and all that come while it writes wait. The leader leaves when its own
 * job is settled and names the next in the queue, so nobody works for others longer than
 * for itself. A job alone is written at once.
 * <p>
 * Only one of its groups is under way at a time: that lets the next one grow. And since
 * the submitters of one group tend to come back together, a leader waits a moment for as
 * many as there were lately: half the time that the last write took, and a millisecond at
 * most. With 64 threads that doubles what is written in a second (8,200 to 17,800 on two
 * busy cores, bare inserts: 3,500; an eighth of the time gained a sixth only). With one
 * thread there is nobody to wait for, and where fewer come the next one expects fewer.
 * <p>
 * What a leader leaves open (an outage, its own end by an error or an interrupt) goes
 * back to the head of the queue for the next leader. Each submitter waits until its own
 * deadline at the longest, whoever leads.
 */
final class GroupCommit {

	/** More in one command gains nothing and makes the first one wait for the last. */
	private static final int MAX_JOBS = 1000;

	private static final long MAX_BYTES = 8L * 1024 * 1024;

	private static final int SHOWN = 300;

	private static final long MOST_PATIENCE = Duration.ofMillis(1).toNanos();

	private final BiConsumer<List<NewJob>, Duration> insert;

	private final Duration timeout;

	private final ReentrantLock lock = new ReentrantLock();

	/** The submitters that nobody writes for at the moment, the leader at the head. */
	private final Deque<Waiter> queue = new ArrayDeque<>();

	private boolean led;

	/** How many submitters there were when the last group ended. Guarded by the lock. */
	private int expected;

	/** How long to wait for them. Only a leader touches it; the lock hands it on. */
	private long patience;

	/** Only a leader touches it; the lock hands it on. */
	private Backoff backoff = Backoff.NONE;

	/**
	 * Creates one.
	 * @param insert sends some jobs once, within a time
	 * @param timeout the longest that one submit waits
	 */
	GroupCommit(BiConsumer<List<NewJob>, Duration> insert, Duration timeout) {
		this.insert = insert;
		this.timeout = timeout;
	}

	/**
	 * Returns when the job is taken.
	 * @param job the job
	 * @throws IllegalArgumentException if its id is taken by another
	 * @throws TaskQueueException if it was refused, or not taken in time
	 */
	void submit(NewJob job) {
		Waiter me = new Waiter(job, System.nanoTime() + this.timeout.toNanos());
		enter(me);
		try {
			while (!me.settled) {
				me.checkInTime(this.timeout);
				if (!me.leads) {
					LockSupport.parkNanos(this, me.remaining().toNanos());
				}
				else if (this.backoff.isOver(me.remaining())) {
					lead(me);
				}
			}
		}
		finally {
			leave(me);
		}
		if (!job.isTaken() && job.failure() != null) {
			throw job.failure();
		}
	}

	private void enter(Waiter me) {
		this.lock.lock();
		try {
			this.queue.addLast(me);
			if (!this.led) {
				this.led = true;
				me.leads = true;
			}
			else if (this.queue.size() == this.expected) {
				LockSupport.unpark(this.queue.getFirst().thread);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	private void lead(Waiter me) {
		gather();
		List<Waiter> group = nextGroup();
		List<Waiter> settled = new ArrayList<>(group.size());
		boolean answered = false;
		long start = System.nanoTime();
		try {
			// half the time, so that a connection that hangs leaves time for another
			Duration half = this.timeout.dividedBy(2);
			Duration atMost = (me.remaining().compareTo(half) < 0) ? me.remaining() : half;
			this.insert.accept(group.stream().map((waiter) -> waiter.job).toList(), atMost);
			answered = true;
		}
		finally {
			this.patience = Math.min(MOST_PATIENCE, (System.nanoTime() - start) / 2);
			settle(me, group, settled, answered);
		}
	}

	private void gather() {
		long until = System.nanoTime() + this.patience;
		for (long left = this.patience; left > 0 && !isGathered(); left = until - System.nanoTime()) {
			LockSupport.parkNanos(this, left);
		}
	}

	private boolean isGathered() {
		this.lock.lock();
		try {
			return this.queue.size() >= Math.min(this.expected, MAX_JOBS) || Thread.currentThread().isInterrupted();
		}
		finally {
			this.lock.unlock();
		}
	}

	private List<Waiter> nextGroup() {
		this.lock.lock();
		try {
			List<Waiter> group = new ArrayList<>(this.queue.size());
			long bytes = 0;
			while (!this.queue.isEmpty() && group.size() < MAX_JOBS) {
				Waiter next = this.queue.getFirst();
				bytes += next.job.size();
				if (!group.isEmpty() && (bytes > MAX_BYTES || next.job.isAlone())) {
					break;
				}
				next.sent = true;
				group.add(this.queue.removeFirst());
				if (next.job.isAlone()) {
					break;
				}
			}
			return group;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void settle(Waiter me, List<Waiter> group, List<Waiter> settled, boolean answered) {
		this.lock.lock();
		try {
			boolean open = false;
			for (int i = group.size() - 1; i >= 0; i--) {
				Waiter waiter = group.get(i);
				if (!waiter.job.isOpen()) {
					settled.add(waiter);
				}
				else {
					open |= answered;
					waiter.job.tried();
					if (!waiter.gone) {
						this.queue.addFirst(waiter);
					}
				}
			}
			this.expected = settled.size() + this.queue.size();
			this.backoff = open ? this.backoff.next() : Backoff.NONE;
			if (!me.job.isOpen()) {
				// before the others wake, so that the next write begins meanwhile
				passOn(me);
			}
		}
		finally {
			this.lock.unlock();
		}
		for (int i = settled.size() - 1; i >= 0; i--) {
			Waiter waiter = settled.get(i);
			waiter.settled = true;
			if (waiter != me) {
				LockSupport.unpark(waiter.thread);
			}
		}
	}

	private void leave(Waiter me) {
		if (me.settled && !me.leads) {
			return;
		}
		this.lock.lock();
		try {
			me.gone = true;
			this.queue.remove(me);
			passOn(me);
		}
		finally {
			this.lock.unlock();
		}
	}

	private void passOn(Waiter me) {
		if (!me.leads) {
			return;
		}
		me.leads = false;
		Waiter next = this.queue.peekFirst();
		this.led = next != null;
		if (next != null) {
			next.leads = true;
			LockSupport.unpark(next.thread);
		}
	}

	private static final class Waiter {

		private final NewJob job;

		private final long deadline;

		private final Thread thread = Thread.currentThread();

		/** Set when the job has its end: what was written to it before is seen then. */
		private volatile boolean settled;

		private volatile boolean leads;

		/** Set once some leader took it into a group: it may exist from then on. */
		private volatile boolean sent;

		/** Its thread waits no longer. Guarded by the lock. */
		private boolean gone;

		Waiter(NewJob job, long deadline) {
			this.job = job;
			this.deadline = deadline;
		}

		Duration remaining() {
			return Duration.ofNanos(Math.max(0, this.deadline - System.nanoTime()));
		}

		void checkInTime(Duration timeout) {
			boolean interrupted = this.thread.isInterrupted();
			if (!interrupted && !remaining().isZero()) {
				return;
			}
			String event = interrupted ? "the submitting thread was interrupted"
					: "MongoDB did not take it within " + timeout.toMillis() + " ms";
			throw notTaken(this.job, event, this.sent);
		}

	}

	/**
	 * What a submitter is told when it can wait no longer.
	 * @param job the job
	 * @param event why
	 * @param sent whether it may exist
	 * @return the exception
	 */
	static TaskQueueException notTaken(NewJob job, String event, boolean sent) {
		RuntimeException cause = job.failure();
		return new TaskQueueException(job + ": " + event + ". "
				+ (sent ? "It is not known whether the job exists. Look it up by its id; to submit it again without "
						+ "doubling it, give it an id of your own." : "It does not exist. Submit it again.")
				+ ((cause != null) ? " The last failure was: " + shortened(cause) : ""), cause);
	}

	/** The driver describes the whole cluster; the cause keeps that. */
	private static String shortened(RuntimeException cause) {
		String text = String.valueOf(cause.getMessage());
		return (text.length() > SHOWN) ? text.substring(0, SHOWN) + "…" : text;
	}

}
