package dev.taskqueue.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.TaskQueueDatabase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rounds in which lost workers are found and their jobs taken back.
 */
final class Recovery {

	/** A round ends after so many jobs and the next goes on: within seconds it stops. */
	static final int JOBS = 2_000;

	/**
	 * What a worker without jobs counts for: its look-up and the removal take time too.
	 */
	private static final int EMPTY = 100;

	private static final Logger logger = LoggerFactory.getLogger(Recovery.class);

	private final TaskQueueDatabase database;

	private final Duration lease;

	private final Heartbeat heartbeat;

	private final Judge judge;

	private final TakeBack takeBack;

	private final LongSupplier nanoTime;

	private final Map<String, Tally> tallies = new HashMap<>();

	private @Nullable Long lookedAtJobs;

	Recovery(TaskQueueDatabase database, Duration lease, Heartbeat heartbeat, Judge judge, TakeBack takeBack,
			LongSupplier nanoTime) {
		this.database = database;
		this.lease = lease;
		this.heartbeat = heartbeat;
		this.judge = judge;
		this.takeBack = takeBack;
		this.nanoTime = nanoTime;
	}

	/**
	 * One round.
	 * @return true if it stopped at its bound, so that the next should follow at once
	 */
	boolean round() {
		Set<@Nullable String> lost = new LinkedHashSet<>();
		if (isTimeToLookAtJobs()) {
			// the jobs first: who is found here had its document before
			if (RunningJobs.exist(this.database)) {
				List<String> running = RunningJobs.workers(this.database);
				lost.addAll(this.judge.withoutDocument(running));
				if (RunningJobs.exist(this.database, null)) {
					lost.add(null);
				}
			}
			this.takeBack.forgetFailures();
			this.lookedAtJobs = this.nanoTime.getAsLong();
		}
		lost.addAll(this.judge.lost());
		List<@Nullable String> order = new ArrayList<>(lost);
		Collections.shuffle(order);
		int left = JOBS;
		for (String worker : order) {
			left = takeBack(worker, left);
		}
		return left <= 0 && this.heartbeat.isFresh();
	}

	private boolean isTimeToLookAtJobs() {
		Long last = this.lookedAtJobs;
		return last == null || this.nanoTime.getAsLong() - last >= this.lease.toNanos();
	}

	private int takeBack(@Nullable String worker, int jobs) {
		long began = this.nanoTime.getAsLong();
		int left = jobs;
		int taken = 0;
		boolean emptied = false;
		while (left > 0 && !emptied && this.heartbeat.isFresh()) {
			TakeBack.Portion portion = this.takeBack.takeBack(worker);
			taken += portion.taken();
			left -= Math.max(portion.found(), EMPTY);
			emptied = portion.found() < TakeBack.PORTION;
		}
		if (taken > 0) {
			this.tallies.merge(String.valueOf(worker), new Tally(taken, began), Tally::plus);
		}
		Tally tally = emptied ? this.tallies.remove(String.valueOf(worker)) : null;
		if (tally != null) {
			logger.info("Took back {} jobs of the lost worker '{}' within {} ms", tally.jobs, worker,
					Duration.ofNanos(this.nanoTime.getAsLong() - tally.began).toMillis());
		}
		if (emptied && worker != null && !RunningJobs.exist(this.database, worker)) {
			CrashPoint.RECOVERY_EMPTY.reached();
			this.judge.forget(worker);
		}
		return left;
	}

	/** What this node took back over several rounds: said once, when it is over. */
	private record Tally(int jobs, long began) {

		Tally plus(Tally next) {
			return new Tally(this.jobs + next.jobs, this.began);
		}

	}

}
