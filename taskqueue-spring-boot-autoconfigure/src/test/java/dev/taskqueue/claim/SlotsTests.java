package dev.taskqueue.claim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import dev.taskqueue.store.JobDocument;
import org.bson.Document;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SlotsTests {

	private final AtomicInteger signals = new AtomicInteger();

	private final List<String> queuesWithRoom = new ArrayList<>();

	private final HeldTokens tokens = new HeldTokens();

	private final Slots slots = new Slots(2, Map.of("narrow", 1), this.queuesWithRoom::add,
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
	void countsTheRoomOfAQueueWithABoundOfItsOwnWithoutALine() {
		assertThat(this.slots.room("narrow", 100)).isEqualTo(1);
		assertThat(this.slots.room("a", 100)).isEqualTo(102);

		this.slots.take(List.of(claim("narrow")));

		assertThat(this.slots.room("narrow", 100)).isZero();
		assertThat(this.slots.isFull("narrow")).isTrue();
		assertThat(this.slots.isFull("a")).isFalse();
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
		assertThat(this.slots.want(2, 0)).isTrue();

		this.slots.release(started.get(0));
		assertThat(this.signals).hasValue(0);
		this.slots.release(started.get(1));

		assertThat(this.signals).hasValue(1);
		assertThat(this.slots.want(2, 0)).isFalse();
	}

	@Test
	void emptiesTheLineForTheOneWhoGivesBack() {
		Claim waiting = claim("a");
		this.slots.take(List.of(claim("a"), claim("a"), waiting));

		assertThat(this.slots.drainWaiting()).containsExactly(waiting);
		assertThat(this.slots.waiting()).isZero();
	}

	private Claim claim(String queue) {
		return new Claim(new JobDocument(new Document("_id", 1).append("queue", queue)), "w", "token", this.slots,
				this.tokens);
	}

}
