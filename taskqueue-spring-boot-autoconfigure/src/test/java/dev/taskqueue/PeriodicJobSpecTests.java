package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class PeriodicJobSpecTests {

	@ParameterizedTest(name = "{1}")
	@MethodSource("mistakes")
	void valueThatCannotBeMeantIsNamedWithItsField(UnaryOperator<PeriodicJobBuilder> mistake, String message) {
		PeriodicJobBuilder job = mistake.apply(PeriodicJobSpec.named("nightly").function("report").cron("@daily"));

		assertThatIllegalArgumentException().isThrownBy(job::build)
			.withMessageStartingWith("Periodic job 'nightly'")
			.withMessageContaining(message);
	}

	static Stream<Arguments> mistakes() {
		return Stream.of(mistake((job) -> job.cron("61 * * * *"), "cron: schedule '61 * * * *': minute is '61'"),
				mistake((job) -> job.every("soon"), "every: schedule '@every soon': interval is 'soon'"),
				mistake((job) -> job.every(Duration.ofMillis(10)), "expected at least 1s"),
				mistake((job) -> job.function(" "), "function is ' ', expected the name of a function"),
				mistake((job) -> job.queue(""), "queue is ''"),
				mistake((job) -> job.maxAttempts(0), "maxAttempts is '0', expected 1 or more"),
				mistake((job) -> job.timeout(Duration.ofSeconds(-1)), "timeout is 'PT-1S'"),
				mistake((job) -> job.expiresIn(Duration.ZERO), "expiresIn is 'PT0S'"),
				mistake((job) -> job.startTime(Instant.EPOCH).endTime(Instant.EPOCH.minusSeconds(1)),
						"endTime is '1969-12-31T23:59:59Z', expected a time that is not before startTime"));
	}

	private static Arguments mistake(UnaryOperator<PeriodicJobBuilder> mistake, String message) {
		return arguments(mistake, message);
	}

	@Test
	void jobHasATime() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> PeriodicJobSpec.named("nightly").function("report").build())
			.withMessage(
					"Periodic job 'nightly': cron is not given, expected a cron expression, unless 'every' is given. "
							+ "Correct the job.");
	}

	@Test
	void nameIsNoBlankAndNoEssay() {
		for (String name : new String[] { " ", "x".repeat(201) }) {
			assertThatIllegalArgumentException()
				.isThrownBy(() -> PeriodicJobSpec.named(name).function("report").every("1h").build())
				.withMessageContaining("name is '");
		}
	}

	@Test
	void builderOfAJobHasAllOfIt() {
		PeriodicJobSpec job = PeriodicJobSpec.named("nightly")
			.function("report", "sales", null)
			.kwarg("limit", 10)
			.cron("0 3 * * *")
			.zone(ZoneId.of("Europe/Berlin"))
			.startTime(Instant.EPOCH)
			.endTime(Instant.EPOCH.plusSeconds(1))
			.misfire(Misfire.ALL)
			.whileRunning(WhileRunning.QUEUE)
			.queue("reports")
			.priority(3)
			.maxAttempts(2)
			.timeout(Duration.ZERO)
			.expiresIn(Duration.ofMinutes(1))
			.enabled(false)
			.build();

		assertThat(job.toBuilder().build()).isEqualTo(job);
		assertThat(job.toBuilder().every(Duration.ofMinutes(90)).build()).satisfies((other) -> {
			assertThat(other.cron()).isNull();
			assertThat(other.every()).isEqualTo("PT1H30M");
		});
	}

}
