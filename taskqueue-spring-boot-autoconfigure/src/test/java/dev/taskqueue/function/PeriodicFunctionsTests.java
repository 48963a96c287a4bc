package dev.taskqueue.function;

import java.time.ZoneId;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.function.JobFunction.Periodic;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class PeriodicFunctionsTests {

	@Test
	void functionSaysWhenItRuns() {
		FunctionRegistry functions = scan(Good.class, Map.of("report.cron", "0 4 * * *", "report.zone", "Asia/Tokyo"));

		assertThat(periodic(functions, "plain")).isEqualTo(new Periodic("30 3 * * mon-fri", null, null));
		assertThat(periodic(functions, "interval")).isEqualTo(new Periodic(null, "90s", null));
		assertThat(periodic(functions, "zoned")).isEqualTo(new Periodic("@daily", null, ZoneId.of("Europe/Berlin")));
		assertThat(periodic(functions, "resolved")).isEqualTo(new Periodic("0 4 * * *", null, ZoneId.of("Asia/Tokyo")));
		assertThat(periodic(functions, "defaulted")).isEqualTo(new Periodic("@hourly", null, null));
		assertThat(functions.find("off")).isNotNull().satisfies((off) -> assertThat(off.periodic()).isNull());
		assertThat(functions.find("never")).isNotNull().satisfies((never) -> assertThat(never.periodic()).isNull());
	}

	@ParameterizedTest(name = "{1}")
	@MethodSource("mistakes")
	void scheduleThatCannotBeMeantStopsTheStartUp(Class<?> component, String message) {
		assertThatExceptionOfType(InvalidFunctionException.class).isThrownBy(() -> scan(component, Map.of()))
			.withMessageContaining(message);
	}

	static Stream<Arguments> mistakes() {
		return Stream.of(
				arguments(Both.class,
						"Function 'run', PeriodicFunctionsTests.Both.run(): every is '1h': "
								+ "expected nothing, since cron is '@daily'. Correct the attribute of @AsyncJob."),
				arguments(BadCron.class, "cron is '61 * * * *': schedule '61 * * * *': minute is '61', expected 0-59"),
				arguments(BadEvery.class, "every is 'soon': schedule '@every soon': interval is 'soon'"),
				arguments(BadZone.class, "zone is 'Mars': expected a time zone such as Europe/Berlin"),
				arguments(WithParameter.class,
						"WithParameter.run(String) is run by a schedule and has parameters, for which nobody gives "
								+ "arguments."));
	}

	private static Periodic periodic(FunctionRegistry functions, String name) {
		return Objects.requireNonNull(Objects.requireNonNull(functions.find(name)).periodic());
	}

	private static FunctionRegistry scan(Class<?> component, Map<String, Object> properties) {
		try (AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext()) {
			application.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", properties));
			application.register(component);
			application.refresh();
			return TestScan.of(application);
		}
	}

	static class Good {

		@AsyncJob(cron = "30 3 * * mon-fri")
		void plain() {
		}

		@AsyncJob(every = "90s")
		void interval(JobContext job, ApplicationContext application, Optional<String> optional) {
		}

		@AsyncJob(cron = "@daily", zone = "Europe/Berlin")
		void zoned() {
		}

		@AsyncJob(cron = "${report.cron}", zone = "${report.zone}")
		void resolved() {
		}

		@AsyncJob(cron = "${other.cron:@hourly}", zone = "${other.zone:}")
		void defaulted() {
		}

		@AsyncJob(cron = "${other.cron:-}")
		void off() {
		}

		@AsyncJob
		void never(String argument) {
		}

	}

	static class Both {

		@AsyncJob(cron = "@daily", every = "1h")
		void run() {
		}

	}

	static class BadCron {

		@AsyncJob(cron = "61 * * * *")
		void run() {
		}

	}

	static class BadEvery {

		@AsyncJob(every = "soon")
		void run() {
		}

	}

	static class BadZone {

		@AsyncJob(cron = "@daily", zone = "Mars")
		void run() {
		}

	}

	static class WithParameter {

		@AsyncJob(cron = "@daily")
		void run(String argument) {
		}

	}

}
