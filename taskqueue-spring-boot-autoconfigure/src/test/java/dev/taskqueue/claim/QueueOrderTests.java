package dev.taskqueue.claim;

import java.util.List;
import java.util.Map;

import dev.taskqueue.claim.QueueOrder.Lane;
import dev.taskqueue.store.JobDocument;
import org.bson.Document;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class QueueOrderTests {

	@Test
	void servesNamedQueuesOnlyWhereOthersAreNotWanted() {
		QueueOrder order = new QueueOrder(List.of("a"), false, QueueWeights.EQUAL);

		order.add("b");
		order.wake("c", List.of());

		assertThat(order.due(0)).extracting(Lane::queue).containsExactly("a");
	}

	@Test
	void takesInQueuesThatTurnUp() {
		QueueOrder order = new QueueOrder(List.of("a"), true, QueueWeights.EQUAL);

		order.wake("b", List.of());

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
		order.wake("a", List.of());
		assertThat(order.due(50)).hasSize(1);
		assertThat(order.nanosToNext(50, 1000)).isZero();
	}

	@Test
	void toldJobsAreAllThatWaitsWhereALookFoundNothing() {
		Lane lane = new Lane("a");
		lane.settleUntil(100, true);

		lane.wake(told("one"), 50);
		lane.wake(told("two"), 50);

		assertThat(lane.isDue(50)).isTrue();
		assertThat(lane.look(2, 60)).extracting(JobDocument::idText).containsExactly("one", "two");
		lane.settleAgain();
		assertThat(lane.isDue(99)).isFalse();
		assertThat(lane.isDue(100)).isTrue();
	}

	@Test
	void toldJobsAreLookedForWhereMoreMayWait() {
		Lane lane = new Lane("a");
		lane.wake(told("unsettled"), 50);
		assertThat(lane.look(9, 50)).isEmpty();

		lane.settleUntil(100, true);
		lane.wake(told("before"), 50);
		lane.wake();
		assertThat(lane.look(9, 50)).as("told of something else").isEmpty();

		lane.settleUntil(100, true);
		lane.wake();
		lane.wake(told("after"), 50);
		assertThat(lane.look(9, 50)).as("told of something else").isEmpty();

		lane.settleUntil(100, true);
		lane.wake(told("late"), 100);
		assertThat(lane.look(9, 100)).as("others are due").isEmpty();

		lane.settleUntil(100, true);
		lane.wake(told("early"), 50);
		assertThat(lane.look(9, 100)).as("others have become due").isEmpty();

		lane.settleUntil(100, true);
		lane.wake(told("full"), 50);
		assertThat(lane.look(0, 50)).as("no room").isEmpty();

		lane.contentUntil(100);
		lane.wake(told("paused"), 50);
		assertThat(lane.look(9, 50)).as("what waits may not be claimed").isEmpty();
	}

	@Test
	void toldJobsAreLookedForWhereTheyAreMany() {
		Lane lane = new Lane("a");
		lane.settleUntil(100, true);
		for (int i = 0; i <= Wakeups.MOST_TOLD; i++) {
			lane.wake(told("job"), 50);
		}

		assertThat(lane.look(1000, 50)).isEmpty();
	}

	@Test
	void idleIsAQueueOfWhichNothingIsKnownUntilSomebodyTellsOfSomething() {
		Lane lane = new Lane("a");
		assertThat(lane.isIdle()).isFalse();
		lane.settleUntil(100, false);
		assertThat(lane.isIdle()).as("a job is known").isFalse();
		lane.settleUntil(100, true);
		assertThat(lane.isIdle()).isTrue();

		lane.wake(told("one"), 50);
		assertThat(lane.isIdle()).as("told of one").isFalse();
		assertThat(lane.look(1, 60)).hasSize(1);
		assertThat(lane.isIdle()).as("being claimed").isFalse();
		lane.settleAgain();
		assertThat(lane.isIdle()).as("the one was all").isTrue();
		lane.wake();
		assertThat(lane.isIdle()).as("woken").isFalse();
	}

	private static List<JobDocument> told(String id) {
		return List.of(new JobDocument(new Document("_id", id)));
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
