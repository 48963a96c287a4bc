package dev.taskqueue.claim;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.UnreadableDocumentException;

/**
 * Looks now and then for what no claim finds by itself: queues that only other programs
 * use, and documents in disorder.
 */
final class Discovery {

	private static final Duration INTERVAL = Duration.ofSeconds(10);

	/** Where a change stream tells of both; it does not tell of all disorder. */
	private static final Duration BESIDE_STREAM = Duration.ofSeconds(60);

	/** So many jobs with no name as queue are set aside with each look for queues. */
	private static final int MOST_ASIDE = 1000;

	private final ClaimQuery query;

	private final Strays strays;

	private final QueueOrder order;

	private final boolean otherQueues;

	private final Clock clock;

	private long lookAt = System.nanoTime();

	private volatile boolean asked;

	Discovery(ClaimQuery query, Strays strays, QueueOrder order, boolean otherQueues, Clock clock) {
		this.query = query;
		this.strays = strays;
		this.order = order;
		this.otherQueues = otherQueues;
		this.clock = clock;
	}

	/** There is something: the next look is due. */
	void ask() {
		this.asked = true;
	}

	/** There may be something in a queue of which this worker has not heard yet. */
	void lookSoon(long nanoTime) {
		this.lookAt = Math.min(this.lookAt - nanoTime, INTERVAL.toNanos()) + nanoTime;
	}

	/** Looks if it is time to. */
	void look(long nanoTime, boolean besideStream) {
		if (!this.asked && nanoTime - this.lookAt < 0) {
			return;
		}
		this.asked = false;
		// should it fail, it is still to be done
		this.lookAt = nanoTime;
		Instant now = this.clock.instant();
		if (this.strays.mend(now)) {
			this.order.wakeAll();
		}
		if (this.otherQueues) {
			findQueues(now);
		}
		this.lookAt = nanoTime + (besideStream ? BESIDE_STREAM : INTERVAL).toNanos();
	}

	long nanosToNext(long nanoTime) {
		return this.lookAt - nanoTime;
	}

	private void findQueues(Instant now) {
		String last = null;
		JobDocument job = this.query.findInNextQueue(null, this.strays.refused());
		for (int aside = 0; job != null
				&& aside < MOST_ASIDE; job = this.query.findInNextQueue(last, this.strays.refused())) {
			if (job.document().get(JobDocument.QUEUE) instanceof String queue) {
				this.order.add(queue);
				last = queue;
			}
			else {
				// an array, which is found by its elements, or what compares as a text
				// and is none
				this.strays.setAside(job, new UnreadableDocumentException(JobDocument.QUEUE,
						job.document().get(JobDocument.QUEUE), "the name of a queue"), now);
				aside++;
			}
		}
	}

}
