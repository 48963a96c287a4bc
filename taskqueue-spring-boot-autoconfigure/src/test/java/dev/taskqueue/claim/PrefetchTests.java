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

}
