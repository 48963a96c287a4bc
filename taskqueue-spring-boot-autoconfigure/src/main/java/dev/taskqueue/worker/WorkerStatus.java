package dev.taskqueue.worker;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a worker does at a moment.
 *
 * @param id its present identity
 * @param leaseFresh whether it holds its lease, and so may start attempts
 * @param sinceLastBeat how long ago its last acknowledged heart-beat was sent
 * @param concurrency the most attempts at a time
 * @param running the attempts under way
 * @param runningByQueue the same by queue
 * @param stuck attempts that ignore their interrupt and so keep their slot
 * @param planProblem a database query that does not use its index, or an empty text
 */
public record WorkerStatus(String id, boolean leaseFresh, Duration sinceLastBeat, int concurrency, int running,
		Map<String, Integer> runningByQueue, List<StuckAttempt> stuck, String planProblem) {

	/**
	 * An attempt that was told to stop and goes on.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param thread the name of its thread
	 * @param since how long ago it was told to stop
	 */
	public record StuckAttempt(String jobId, String function, String thread, Duration since) {
	}

}
