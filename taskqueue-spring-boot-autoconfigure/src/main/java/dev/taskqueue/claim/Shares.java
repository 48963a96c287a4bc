package dev.taskqueue.claim;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.ToIntFunction;

/**
 * Whose turn it is, where queues have weights. Each start moves its queue on by the
 * inverse of its weight, and the queue that is least far comes next (stride scheduling):
 * at each moment the starts are as the weights say, to within one for each queue, and no
 * weight is so small that its turn does not come. A queue that had nothing to start does
 * not save its turns, but for as many as there are places. Guarded by the slots.
 */
final class Shares {

	private final QueueWeights weights;

	/** How far queues have come. */
	private final Map<String, Double> passes = new HashMap<>();

	/** How far the queue had come whose turn was the latest. */
	private double now;

	Shares(QueueWeights weights) {
		this.weights = weights;
	}

	QueueWeights weights() {
		return this.weights;
	}

	/**
	 * How far a queue has come.
	 * @param queue its name
	 * @param places so many starts it may catch up
	 */
	double pass(String queue, int places) {
		return Math.max(this.passes.getOrDefault(queue, 0.0), this.now - places * this.weights.cost(queue));
	}

	/** How far a queue will have come after that many further starts. */
	double pass(String queue, int places, int starts) {
		return pass(queue, places) + starts * this.weights.cost(queue);
	}

	/** A job of a queue is started. */
	void start(String queue, int places) {
		double pass = pass(queue, places);
		this.now = Math.max(this.now, pass);
		this.passes.put(queue, pass + this.weights.cost(queue));
	}

	/**
	 * Parts places among queues in the order of their turns.
	 * @param queues their names
	 * @param count how many places
	 * @param places so many starts a queue may catch up
	 * @param waiting how many claims of a queue wait already
	 * @return the number for each queue that has some
	 */
	Map<String, Integer> split(List<String> queues, int count, int places, ToIntFunction<String> waiting) {
		PriorityQueue<Turn> turns = new PriorityQueue<>(Comparator.comparingDouble(Turn::pass));
		queues.forEach((queue) -> turns.add(new Turn(queue, pass(queue, places, waiting.applyAsInt(queue)))));
		Map<String, Integer> parts = new HashMap<>();
		for (int left = count; left > 0 && !turns.isEmpty(); left--) {
			Turn next = turns.remove();
			parts.merge(next.queue, 1, Integer::sum);
			turns.add(new Turn(next.queue, next.pass + this.weights.cost(next.queue)));
		}
		return parts;
	}

	/** The next start of a queue. */
	private record Turn(String queue, double pass) {
	}

}
