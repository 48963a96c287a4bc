package dev.taskqueue.function;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class LockNameTests {

	private final FunctionRegistry registry = TestScan.of(Jobs.class);

	@Test
	void textWithoutAHashIsTheNameItself() {
		assertThat(lock("constant", List.of("whatever"))).isEqualTo("'reports' + 1");
	}

	@Test
	void functionWithoutOneHasNone() {
		assertThat(lock("none", List.of())).isNull();
	}

	@Test
	void expressionIsReadWithTheArgumentsByNameOrPlace() {
		assertThat(lock("bill", List.of(Map.of("id", "a")))).isEqualTo("customer-a");
		assertThat(lock("place", List.of(7))).isEqualTo("7");
	}

	@Test
	void argumentsWithoutAValueAreNamed() {
		assertThatExceptionOfType(InvalidArgumentException.class)
			.isThrownBy(() -> lock("place", Arrays.asList((Object) null)))
			.withMessage("Function 'place': lock '#p1' is null for these arguments. Give arguments that it has a value "
					+ "for, or give the job a lock of its own.")
			.satisfies((ex) -> assertThat(ex.getField()).isEqualTo("lock"));
	}

	@Test
	void nameThatIsBlankOrEndlessIsRefused() {
		assertThatExceptionOfType(InvalidArgumentException.class).isThrownBy(() -> lock("place", List.of(" ")))
			.withMessageContaining("expected the name of a lock, of 1000 characters at most");
		assertThatExceptionOfType(InvalidArgumentException.class)
			.isThrownBy(() -> lock("place", List.of("x".repeat(1001))))
			.withMessageContaining("of 1000 characters at most");
	}

	@Test
	void expressionThatCannotWorkStopsTheStart() {
		assertThatExceptionOfType(InvalidFunctionException.class).isThrownBy(() -> TestScan.of(Misspelt.class))
			.withMessageContaining("lock is '#custmer.id': #custmer is no parameter, expected one of #customer, #p0");
		assertThatExceptionOfType(InvalidFunctionException.class).isThrownBy(() -> TestScan.of(Unclosed.class))
			.withMessageContaining("lock is '#customer.': expected a SpEL expression such as #order.id");
		assertThatExceptionOfType(InvalidFunctionException.class).isThrownBy(() -> TestScan.of(Blank.class))
			.withMessageContaining("lock is ' ': expected the name of a lock");
	}

	private @Nullable String lock(String function, List<?> params) {
		return Objects.requireNonNull(this.registry.find(function)).lock(params, Map.of());
	}

	public record Customer(String id) {
	}

	static class Jobs {

		@AsyncJob(lock = "'reports' + 1")
		public void constant(int number) {
		}

		@AsyncJob
		public void none() {
		}

		@AsyncJob(lock = "'customer-' + #customer.id")
		public void bill(Customer customer) {
		}

		@AsyncJob(lock = "#p1")
		public void place(JobContext job, @Nullable Object key) {
		}

	}

	static class Misspelt {

		@AsyncJob(lock = "#custmer.id")
		public void bill(Customer customer) {
		}

	}

	static class Unclosed {

		@AsyncJob(lock = "#customer.")
		public void bill(Customer customer) {
		}

	}

	static class Blank {

		@AsyncJob(lock = " ")
		public void bill(Customer customer) {
		}

	}

}
