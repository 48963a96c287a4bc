package dev.taskqueue.claim;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PrefetchTests {

	private final Prefetch prefetch = new Prefetch(0);

	@Test
	void holdsNothingAheadOfSlowJobs() {
		assertThat(this.prefetch.allowance(5, Duration.ofSeconds(1).toNanos())).isZero();
	}

	@Test
	void holdsWhatRunsInATenthOfASecond() {
		assertThat(this.prefetch.allowance(2000, Duration.ofSeconds(1).toNanos())).isEqualTo(200);
	}

	@Test
	void holdsNoMoreThanABatch() {
		assertThat(this.prefetch.allowance(1_000_000, Duration.ofSeconds(1).toNanos())).isEqualTo(Prefetch.MAX);
	}

	@Test
	void keepsItsWordOverASpanTooShortToTell() {
		this.prefetch.allowance(2000, Duration.ofSeconds(1).toNanos());

		assertThat(this.prefetch.allowance(2000, Duration.ofMillis(1001).toNanos())).isEqualTo(200);
		assertThat(this.prefetch.allowance(2000, Duration.ofSeconds(2).toNanos())).isZero();
	}

	@Test
	void doesNotTakeSlotsThatEndTogetherForARate() {
		this.prefetch.allowance(0, Duration.ofSeconds(1).toNanos());

		// four slots, each 30 ms
		for (int ms = 1030; ms < 2000; ms += 30) {
			long ended = (ms - 1000) / 30 * 4L;
			assertThat(this.prefetch.allowance(ended - 3, Duration.ofMillis(ms).toNanos())).isLessThanOrEqualTo(16);
			assertThat(this.prefetch.allowance(ended, Duration.ofMillis(ms + 5).toNanos())).isLessThanOrEqualTo(16);
		}
		assertThat(this.prefetch.allowance(132, Duration.ofSeconds(2).toNanos())).isBetween(12, 16);
	}

	@Test
	void quickJobsAfterAPauseCountAtOnce() {
		this.prefetch.allowance(0, Duration.ofSeconds(1).toNanos());

		assertThat(this.prefetch.allowance(50, Duration.ofMillis(1010).toNanos())).isEqualTo(50);
	}

}
