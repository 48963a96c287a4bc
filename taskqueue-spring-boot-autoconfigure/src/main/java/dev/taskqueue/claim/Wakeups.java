package dev.taskqueue.claim;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the claimer waits for: a queue that may have due jobs, a slot that became free, or
 * the end.
 */
final class Wakeups {

	private final Lock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final Set<String> queues = new HashSet<>();

	private boolean signalled;

	/** How often it was told of a queue. */
	private final AtomicLong told = new AtomicLong();

	/** A queue may have due jobs. */
	void wake(String queue) {
		this.lock.lock();
		try {
			this.told.incrementAndGet();
			if (this.queues.add(queue)) {
				signal();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Something else is worth a look. */
	void wake() {
		this.lock.lock();
		try {
			signal();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Waits for a signal, or takes the one that came meanwhile.
	 * @param nanos the longest wait
	 * @return the queues that may have due jobs
	 */
	Woken await(long nanos) throws InterruptedException {
		this.lock.lock();
		try {
			long left = nanos;
			while (!this.signalled && left > 0) {
				left = this.changed.awaitNanos(left);
			}
			this.signalled = false;
			Woken woken = new Woken(Set.copyOf(this.queues), this.told.get());
			this.queues.clear();
			return woken;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Whether no queue was told of since. */
	boolean isQuietSince(Woken woken) {
		return this.told.get() == woken.told;
	}

	private void signal() {
		this.signalled = true;
		this.changed.signalAll();
	}

	/**
	 * What it was woken by.
	 *
	 * @param queues those that may have due jobs
	 * @param told how often it had been told of one by then
	 */
	record Woken(Set<String> queues, long told) {

		/** Nothing yet. */
		static final Woken NEVER = new Woken(Set.of(), -1);

	}

}
