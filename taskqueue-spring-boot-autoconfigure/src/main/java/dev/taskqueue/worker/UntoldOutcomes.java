package dev.taskqueue.worker;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import dev.taskqueue.JobEvent;
import dev.taskqueue.claim.Claim;
import dev.taskqueue.execute.Outcome;

/**
 * Keeps the signals of a job in order on this node. A retry may be due at once, and a
 * lock may be free at once; then the next attempt is claimed while another thread still
 * tells what became of the one before: it waits for that. Jobs that neither fail nor wait
 * for a lock pay nothing.
 */
final class UntoldOutcomes {

	/** A listener that hangs must not hold the jobs too. */
	private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);

	private static final long REST = TimeUnit.MICROSECONDS.toNanos(200);

	private final Set<String> jobs = ConcurrentHashMap.newKeySet();

	/** An attempt failed or found its lock held: that is going to be told. */
	void expect(Outcome outcome) {
		if (outcome instanceof Outcome.Failed || outcome instanceof Outcome.Locked) {
			this.jobs.add(outcome.claim().job().idText());
		}
	}

	/** A signal was told: the last one of its attempt, or not. */
	void told(JobEvent event) {
		if (event instanceof JobEvent.Scheduled || event instanceof JobEvent.Failed
				|| event instanceof JobEvent.Cancelled || event instanceof JobEvent.Interrupted
				|| event instanceof JobEvent.Locked) {
			this.jobs.remove(event.jobId());
		}
	}

	/** Returns when all was told of the attempt before. */
	void await(Claim claim) {
		if (claim.job().claim() == null || this.jobs.isEmpty()) {
			return;
		}
		String job = claim.job().idText();
		long start = System.nanoTime();
		while (this.jobs.contains(job) && System.nanoTime() - start < PATIENCE
				&& !Thread.currentThread().isInterrupted()) {
			LockSupport.parkNanos(this, REST);
		}
	}

}
