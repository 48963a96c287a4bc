package dev.taskqueue.worker;

import java.time.Duration;
import java.util.Map;

import dev.taskqueue.claim.QueueWeights;
import dev.taskqueue.finish.RetrySettings;
import dev.taskqueue.store.Retention;

/**
 * How one worker is to work.
 *
 * @param concurrency the most attempts at a time, over all queues
 * @param queues the most attempts at a time of single queues
 * @param otherQueues whether queues that are not among {@code queues} are served too
 * @param weights which queue comes first where several have due jobs
 * @param lease how long the worker holds its jobs without a heart-beat
 * @param pollInterval the longest wait between two looks where no change stream wakes
 * @param shutdownTimeout how long running attempts may go on when the worker stops
 * @param jobTimeout the time-out of attempts whose job and function have none; zero is no
 * limit
 * @param maxAttempts attempts in all of jobs that have no number of their own, nor their
 * function
 * @param maxResultSize the largest result in bytes
 * @param retry the waits between attempts
 * @param retention how long ended jobs are kept
 */
public record WorkerSettings(int concurrency, Map<String, Integer> queues, boolean otherQueues, QueueWeights weights,
		Duration lease, Duration pollInterval, Duration shutdownTimeout, Duration jobTimeout, int maxAttempts,
		long maxResultSize, RetrySettings retry, Retention retention) {

	public WorkerSettings {
		queues = Map.copyOf(queues);
	}

}
