package dev.taskqueue.claim;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * What the claimer waits for: a queue that may have due jobs, a slot that became free, or
 * the end. Remembers which queues may have jobs that wait.
 */
final class Wakeups {

	private final Lock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final Set<String> queues = new HashSet<>();

	private boolean signalled;

	private long told;

	/** The queues in which jobs may wait, with the number of the last telling. */
	private final Map<String, Long> open = new ConcurrentHashMap<>();

	/** A queue may have due jobs. */
	void wake(String queue) {
		this.lock.lock();
		try {
			this.open.put(queue, ++this.told);
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

	/** Jobs may wait in a queue, though nobody tells of one. */
	void open(String queue) {
		this.open.putIfAbsent(queue, 0L);
	}

	/**
	 * To be asked before a look at a queue.
	 * @return what {@link #settled} is to be told; null where nothing is known to wait
	 */
	@Nullable Long lastTold(String queue) {
		return this.open.get(queue);
	}

	/**
	 * A look found nothing that waits.
	 * @param queue the queue
	 * @param lastTold as it was before the look: what was told since may wait
	 */
	void settled(String queue, @Nullable Long lastTold) {
		if (lastTold != null) {
			this.open.remove(queue, lastTold);
		}
	}

	/** Whether no job is known to wait in a queue. */
	boolean isQuiet(String queue) {
		return !this.open.containsKey(queue);
	}

	/** Whether jobs of some queue are known to wait. */
	boolean isOpen(Predicate<String> queues) {
		return this.open.keySet().stream().anyMatch(queues);
	}

	private void signal() {
		this.signalled = true;
		this.changed.signalAll();
	}

}
