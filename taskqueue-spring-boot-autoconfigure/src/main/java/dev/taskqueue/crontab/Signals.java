package dev.taskqueue.crontab;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * What the loops tell each other: which rows changed, that all must be looked through,
 * that it is over.
 */
final class Signals {

	/** With more changes than this it is cheaper to look through all rows. */
	private static final int MOST_CHANGES = 10_000;

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition raised = this.lock.newCondition();

	private final Set<BsonValue> changed = new LinkedHashSet<>();

	private boolean all;

	/** Something changed, even if nobody can say which row. */
	private boolean heard;

	private boolean stopped;

	/**
	 * A row changed.
	 * @param id its id; null where the driver cannot read it
	 */
	void changed(@Nullable BsonValue id) {
		this.lock.lock();
		try {
			this.heard = true;
			if (id == null) {
				return;
			}
			if (this.changed.size() < MOST_CHANGES) {
				this.changed.add(id);
			}
			else {
				this.all = true;
			}
			this.raised.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	void lookThroughAll() {
		this.lock.lock();
		try {
			this.all = true;
			this.raised.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	void stop() {
		this.lock.lock();
		try {
			this.stopped = true;
			this.raised.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	boolean isStopped() {
		this.lock.lock();
		try {
			return this.stopped;
		}
		finally {
			this.lock.unlock();
		}
	}

	boolean isRaised() {
		this.lock.lock();
		try {
			return this.stopped || this.all || !this.changed.isEmpty();
		}
		finally {
			this.lock.unlock();
		}
	}

	List<BsonValue> takeChanged(int most) {
		this.lock.lock();
		try {
			List<BsonValue> taken = this.changed.stream().limit(most).toList();
			this.changed.removeAll(Set.copyOf(taken));
			return taken;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Forgets what is for the node that does the work. */
	void clear() {
		this.lock.lock();
		try {
			this.all = false;
			this.changed.clear();
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Whether a row changed since it was asked last. */
	boolean takeHeard() {
		this.lock.lock();
		try {
			boolean taken = this.heard;
			this.heard = false;
			return taken;
		}
		finally {
			this.lock.unlock();
		}
	}

	boolean takeAll() {
		this.lock.lock();
		try {
			boolean taken = this.all;
			this.all = false;
			return taken;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Waits for a signal.
	 * @param longest the longest wait
	 * @throws InterruptedException if the thread is interrupted
	 */
	void await(Duration longest) throws InterruptedException {
		this.lock.lock();
		try {
			long left = longest.toNanos();
			while (!(this.stopped || this.all || !this.changed.isEmpty()) && left > 0) {
				left = this.raised.awaitNanos(left);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Waits for the end, or a time.
	 * @param longest the longest wait
	 * @throws InterruptedException if the thread is interrupted
	 */
	void awaitStop(Duration longest) throws InterruptedException {
		this.lock.lock();
		try {
			long left = longest.toNanos();
			while (!this.stopped && left > 0) {
				left = this.raised.awaitNanos(left);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

}
