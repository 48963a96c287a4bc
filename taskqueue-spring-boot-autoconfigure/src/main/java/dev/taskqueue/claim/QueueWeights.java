package dev.taskqueue.claim;

import java.util.Collections;
import java.util.Map;

/**
 * Which queue comes first where several have due jobs.
 *
 * @param named weights of single queues, from 1
 * @param others the weight of each queue that is not named
 * @param strict whether a queue waits until those of a greater weight have nothing due;
 * otherwise the queues share the starts in proportion to their weights
 */
public record QueueWeights(Map<String, Integer> named, int others, boolean strict) {

	/** Queues take turns. */
	public static final QueueWeights EQUAL = new QueueWeights(Map.of(), 1, false);

	public QueueWeights {
		named = Map.copyOf(named);
	}

	/**
	 * Whether queues merely take turns.
	 * @return true if no queue weighs more than another
	 */
	public boolean areEqual() {
		return this.named.values().stream().allMatch((weight) -> weight == this.others);
	}

	/**
	 * The weight of a queue.
	 * @param queue its name
	 * @return from 1
	 */
	public int of(String queue) {
		return this.named.getOrDefault(queue, this.others);
	}

	/** What is strictly before has a greater rank. */
	int rank(String queue) {
		return this.strict ? of(queue) : 0;
	}

	/** What a start takes of the queue's share. */
	double cost(String queue) {
		return this.strict ? 1 : 1.0 / of(queue);
	}

	/** As many of some places as go with a queue's weight, the heaviest having all. */
	int portion(String queue, int places) {
		if (this.strict || this.named.isEmpty()) {
			return places;
		}
		int heaviest = Math.max(this.others, Collections.max(this.named.values()));
		return Math.max(Math.min(1, places), (int) ((long) places * of(queue) / heaviest));
	}

}
