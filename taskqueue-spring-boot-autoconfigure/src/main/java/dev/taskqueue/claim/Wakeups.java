package dev.taskqueue.claim;

import java.util.HashSet;
import java.util.Set;
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

	/** A queue may have due jobs. */
	void wake(String queue) {
		this.lock.lock();
		try {
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
	Set<String> await(long nanos) throws InterruptedException {
		this.lock.lock();
		try {
			long left = nanos;
			while (!this.signalled && left > 0) {
				left = this.changed.awaitNanos(left);
			}
			this.signalled = false;
			Set<String> woken = Set.copyOf(this.queues);
			this.queues.clear();
			return woken;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void signal() {
		this.signalled = true;
		this.changed.signalAll();
	}

}
