package dev.taskqueue.submit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * Two group commits side by side: while the server writes and flushes the jobs of one,
 * the submitters of the other come together.
 * <p>
 * The second has a part only where there are more than 32 submitters at once. A command
 * costs the server as much as some jobs, so that few submitters do better in one group:
 * 16 threads wrote 0.99 times as much in two, 32 threads 1.03 and 1.11 times, 64 threads
 * 1.06 to 1.19 times (in turn in one process, on two cores; decision 0042).
 */
final class PairedCommit {

	/** So many are one group. */
	private static final int FULL = 32;

	private final Side first;

	private final Side second;

	/**
	 * Creates one.
	 * @param insert sends some jobs once, within a time; two threads call it at a time
	 * @param timeout the longest that one submit waits
	 */
	PairedCommit(BiConsumer<List<NewJob>, Duration> insert, Duration timeout) {
		this.first = new Side(new GroupCommit(insert, timeout));
		this.second = new Side(new GroupCommit(insert, timeout));
	}

	/**
	 * As {@link GroupCommit#submit}.
	 * @param job the job
	 */
	void submit(NewJob job) {
		int crowd = this.first.submitters.get();
		Side side = (crowd < FULL || crowd <= this.second.submitters.get()) ? this.first : this.second;
		side.submit(job);
	}

	private static final class Side {

		private final GroupCommit commit;

		private final AtomicInteger submitters = new AtomicInteger();

		Side(GroupCommit commit) {
			this.commit = commit;
		}

		void submit(NewJob job) {
			this.submitters.incrementAndGet();
			try {
				this.commit.submit(job);
			}
			finally {
				this.submitters.decrementAndGet();
			}
		}

	}

}
