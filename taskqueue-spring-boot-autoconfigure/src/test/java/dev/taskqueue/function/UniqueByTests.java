package dev.taskqueue.function;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.function.InvalidFunctionException.Kind;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class UniqueByTests {

	@Test
	void keyIsTheFunctionsNameAndTheValue() {
		assertThat(key("record", List.of(Map.of("id", 7)), Map.of())).isEqualTo("record:7");
		assertThat(key("bean", List.of(Map.of("id", "a")), Map.of())).isEqualTo("bean:a");
		assertThat(key("map", List.of(Map.of("id", 3)), Map.of())).isEqualTo("map:3");
		assertThat(key("position", List.of("x", 2), Map.of())).isEqualTo("position:x-2");
		assertThat(key("position", List.of("x"), Map.of("n", 2))).isEqualTo("position:x-2");
		assertThat(key("plain", List.of("x"), Map.of())).isNull();
	}

	@Test
	void functionSaysWhetherItsJobsAreUnique() {
		assertThat(function("record").isUnique()).isTrue();
		assertThat(function("plain").isUnique()).isFalse();
	}

	@Test
	void functionSaysHowLongItsKeysAreHeld() {
		assertThat(function("map").uniqueFor()).isEqualTo(Duration.ofMinutes(10));
		assertThat(function("record").uniqueFor()).isNull();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			Soon     | uniqueFor is 'soon': expected a duration such as 90s, 5m or PT1M30S.
			Negative | uniqueFor is '-PT1S': expected a duration such as 90s, 5m or PT1M30S, not a negative one.
			Zero     | uniqueFor is 'PT0S': expected a duration above 0, and 36500d at most.
			ForEver  | uniqueFor is 'P36501D': expected a duration above 0, and 36500d at most.
			Keyless  | uniqueFor is 'PT10M': expected a uniqueBy beside it, which says what key is held.
			""")
	void periodThatCannotBeMeantStopsTheStart(String type, String message) throws ClassNotFoundException {
		Class<?> jobs = Class.forName(UniqueByTests.class.getName() + "$" + type);

		assertThatExceptionOfType(InvalidFunctionException.class).isThrownBy(() -> scan(jobs))
			.withMessageContaining("Function 'bill', ")
			.withMessageContaining(message)
			.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(Kind.ATTRIBUTE));
	}

	@Test
	void argumentsWithoutAValueAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> key("bean", List.of(Map.of()), Map.of()))
			.withMessageContaining("Function 'bean': uniqueBy '#order.id' is null")
			.withMessageContaining("uniqueKey");
		assertThatIllegalArgumentException().isThrownBy(() -> key("map", List.of(Map.of("id", Map.of())), Map.of()))
			.withMessageContaining("uniqueBy '#order['id'] + 0' cannot be evaluated");
		assertThatIllegalArgumentException().isThrownBy(() -> key("record", List.of(), Map.of()))
			.withMessageContaining("Function 'record'");
	}

	@Test
	void expressionCanCallNeitherMethodsNorTypes() {
		assertThatIllegalArgumentException().isThrownBy(() -> key("method", List.of("x"), Map.of()))
			.withMessageContaining("cannot be evaluated");
		assertThatIllegalArgumentException().isThrownBy(() -> key("type", List.of("x"), Map.of()))
			.withMessageContaining("cannot be evaluated");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			Unclosed | uniqueBy is '#order.': expected a SpEL expression such as #order.id
			Misspelt | uniqueBy is '#ordre.id': #ordre is no parameter, expected one of #order, #p0
			Constant | uniqueBy is '1 + 1': it depends on no parameter
			""")
	void expressionThatCannotWorkStopsTheStart(String type, String message) throws ClassNotFoundException {
		Class<?> jobs = Class.forName(UniqueByTests.class.getName() + "$" + type);

		assertThatExceptionOfType(InvalidFunctionException.class).isThrownBy(() -> scan(jobs))
			.withMessageContaining(message)
			.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(Kind.ATTRIBUTE));
	}

	private static @Nullable String key(String function, List<?> params, Map<String, ?> kwargs) {
		return function(function).uniqueKey(params, kwargs);
	}

	private static JobFunction function(String name) {
		return Objects.requireNonNull(scan(Jobs.class).find(name));
	}

	private static FunctionRegistry scan(Class<?> jobs) {
		try (AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(jobs)) {
			return TestScan.of(application);
		}
	}

	record Order(int id) {
	}

	static class OrderBean {

		private @Nullable String id;

		public @Nullable String getId() {
			return this.id;
		}

		public void setId(@Nullable String id) {
			this.id = id;
		}

	}

	static class Jobs {

		@AsyncJob(uniqueBy = "#order.id")
		public void record(Order order) {
		}

		@AsyncJob(uniqueBy = "#order.id")
		public void bean(OrderBean order) {
		}

		@AsyncJob(uniqueBy = "#order['id'] + 0", uniqueFor = "PT10M")
		public void map(Map<String, Object> order) {
		}

		@AsyncJob(uniqueBy = "#p0 + '-' + #n")
		public void position(String text, int n) {
		}

		@AsyncJob(uniqueBy = "#text.concat('x')")
		public void method(String text) {
		}

		@AsyncJob(uniqueBy = "#text + T(java.lang.Runtime).getRuntime()")
		public void type(String text) {
		}

		@AsyncJob
		public void plain(String text) {
		}

	}

	static class Unclosed {

		@AsyncJob(uniqueBy = "#order.")
		public void bill(Order order) {
		}

	}

	static class Misspelt {

		@AsyncJob(uniqueBy = "#ordre.id")
		public void bill(Order order) {
		}

	}

	static class Constant {

		@AsyncJob(uniqueBy = "1 + 1")
		public void bill(Order order) {
		}

	}

	static class Soon {

		@AsyncJob(uniqueBy = "#order.id", uniqueFor = "soon")
		public void bill(Order order) {
		}

	}

	static class Negative {

		@AsyncJob(uniqueBy = "#order.id", uniqueFor = "-PT1S")
		public void bill(Order order) {
		}

	}

	static class Zero {

		@AsyncJob(uniqueBy = "#order.id", uniqueFor = "PT0S")
		public void bill(Order order) {
		}

	}

	static class ForEver {

		@AsyncJob(uniqueBy = "#order.id", uniqueFor = "P36501D")
		public void bill(Order order) {
		}

	}

	static class Keyless {

		@AsyncJob(uniqueFor = "PT10M")
		public void bill(Order order) {
		}

	}

}
