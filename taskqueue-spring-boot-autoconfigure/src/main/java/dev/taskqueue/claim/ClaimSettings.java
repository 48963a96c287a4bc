package dev.taskqueue.claim;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * What a claimer takes.
 *
 * @param concurrency the most attempts at a time
 * @param queues the most attempts at a time of single queues
 * @param otherQueues whether queues that are not among {@code queues} are served too
 * @param weights which queue comes first where several have due jobs
 * @param functions what this worker can run, as it is at each moment
 * @param pollInterval the longest wait between two looks where no change stream wakes
 * @param failedRetention how long a job is kept that cannot be read
 */
public record ClaimSettings(int concurrency, Map<String, Integer> queues, boolean otherQueues, QueueWeights weights,
		Set<String> functions, Duration pollInterval, Duration failedRetention) {
}
