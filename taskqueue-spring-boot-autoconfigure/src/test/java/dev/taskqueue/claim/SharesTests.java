package dev.taskqueue.claim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class SharesTests {

	private static final int PLACES = 10;

	private final Shares shares = new Shares(new QueueWeights(Map.of("high", 6, "mid", 3), 1, false));

	@Test
	void startsAreAsTheWeightsSayAtEachMoment() {
		Map<String, Integer> starts = new HashMap<>();
		for (int count = 1; count <= 1000; count++) {
			starts.merge(start(List.of("high", "mid", "low")), 1, Integer::sum);

			assertThat(starts.getOrDefault("high", 0).doubleValue()).isCloseTo(count * 0.6, within(2.0));
			assertThat(starts.getOrDefault("mid", 0).doubleValue()).isCloseTo(count * 0.3, within(2.0));
			assertThat(starts.getOrDefault("low", 0).doubleValue()).isCloseTo(count * 0.1, within(2.0));
		}
	}

	@Test
	void anEmptyQueueLeavesItsShareToTheOthers() {
		Map<String, Integer> starts = new HashMap<>();
		for (int count = 0; count < 400; count++) {
			starts.merge(start(List.of("mid", "low")), 1, Integer::sum);
		}

		assertThat(starts.get("mid")).isBetween(299, 301);
	}

	@Test
	void aQueueThatHadNothingCatchesUpNoMoreThanThePlaces() {
		for (int count = 0; count < 1000; count++) {
			start(List.of("high"));
		}
		List<String> starts = new ArrayList<>();
		for (int count = 0; count < 200; count++) {
			starts.add(start(List.of("high", "low")));
		}

		long low = starts.stream().filter("low"::equals).count();
		assertThat(low).isBetween(200L / 7, 200L / 7 + PLACES + 1);
		assertThat(starts.subList(100, 200)).filteredOn("low"::equals).hasSizeBetween(13, 15);
	}

	@Test
	void theSmallestWeightHasItsTurn() {
		Shares uneven = new Shares(new QueueWeights(Map.of("high", 1000), 1, false));
		int low = 0;
		for (int count = 0; count < 10_010; count++) {
			boolean isLow = uneven.pass("low", PLACES) < uneven.pass("high", PLACES);
			uneven.start(isLow ? "low" : "high", PLACES);
			low += isLow ? 1 : 0;
		}

		assertThat(low).isBetween(9, 11);
	}

	@Test
	void partsRoomAsTheStartsWillBe() {
		Map<String, Integer> parts = split(100);
		assertThat(parts.values())
			.satisfies((each) -> assertThat(each.stream().mapToInt(Integer::intValue).sum()).isEqualTo(100));
		assertThat(parts.get("high")).isBetween(59, 61);
		assertThat(parts.get("mid")).isBetween(29, 31);
		// one place at a time
		assertThat(split(1)).hasSize(1);
		this.shares.start("high", PLACES);
		this.shares.start("low", PLACES);
		assertThat(split(1)).containsOnlyKeys("mid");
	}

	@Test
	void whatWaitsCountsAsPartOfTheRoom() {
		Map<String, Integer> parts = this.shares.split(List.of("high", "mid", "low"), 40, PLACES,
				(queue) -> queue.equals("high") ? 60 : 0);

		assertThat(parts.get("mid")).isBetween(29, 31);
		assertThat(parts.get("low")).isBetween(9, 11);
		assertThat(parts).doesNotContainKey("high");
	}

	private String start(List<String> queues) {
		String next = queues.get(0);
		for (String queue : queues) {
			if (this.shares.pass(queue, PLACES) < this.shares.pass(next, PLACES)) {
				next = queue;
			}
		}
		this.shares.start(next, PLACES);
		return next;
	}

	private Map<String, Integer> split(int room) {
		return this.shares.split(List.of("high", "mid", "low"), room, PLACES, (queue) -> 0);
	}

}
