package dev.taskqueue.claim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

import dev.taskqueue.store.JobDocument;
import org.jspecify.annotations.Nullable;

/**
 * What the claimer waits for: a queue that may have due jobs, a slot that became free, or
 * the end. Remembers which queues may have jobs that wait.
 */
final class Wakeups {

	/** More are found faster than they are told. */
	static final int MOST_TOLD = 100;

	private final Lock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	/** The jobs that are all that is new in a queue; none where that is not known. */
	private final Map<String, List<JobDocument>> queues = new HashMap<>();

	private boolean signalled;

	private long told;

	/** The queues in which jobs may wait, with the number of the last telling. */
	private final Map<String, Long> open = new ConcurrentHashMap<>();

	/** A queue may have due jobs. */
	void wake(String queue) {
		this.lock.lock();
		try {
			this.open.put(queue, ++this.told);
			if (this.queues.put(queue, List.of()) == null) {
				signal();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/** There is a new job in a queue, which is known as it was inserted. */
	void tell(String queue, JobDocument job) {
		this.lock.lock();
		try {
			this.open.put(queue, ++this.told);
			List<JobDocument> jobs = this.queues.get(queue);
			if (jobs == null) {
				this.queues.put(queue, new ArrayList<>(List.of(job)));
				signal();
			}
			else if (jobs.size() >= MOST_TOLD) {
				this.queues.put(queue, List.of());
			}
			else if (!jobs.isEmpty()) {
				jobs.add(job);
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
	 * @return the queues that may have due jobs, with those that are all that is new;
	 * none where that is not known
	 */
	Map<String, List<JobDocument>> await(long nanos) throws InterruptedException {
		this.lock.lock();
		try {
			long left = nanos;
			while (!this.signalled && left > 0) {
				left = this.changed.awaitNanos(left);
			}
			Map<String, List<JobDocument>> woken = Map.copyOf(this.queues);
			this.signalled = false;
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
