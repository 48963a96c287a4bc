package dev.taskqueue.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

import dev.taskqueue.crontab.CrontabStatus;
import dev.taskqueue.store.Outage;
import dev.taskqueue.worker.WorkerStatus;
import dev.taskqueue.worker.WorkerStatus.StuckAttempt;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * DOWN when this node cannot run jobs and others have taken over what it held: MongoDB
 * has not answered for longer than a lease, or the node was taken for dead and is not
 * back yet. It comes back by itself, so it is no reason to restart the application:
 * nothing for a liveness probe.
 */
public class TaskQueueHealthIndicator extends AbstractHealthIndicator {

	private final Outage outage;

	private final Duration lease;

	private final Supplier<@Nullable WorkerStatus> worker;

	private final Supplier<@Nullable CrontabStatus> crontab;

	private final Supplier<List<String>> missingIndexes;

	/**
	 * Creates it.
	 * @param outage whether the server can be reached
	 * @param lease how long it may be gone
	 * @param worker asks the worker; gives null while there is none
	 * @param crontab asks the scheduler; gives null while there is none
	 * @param missingIndexes gives a line for mongosh for each index that somebody else is
	 * to create
	 */
	public TaskQueueHealthIndicator(Outage outage, Duration lease, Supplier<@Nullable WorkerStatus> worker,
			Supplier<@Nullable CrontabStatus> crontab, Supplier<List<String>> missingIndexes) {
		super("The health of the task queue cannot be told");
		this.outage = outage;
		this.lease = lease;
		this.worker = worker;
		this.crontab = crontab;
		this.missingIndexes = missingIndexes;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		builder.up();
		WorkerStatus status = this.worker.get();
		if (status != null) {
			tellWorker(builder, status);
		}
		List<String> missing = this.missingIndexes.get();
		if (!missing.isEmpty()) {
			builder.withDetail("indexes", missing);
		}
		Set<String> broken = this.outage.broken();
		if (!broken.isEmpty()) {
			builder.withDetail("errors", broken);
		}
		Duration lasting = this.outage.lasting();
		if (!lasting.isZero()) {
			builder.withDetail("mongodb", "no answer for " + lasting.toSeconds() + " s: " + this.outage.cause());
			if (lasting.compareTo(this.lease) > 0) {
				builder.down();
			}
			return;
		}
		CrontabStatus crontabStatus = this.crontab.get();
		if (crontabStatus != null) {
			builder.withDetail("crontabLag", crontabStatus.lag());
		}
	}

	private static void tellWorker(Health.Builder builder, WorkerStatus status) {
		builder.withDetail("worker", status.id())
			.withDetail("running", status.running())
			.withDetail("concurrency", status.concurrency());
		if (!status.leaseFresh()) {
			builder.down()
				.withDetail("lease", "not held: the last heart-beat was acknowledged "
						+ status.sinceLastBeat().toSeconds() + " s ago; it is tried again");
		}
		List<StuckAttempt> stuck = status.stuck();
		if (!stuck.isEmpty()) {
			builder.withDetail("stuck", stuck.stream().map(TaskQueueHealthIndicator::text).toList());
		}
		if (!status.planProblem().isEmpty()) {
			builder.withDetail("plan", status.planProblem());
		}
	}

	private static String text(StuckAttempt attempt) {
		return "job " + attempt.jobId() + " of function '" + attempt.function() + "' in thread " + attempt.thread()
				+ " ignores its interrupt since " + attempt.since().toSeconds() + " s";
	}

}
