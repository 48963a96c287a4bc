package dev.taskqueue.finish;

import java.time.Duration;
import java.util.stream.IntStream;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BackoffTests {

	private static final Duration HOUR = Duration.ofHours(1);

	@ParameterizedTest(name = "after attempt {0} it waits {1} s")
	@CsvSource({ "1, 5", "2, 10", "3, 20", "4, 40", "10, 2560", "11, 3600", "100, 3600", "100000, 3600" })
	void growsByTheMultiplierUpToTheMaximum(int attempt, long seconds) {
		Backoff backoff = new Backoff(new RetrySettings(Duration.ofSeconds(5), 2, HOUR, 0));

		assertThat(backoff.after(attempt, null)).isEqualTo(Duration.ofSeconds(seconds));
	}

	@Test
	void beginsWithTheFunctionsOwnWait() {
		Backoff backoff = new Backoff(new RetrySettings(Duration.ofSeconds(5), 2, HOUR, 0));

		assertThat(backoff.after(2, Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(2));
		assertThat(backoff.after(2, Duration.ZERO)).isZero();
	}

	@RepeatedTest(50)
	void variesByTheJitter() {
		Backoff backoff = new Backoff(new RetrySettings(Duration.ofSeconds(10), 2, HOUR, 0.2));

		assertThat(backoff.after(1, null)).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(12));
	}

	@Test
	void jitterIsNotAlwaysTheSame() {
		Backoff backoff = new Backoff(new RetrySettings(Duration.ofSeconds(10), 2, HOUR, 0.2));

		assertThat(IntStream.range(0, 50).mapToObj((i) -> backoff.after(1, null)).distinct()).hasSizeGreaterThan(10);
	}

}
