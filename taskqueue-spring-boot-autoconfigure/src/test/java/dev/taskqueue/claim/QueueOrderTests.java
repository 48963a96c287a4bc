package dev.taskqueue.claim;

import java.util.List;
import java.util.Map;

import dev.taskqueue.claim.QueueOrder.Lane;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class QueueOrderTests {

	@Test
	void servesNamedQueuesOnlyWhereOthersAreNotWanted() {
		QueueOrder order = new QueueOrder(List.of("a"), false, QueueWeights.EQUAL);

		order.add("b");
		order.wake("c");

		assertThat(order.due(0)).extracting(Lane::queue).containsExactly("a");
	}

	@Test
	void takesInQueuesThatTurnUp() {
		QueueOrder order = new QueueOrder(List.of("a"), true, QueueWeights.EQUAL);

		order.wake("b");

		assertThat(order.due(0)).extracting(Lane::queue).containsExactlyInAnyOrder("a", "b");
	}

	@Test
	void beginsEachRoundWithAnotherQueue() {
		QueueOrder order = new QueueOrder(List.of("a", "b", "c"), false, QueueWeights.EQUAL);

		assertThat(List.of(first(order), first(order), first(order))).containsExactlyInAnyOrder("a", "b", "c");
	}

	@Test
	void leavesARestingQueueAloneUntilItsTimeOrAWakeUp() {
		QueueOrder order = new QueueOrder(List.of("a"), false, QueueWeights.EQUAL);
		order.due(0).get(0).restUntil(100);

		assertThat(order.due(50)).isEmpty();
		assertThat(order.nanosToNext(50, 1000)).isEqualTo(50);
		assertThat(order.due(100)).hasSize(1);
		order.wake("a");
		assertThat(order.due(50)).hasSize(1);
		assertThat(order.nanosToNext(50, 1000)).isZero();
	}

	@Test
	void strictlyOnlyTheGreatestWeightIsLookedAt() {
		QueueOrder order = strict();

		assertThat(order.foremost(order.due(0))).extracting(Lane::queue).containsExactly("a");
		order.due(0).forEach((lane) -> {
			if (lane.queue().equals("a")) {
				lane.contentUntil(100);
			}
		});
		assertThat(order.foremost(order.due(50))).extracting(Lane::queue).containsExactlyInAnyOrder("b", "c");
		assertThat(order.foremost(order.due(100))).extracting(Lane::queue).containsExactly("a");
	}

	@Test
	void strictlyOthersWaitForOneThatStepsAside() {
		QueueOrder order = strict();
		order.foremost(order.due(0)).get(0).restUntil(100);

		assertThat(order.foremost(order.due(50))).isEmpty();
		assertThat(order.nanosToNext(50, 1000)).isEqualTo(50);
		assertThat(order.foremost(order.due(100))).extracting(Lane::queue).containsExactly("a");
	}

	private static QueueOrder strict() {
		return new QueueOrder(List.of("c", "b", "a"), true, new QueueWeights(Map.of("a", 2), 1, true));
	}

	private static String first(QueueOrder order) {
		return order.due(0).get(0).queue();
	}

}
