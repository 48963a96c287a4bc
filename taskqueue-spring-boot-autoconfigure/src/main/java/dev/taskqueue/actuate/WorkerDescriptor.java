package dev.taskqueue.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import dev.taskqueue.observe.LiveWorkers.LiveWorker;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * A worker.
 *
 * @param id its identity
 * @param live whether its lease holds
 * @param startedAt its first heart-beat
 * @param beatAt its latest heart-beat
 * @param lease how long it may stay silent
 * @param concurrency the most attempts at a time
 * @param running attempts under way at the latest heart-beat
 * @param queues the queues with settings of their own
 * @param otherQueues whether it serves all others too
 * @param quiet whether it was told to take no jobs
 * @param queueOrder which queue comes first: {@code turns}, {@code weighted} or
 * {@code strict}
 * @param queueWeights the weights of queues, unless they take turns; {@code *} is all
 * others
 * @param functions the functions that it has
 */
public record WorkerDescriptor(String id, boolean live, @Nullable Instant startedAt, @Nullable Instant beatAt,
		Duration lease, int concurrency, int running, List<String> queues, boolean otherQueues, boolean quiet,
		String queueOrder, Map<String, Integer> queueWeights, List<String> functions) implements OperationResponseBody {

	static WorkerDescriptor of(LiveWorker worker) {
		return new WorkerDescriptor(worker.id(), worker.isLive(), worker.startedAt(), worker.beatAt(), worker.lease(),
				worker.concurrency(), worker.running(), worker.queues(), worker.otherQueues(), worker.isQuiet(),
				worker.queueOrder(), worker.queueWeights(), worker.functions());
	}

}
