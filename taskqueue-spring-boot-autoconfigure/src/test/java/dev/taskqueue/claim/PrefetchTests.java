package dev.taskqueue.claim;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PrefetchTests {

	/** What a claim takes. */
	private static final long QUICK = Duration.ofMillis(3).toNanos();

	private final Prefetch prefetch = new Prefetch(0);

	@Test
	void holdsNothingAheadOfSlowJobs() {
		assertThat(this.prefetch.allowance(5, QUICK, Duration.ofSeconds(1).toNanos())).isZero();
	}

	@Test
	void holdsWhatRunsInATenthOfASecond() {
		assertThat(this.prefetch.allowance(2000, QUICK, Duration.ofSeconds(1).toNanos())).isEqualTo(200);
	}

	@Test
	void holdsNoMoreThanABatch() {
		assertThat(this.prefetch.allowance(1_000_000, QUICK, Duration.ofSeconds(1).toNanos())).isEqualTo(Prefetch.MAX);
	}

	@Test
	void keepsItsWordOverASpanTooShortToTell() {
		this.prefetch.allowance(2000, QUICK, Duration.ofSeconds(1).toNanos());

		assertThat(this.prefetch.allowance(2000, QUICK, Duration.ofMillis(1001).toNanos())).isEqualTo(200);
		assertThat(this.prefetch.allowance(2000, QUICK, Duration.ofSeconds(2).toNanos())).isZero();
	}

	@Test
	void doesNotTakeSlotsThatEndTogetherForARate() {
		this.prefetch.allowance(0, QUICK, Duration.ofSeconds(1).toNanos());

		// four slots, each 30 ms
		for (int ms = 1030; ms < 2000; ms += 30) {
			long ended = (ms - 1000) / 30 * 4L;
			assertThat(this.prefetch.allowance(ended - 3, QUICK, Duration.ofMillis(ms).toNanos()))
				.isLessThanOrEqualTo(16);
			assertThat(this.prefetch.allowance(ended, QUICK, Duration.ofMillis(ms + 5).toNanos()))
				.isLessThanOrEqualTo(16);
		}
		assertThat(this.prefetch.allowance(132, QUICK, Duration.ofSeconds(2).toNanos())).isBetween(12, 16);
	}

	@Test
	void quickJobsAfterAPauseCountAtOnce() {
		this.prefetch.allowance(0, QUICK, Duration.ofSeconds(1).toNanos());

		assertThat(this.prefetch.allowance(50, QUICK, Duration.ofMillis(1010).toNanos())).isEqualTo(50);
	}

	@Test
	void holdsWhatRunsWhileThreeSlowClaimsAreMade() {
		long claiming = Duration.ofMillis(150).toNanos();

		assertThat(this.prefetch.allowance(2000, claiming, Duration.ofSeconds(1).toNanos())).isEqualTo(900);
	}

	@Test
	void growsByMoreThanTheFreeSlotsWithEachClaimOfASlowServer() {
		int claimMs = 120;
		int slots = 10;
		int runInAMilli = 2;
		int runInAClaim = runInAMilli * claimMs;
		int released = 0;
		int waiting = 0;
		int claimed = 0;
		long ms = 1000;
		for (int claim = 0; claim < 15; claim++) {
			int ahead = this.prefetch.allowance(released, Duration.ofMillis(claimMs).toNanos(),
					Duration.ofMillis(ms).toNanos());
			claimed = slots + ahead - waiting;
			int meanwhile = Math.min(waiting, runInAClaim);
			// the next claim begins when half of the line is run
			int after = Math.max(0, waiting - meanwhile + claimed - ahead / 2);
			ms += claimMs + after / runInAMilli;
			released += meanwhile + after;
			waiting += claimed - meanwhile - after;
		}

		assertThat(claimed).as("jobs in a claim; %s run in as long as it takes", runInAClaim).isGreaterThan(200);
	}

	@Test
	void holdsWhatRunsInASecondWhereClaimsHang() {
		long claiming = Duration.ofMinutes(1).toNanos();
		this.prefetch.allowance(0, claiming, Duration.ofSeconds(1).toNanos());

		assertThat(this.prefetch.allowance(400, claiming, Duration.ofSeconds(5).toNanos())).isEqualTo(100);
	}

	@Test
	void findsWhatRanBeforeQuickClaimsAgainWhereTheyBecomeSlow() {
		for (int ms = 5; ms <= 2000; ms += 5) {
			this.prefetch.allowance(ms, QUICK, Duration.ofMillis(ms).toNanos());
		}

		assertThat(this.prefetch.allowance(2005, Duration.ofMillis(300).toNanos(), Duration.ofMillis(2005).toNanos()))
			.isEqualTo(900);
	}

}
