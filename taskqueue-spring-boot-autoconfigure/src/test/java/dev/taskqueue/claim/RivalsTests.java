package dev.taskqueue.claim;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.taskqueue.store.JobDocument;
import org.bson.Document;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RivalsTests {

	private final Rivals rivals = new Rivals();

	@Test
	void readsNoMoreThanItWantsWhereNobodyIsInTheWay() {
		this.rivals.met(8, 0);

		assertThat(this.rivals.toRead(8)).isEqualTo(8);
		assertThat(this.rivals.choose(jobs(0, 8), 8, new Random(1))).hasSize(8);
	}

	@Test
	void readsFurtherWhenItLosesAndLessWhenItWins() {
		assertThat(this.rivals.met(8, 8)).isFalse();
		assertThat(this.rivals.toRead(8)).isEqualTo(16);
		assertThat(this.rivals.met(8, 3)).isFalse();
		assertThat(this.rivals.toRead(8)).isEqualTo(32);

		IntStream.range(0, 3).forEach((i) -> this.rivals.met(8, 0));

		assertThat(this.rivals.toRead(8)).isEqualTo(8);
	}

	@Test
	void stepsAsideWhereToReadFurtherWouldCostMore() {
		assertThat(this.rivals.met(1000, 1000)).isTrue();
		assertThat(this.rivals.met(1000, 400)).isFalse();
		assertThat(this.rivals.toRead(1000)).isEqualTo(1000);
		assertThat(this.rivals.toRead(2000)).isEqualTo(2000);
	}

	@Test
	void takesThoseOfOnePriorityFromAnywhere() {
		List<JobDocument> due = jobs(0, 40);

		assertThat(IntStream.range(0, 100)
			.mapToObj((i) -> this.rivals.choose(due, 8, new Random(i)).get(0).id())
			.distinct()
			.toList()).hasSizeGreaterThan(10);
	}

	@Test
	void takesAllOfAHigherPriorityFirst() {
		List<JobDocument> due = Stream.concat(jobs(5, 4).stream(), jobs(0, 40).stream()).toList();

		for (int i = 0; i < 50; i++) {
			assertThat(this.rivals.choose(due, 8, new Random(i))).containsAll(due.subList(0, 4));
			assertThat(this.rivals.choose(due, 3, new Random(i))).isSubsetOf(due.subList(0, 4));
		}
	}

	private static List<JobDocument> jobs(int priority, int count) {
		return IntStream.range(0, count)
			.mapToObj((i) -> new JobDocument(new Document("_id", priority * 1000 + i).append("priority", priority)))
			.toList();
	}

}
