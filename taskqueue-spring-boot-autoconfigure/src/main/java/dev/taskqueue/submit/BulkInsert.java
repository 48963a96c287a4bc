package dev.taskqueue.submit;

import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;

import dev.taskqueue.TaskQueueException;

/**
 * Writes one batch of a bulk until each of its jobs is settled.
 */
final class BulkInsert {

	private final BiConsumer<List<NewJob>, Duration> insert;

	private final Duration timeout;

	BulkInsert(BiConsumer<List<NewJob>, Duration> insert, Duration timeout) {
		this.insert = insert;
		this.timeout = timeout;
	}

	/**
	 * Returns when all are taken.
	 * @param batch the jobs
	 * @throws IllegalArgumentException for the first whose id is taken by another
	 * @throws TaskQueueException for the first that was refused, or not taken in time
	 */
	void write(List<NewJob> batch) {
		long deadline = System.nanoTime() + this.timeout.toNanos();
		Backoff backoff = Backoff.NONE;
		List<NewJob> open = batch;
		while (!open.isEmpty()) {
			Duration remaining = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
			checkInTime(open.get(0), remaining);
			if (backoff.isOver(remaining)) {
				Duration half = this.timeout.dividedBy(2);
				this.insert.accept(nextGroup(open), (remaining.compareTo(half) < 0) ? remaining : half);
				backoff = open.stream().anyMatch((job) -> job.isOpen() && !job.isAlone()) ? backoff.next()
						: Backoff.NONE;
				open = open.stream().filter(NewJob::isOpen).toList();
			}
		}
		for (NewJob job : batch) {
			RuntimeException failure = job.failure();
			if (!job.isTaken() && failure != null) {
				throw failure;
			}
		}
	}

	private static List<NewJob> nextGroup(List<NewJob> open) {
		return open.get(0).isAlone() ? open.subList(0, 1) : open.stream().filter((job) -> !job.isAlone()).toList();
	}

	private void checkInTime(NewJob job, Duration remaining) {
		boolean interrupted = Thread.currentThread().isInterrupted();
		if (interrupted || remaining.isZero()) {
			throw GroupCommit.notTaken(job,
					interrupted ? "the submitting thread was interrupted"
							: "MongoDB did not take its batch within " + this.timeout.toMillis() + " ms",
					job.isTried());
		}
	}

}
