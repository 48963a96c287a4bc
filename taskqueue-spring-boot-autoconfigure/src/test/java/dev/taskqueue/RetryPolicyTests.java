package dev.taskqueue;

import java.io.IOException;
import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class RetryPolicyTests {

	private static final Duration SECOND = Duration.ofSeconds(1);

	private static final Duration HOUR = Duration.ofHours(1);

	@Test
	void noneEndsAfterTheFirstAttempt() {
		assertThat(next(RetryPolicy.none(), 1)).isNull();
	}

	@Test
	void fixedWaitsTheSameEachTime() {
		assertThat(waits(RetryPolicy.fixed(SECOND), 3)).containsExactly(SECOND, SECOND, SECOND);
	}

	@Test
	void lastOfTheDelaysHoldsForAllThatFollow() {
		assertThat(waits(RetryPolicy.delays(SECOND, HOUR), 4)).containsExactly(SECOND, HOUR, HOUR, HOUR);
	}

	@Test
	void exponentialGrowsToItsMaximum() {
		assertThat(waits(RetryPolicy.exponential(SECOND, 3, Duration.ofSeconds(20), 0), 5)).containsExactly(SECOND,
				Duration.ofSeconds(3), Duration.ofSeconds(9), Duration.ofSeconds(20), Duration.ofSeconds(20));
	}

	@Test
	void exponentialVariesByItsJitter() {
		RetryPolicy policy = RetryPolicy.exponential(Duration.ofSeconds(10), 2, HOUR, 0.2);

		assertThat(IntStream.range(0, 50).mapToObj((i) -> next(policy, 1)).distinct()).hasSizeGreaterThan(10)
			.allSatisfy((wait) -> assertThat(wait).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(12)));
	}

	@Test
	void waitBeyondAllMeasureIsCutInsteadOfFailing() {
		Duration forEver = Duration.ofSeconds(Long.MAX_VALUE);

		assertThat(next(RetryPolicy.exponential(SECOND, 1000, forEver, 1), 1000)).isLessThan(forEver);
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("refused")
	void refusesWhatCannotBeMeant(String message, Runnable making) {
		assertThatIllegalArgumentException().isThrownBy(making::run).withMessageContaining(message);
	}

	static Stream<Arguments> refused() {
		Duration negative = SECOND.negated();
		return Stream.of(refused("are [], expected one or more", () -> RetryPolicy.delays()),
				refused("none of them negative", () -> RetryPolicy.fixed(negative)),
				refused("initial of an exponential RetryPolicy is 'PT-1S'",
						() -> RetryPolicy.exponential(negative, 2, HOUR, 0)),
				refused("multiplier", () -> RetryPolicy.exponential(SECOND, 0.5, HOUR, 0)),
				refused("multiplier", () -> RetryPolicy.exponential(SECOND, Double.NaN, HOUR, 0)),
				refused("at least the initial wait, which is PT1H", () -> RetryPolicy.exponential(HOUR, 2, SECOND, 0)),
				refused("jitter", () -> RetryPolicy.exponential(SECOND, 2, HOUR, 2)),
				refused("delay of RetryLater is 'PT-1S'", () -> new RetryLater(negative)));
	}

	private static Arguments refused(String message, Runnable making) {
		return arguments(message, making);
	}

	private static Stream<@Nullable Duration> waits(RetryPolicy policy, int attempts) {
		return IntStream.rangeClosed(1, attempts).mapToObj((attempt) -> next(policy, attempt));
	}

	private static @Nullable Duration next(RetryPolicy policy, int attempt) {
		return policy.next(attempt, new IOException("no"));
	}

}
