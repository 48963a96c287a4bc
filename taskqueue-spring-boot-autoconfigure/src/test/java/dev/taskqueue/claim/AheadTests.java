package dev.taskqueue.claim;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import dev.taskqueue.store.JobDocument;
import org.bson.Document;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class AheadTests {

	private static final long SLOW = Duration.ofMillis(250).toNanos();

	private final HeldTokens tokens = new HeldTokens();

	private final Slots slots = new Slots(10, Map.of(), QueueWeights.EQUAL, (queue) -> {
	}, () -> {
	});

	private final long start = System.nanoTime();

	private final Ahead ahead = new Ahead(this.slots, false);

	@Test
	void isFurtherWhereClaimsAreSlow() {
		run(10);
		this.ahead.tookToClaim(SLOW);
		this.ahead.tookToClaim(SLOW);

		assertThat(this.ahead.measure(after(500))).isEqualTo(10);
	}

	@Test
	void isNoFurtherForOneSlowClaim() {
		run(10);
		this.ahead.tookToClaim(SLOW);

		assertThat(this.ahead.measure(after(500))).isEqualTo(2);

		this.ahead.tookToClaim(Duration.ofMillis(3).toNanos());
		this.ahead.tookToClaim(SLOW);

		assertThat(this.ahead.measure(after(510))).isEqualTo(1);
	}

	private long after(int millis) {
		return this.start + Duration.ofMillis(millis).toNanos();
	}

	private void run(int jobs) {
		List<Claim> claims = Stream
			.generate(() -> new Claim(new JobDocument(new Document("queue", "a")), "w", "t", this.slots, this.tokens))
			.limit(jobs)
			.toList();
		this.slots.take(claims).forEach(this.slots::release);
	}

}
