package dev.taskqueue.claim;

import java.lang.management.ManagementFactory;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import com.sun.management.ThreadMXBean;
import dev.taskqueue.store.JobDocument;
import org.bson.Document;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class SlotsTests {

	private final AtomicInteger signals = new AtomicInteger();

	private final List<String> queuesWithRoom = new ArrayList<>();

	private final HeldTokens tokens = new HeldTokens();

	private final Slots slots = new Slots(2, Map.of("narrow", 1), QueueWeights.EQUAL, this.queuesWithRoom::add,
			this.signals::incrementAndGet);

	@Test
	void startsAsManyAsThereAreSlotsAndLetsTheOthersWait() {
		List<Claim> started = this.slots.take(List.of(claim("a"), claim("a"), claim("a")));

		assertThat(started).hasSize(2).extracting(Claim::slot).containsExactly(1, 2);
		assertThat(this.slots.running()).isEqualTo(2);
		assertThat(this.slots.waiting()).isEqualTo(1);
	}

	@Test
	void handsTheSlotOfAnEndedAttemptToTheNextInLine() {
		Claim third = claim("a");
		List<Claim> started = this.slots.take(List.of(claim("a"), claim("a"), third));

		assertThat(this.slots.release(started.get(1))).isSameAs(third);
		assertThat(third.slot()).isEqualTo(2);
		assertThat(this.slots.release(third)).isNull();
		assertThat(this.slots.running()).isEqualTo(1);
	}

	@Test
	void numbersAreUsedAgain() {
		List<Claim> started = this.slots.take(List.of(claim("a"), claim("a")));
		this.slots.release(started.get(0));

		assertThat(this.slots.take(List.of(claim("a")))).extracting(Claim::slot).containsExactly(1);
	}

	@Test
	void countsTheRoomOfAQueueWithABoundOfItsOwn() {
		assertThat(this.slots.bounded()).containsExactly("narrow");
		assertThat(this.slots.roomWithin("narrow", 0)).isEqualTo(1);
		assertThat(this.slots.roomWithin("narrow", 5)).isEqualTo(6);
		assertThat(this.slots.roomWithin("a", 0)).isEqualTo(Integer.MAX_VALUE);
		assertThat(this.slots.room(100)).isEqualTo(102);

		this.slots.take(List.of(claim("narrow"), claim("narrow")));

		assertThat(this.slots.roomWithin("narrow", 0)).isZero();
		assertThat(this.slots.roomWithin("narrow", 5)).isEqualTo(4);
		// what waits at its bound takes no slot from others
		assertThat(this.slots.room(100)).isEqualTo(101);
	}

	@Test
	void claimsOfAQueueAtItsBoundHoldUpNobody() {
		Claim narrow = claim("narrow");
		Claim second = claim("narrow");
		Claim wide = claim("a");

		assertThat(this.slots.take(List.of(narrow, second, wide))).containsExactly(narrow, wide);
		assertThat(this.slots.release(wide)).isNull();
		assertThat(this.slots.release(narrow)).isSameAs(second);
		assertThat(this.slots.waiting()).isZero();
	}

	@Test
	void lineOfAQueueAtItsBoundIsPassedUntilAnAttemptOfItEnds() {
		Claim narrow = claim("narrow");
		Claim wide = claim("a");
		Claim second = claim("narrow");
		Claim last = claim("a");
		Claim first = claim("a");
		this.slots.take(List.of(wide, first, narrow, second, last));

		assertThat(this.slots.release(wide)).isSameAs(narrow);
		assertThat(this.slots.runningByQueue()).containsEntry("narrow", 1);
		assertThat(this.slots.release(first)).isSameAs(last);
		assertThat(this.slots.release(last)).isNull();
		assertThat(this.slots.waiting()).isEqualTo(1);
		assertThat(this.slots.release(narrow)).isSameAs(second);
	}

	@Test
	void queuesHaveTheirTurnOneAfterTheOther() {
		Claim running = claim("a");
		List<Claim> crowd = List.of(claim("a"), claim("a"), claim("a"));
		Claim other = claim("b");
		this.slots.take(List.of(running, claim("a")));
		this.slots.take(crowd);
		this.slots.take(List.of(other));

		assertThat(this.slots.release(running)).isSameAs(crowd.get(0));
		assertThat(this.slots.release(crowd.get(0))).isSameAs(other);
		assertThat(this.slots.release(other)).isSameAs(crowd.get(1));
		assertThat(this.slots.release(crowd.get(1))).isSameAs(crowd.get(2));
	}

	@Test
	void queuesHaveTheirTurnByWeight() {
		Slots weighted = slots(1, new QueueWeights(Map.of("a", 3), 1, false));
		Claim running = claim("a");
		weighted.take(List.of(running));
		weighted.take(claims("b", 10));
		weighted.take(claims("a", 10));

		assertThat(starts(weighted, running, 12)).filteredOn("a"::equals).hasSizeBetween(8, 9);
	}

	@Test
	void strictlyNoneStartsBeforeThoseOfAGreaterWeight() {
		Slots strict = slots(1, new QueueWeights(Map.of("a", 3), 1, true));
		Claim running = claim("b");
		strict.take(List.of(running));
		strict.take(claims("b", 3));
		strict.take(claims("a", 3));

		assertThat(strict.waitingQueues()).containsExactlyInAnyOrder("a", "b");
		assertThat(starts(strict, running, 6)).containsExactly("a", "a", "a", "b", "b", "b");
	}

	@Test
	void whatIsStrictlyBehindTakesNoRoomFromWhatComesFirst() {
		Slots strict = slots(1, new QueueWeights(Map.of("a", 3), 1, true));
		strict.take(claims("b", 11));

		assertThat(strict.room(10, 1)).isZero();
		assertThat(strict.room(10, 3)).isEqualTo(10);
		assertThat(strict.room(0, 3)).as("or else one of those behind would be next").isEqualTo(10);
		strict.take(claims("a", 4));
		assertThat(strict.room(10, 3)).isEqualTo(6);
		assertThat(strict.want(7, 10, 3)).isTrue();
	}

	@Test
	void aLightQueueClaimsAheadLessWhereOthersHaveTakenAllRoom() {
		Slots weighted = slots(10, new QueueWeights(Map.of("a", 5), 1, false));
		weighted.take(claims("c", 20));

		assertThat(weighted.roomForFirst("a", 100)).isEqualTo(10);
		assertThat(weighted.roomForFirst("b", 100)).isEqualTo(2);
		assertThat(weighted.roomForFirst("b", 0)).isZero();
	}

	@Test
	void noQueueClaimsAheadOfItsTurnWhereOthersHaveTakenAllRoom() {
		Slots weighted = slots(2, new QueueWeights(Map.of("a", 6), 1, false));
		weighted.take(List.of(claim("a"), claim("b"), claim("a"), claim("a")));

		// b's turn comes after six of a, and would have the next slot if a's line were
		// empty
		assertThat(weighted.roomForFirst("b", 2)).isZero();
		weighted.take(claims("a", 8));
		assertThat(weighted.roomForFirst("b", 2)).isOne();
	}

	@Test
	void byWeightAQueueWhoseLineWasEmptyCatchesUpWhatMayBeClaimedTogether() {
		Slots weighted = slots(1, new QueueWeights(Map.of("a", 6), 1, false));
		weighted.want(1, 12, 0);
		Claim first = claim("b");
		Claim second = claim("b");
		weighted.take(List.of(first, second));
		weighted.take(claims("b", 20));

		// the claim of a comes when two of b have begun
		assertThat(weighted.release(first)).isSameAs(second);
		weighted.take(claims("a", 20));

		assertThat(starts(weighted, second, 12)).containsOnly("a");
	}

	@Test
	void queueOfWhichNoneWaitsHasRoomWhereAnotherHasTakenAll() {
		this.slots.take(List.of(claim("a"), claim("a"), claim("a"), claim("a"), claim("a")));

		assertThat(this.slots.room(3)).isZero();
		assertThat(this.slots.roomForFirst("a", 3)).isZero();
		assertThat(this.slots.roomForFirst("b", 0)).isZero();
		assertThat(this.slots.roomForFirst("b", 3)).isEqualTo(2);
		assertThat(this.slots.reserve("a", 3)).isFalse();
		assertThat(this.slots.reserve("b", 3)).isTrue();
		assertThat(this.slots.reserve("b", 3)).isFalse();
	}

	@Test
	void givesBackThoseWhoseQueueIsAtItsBound() {
		Claim second = claim("narrow");
		this.slots.take(List.of(claim("narrow"), second));

		assertThat(this.slots.drainAtBound("narrow")).containsExactly(second);
		assertThat(this.slots.waiting()).isZero();
		assertThat(this.slots.roomWithin("narrow", 1)).isEqualTo(1);
	}

	@Test
	void keepsPlacesForJobsThatAreBeingInserted() {
		assertThat(this.slots.reserve("a", 0)).isTrue();
		assertThat(this.slots.reserve("narrow", 0)).isFalse();
		assertThat(this.slots.reserve("a", 0)).isTrue();

		assertThat(this.slots.reserve("a", 0)).isFalse();
		assertThat(this.slots.room(0)).isZero();
		this.slots.unreserve("a");
		assertThat(this.slots.take(List.of(claim("a")))).hasSize(1);
		assertThat(this.slots.room(0)).isZero();
	}

	@Test
	void tellsOfRoomInAQueueWithABound() {
		List<Claim> started = this.slots.take(List.of(claim("narrow")));

		this.slots.release(started.get(0));

		assertThat(this.queuesWithRoom).containsExactly("narrow");
	}

	@Test
	void signalsOnceWhenThereIsTheWantedRoom() {
		List<Claim> started = this.slots.take(List.of(claim("a"), claim("a")));
		assertThat(this.slots.want(2, 0, 0)).isTrue();

		this.slots.release(started.get(0));
		assertThat(this.signals).hasValue(0);
		this.slots.release(started.get(1));

		assertThat(this.signals).hasValue(1);
		assertThat(this.slots.want(2, 0, 0)).isFalse();
	}

	@Test
	void emptiesTheLineForTheOneWhoGivesBack() {
		Claim waiting = claim("a");
		this.slots.take(List.of(claim("a"), claim("a"), waiting));

		assertThat(this.slots.drainWaiting()).containsExactly(waiting);
		assertThat(this.slots.waiting()).isZero();
	}

	@Test
	void emptiesTheLineOfOneQueueOnly() {
		Claim first = claim("a");
		Claim second = claim("b");
		this.slots.take(List.of(claim("a"), claim("a"), first, second));

		assertThat(this.slots.drain("a")).containsExactly(first);
		assertThat(this.slots.drain("nobody")).isEmpty();
		assertThat(this.slots.waiting()).isEqualTo(1);
	}

	@Test
	void claimsThatAreTakenByHalfKeepNoSlot() {
		Claim first = claim("a");
		List<Claim> claims = new AbstractList<>() {

			@Override
			public Claim get(int index) {
				if (index == 0) {
					return first;
				}
				throw new OutOfMemoryError("Made by the test");
			}

			@Override
			public int size() {
				return 2;
			}

		};

		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> this.slots.take(claims));

		assertThat(this.slots.running()).isZero();
		assertThat(this.slots.take(List.of(claim("a"), claim("a")))).extracting(Claim::slot).containsExactly(1, 2);
	}

	/** Else an exhausted heap would cost the claim that is next. */
	@Test
	void slotIsHandedOnWithoutMemory() {
		Slots many = new Slots(1, Map.of(), QueueWeights.EQUAL, (queue) -> {
		}, () -> {
		});
		List<Claim> claims = Stream.generate(() -> List.of(claim("a"), claim("b")))
			.limit(500)
			.flatMap(List::stream)
			.toList();
		Claim next = many.take(claims).get(0);
		// loads what it needs
		for (int i = 0; i < 10; i++) {
			next = Objects.requireNonNull(many.release(next));
		}
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

		long before = threads.getCurrentThreadAllocatedBytes();
		for (int i = 0; i < 900; i++) {
			next = Objects.requireNonNull(many.release(next));
		}
		long allocated = threads.getCurrentThreadAllocatedBytes() - before;

		assertThat(allocated).as("bytes for 900 slots").isLessThan(900);
	}

	@Test
	void slotIsHandedOnThoughNobodyCanBeToldOfTheRoom() {
		Slots speechless = new Slots(1, Map.of(), QueueWeights.EQUAL, (queue) -> {
		}, () -> {
			throw new OutOfMemoryError("Made by the test");
		});
		Claim first = claim("a");
		Claim second = claim("a");
		speechless.take(List.of(first, second));
		assertThat(speechless.want(1, 1, 0)).isTrue();

		assertThat(speechless.release(first)).isSameAs(second);

		assertThat(second.slot()).isEqualTo(1);
		assertThat(speechless.running()).isEqualTo(1);
	}

	@Test
	void moreSlotsGoToThoseInLine() {
		Claim third = claim("a");
		this.slots.take(List.of(claim("a"), claim("a"), third, claim("a")));

		assertThat(this.slots.resize(3)).containsExactly(third);

		assertThat(third.slot()).isEqualTo(3);
		assertThat(this.slots.running()).isEqualTo(3);
		assertThat(this.slots.waiting()).isEqualTo(1);
	}

	@Test
	void withFewerSlotsNobodyFollowsUntilAsManyHaveEnded() {
		Claim third = claim("a");
		List<Claim> started = this.slots.take(List.of(claim("a"), claim("a"), third));

		assertThat(this.slots.resize(1)).isEmpty();

		assertThat(this.slots.release(started.get(0))).isNull();
		assertThat(this.slots.release(started.get(1))).isSameAs(third);
		assertThat(this.slots.room(0)).isZero();
	}

	private Claim claim(String queue) {
		return new Claim(new JobDocument(new Document("_id", 1).append("queue", queue)), "w", "token", this.slots,
				this.tokens);
	}

	private Slots slots(int concurrency, QueueWeights weights) {
		return new Slots(concurrency, Map.of(), weights, this.queuesWithRoom::add, this.signals::incrementAndGet);
	}

	private List<Claim> claims(String queue, int count) {
		return Stream.generate(() -> claim(queue)).limit(count).toList();
	}

	/** The queues of those that start as one after the other ends. */
	private static List<String> starts(Slots slots, Claim running, int count) {
		List<String> queues = new ArrayList<>();
		Claim last = running;
		while (last != null && queues.size() < count) {
			last = slots.release(last);
			if (last != null) {
				queues.add(last.queue());
			}
		}
		return queues;
	}

}
