package dev.taskqueue.function;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.mockito.Mockito.mock;

class JobFunctionTests {

	private static final Instant NOON = Instant.parse("2030-01-31T12:00:00Z");

	private final JobContext context = mock(JobContext.class);

	private final AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(Jobs.class);

	private final FunctionRegistry registry = TestScan.of(this.application);

	@AfterEach
	void close() {
		this.application.close();
	}

	@ParameterizedTest(name = "{0}({1}, {2})")
	@MethodSource("calls")
	void fillsParameters(String function, List<?> params, Map<String, ?> kwargs, Object expected) throws Exception {
		assertThat(call(function, params, kwargs)).isEqualTo(expected);
	}

	static Stream<Arguments> calls() {
		List<@Nullable Object> withNull = Arrays.asList(null, "42", 3);
		return Stream.of(arguments("send", List.of("app", "42", 3), Map.of(), "app 42 3"),
				arguments("send", List.of("42", 3), Map.of(), "app 42 3"),
				arguments("send", withNull, Map.of(), "app 42 3"),
				arguments("send", List.of("app", "42"), Map.of("n", 3.0), "app 42 3"),
				arguments("send", List.of(), Map.of("id", 42L, "n", 3), "app 42 3"),
				arguments("send", List.of(), Map.of("application", "app", "id", "42", "n", 3), "app 42 3"),
				arguments("progress", List.of("app"), Map.of(), "job app"),
				arguments("progress", Arrays.asList((Object) null), Map.of(), "job null"),
				arguments("progress", Arrays.asList(null, "a"), Map.of(), "job a"),
				arguments("last", List.of("a"), Map.of(), "a app"),
				arguments("last", List.of("a", "app"), Map.of(), "a app"),
				arguments("optional", List.of("a"), Map.of(), "a null Optional.empty"),
				arguments("optional", List.of("a", "b"), Map.of(), "a b Optional.empty"),
				arguments("optional", List.of("a"), Map.of("third", 3), "a null Optional[3]"),
				arguments("optional", Arrays.asList("a", null, null), Map.of(), "a null Optional.empty"),
				arguments("optional", List.of(), Map.of("third", 3, "first", "a"), "a null Optional[3]"),
				arguments("optional", List.of("a", "b"), Map.of("third", 3), "a b Optional[3]"),
				arguments("varargs", List.of("a"), Map.of(), "a []"),
				arguments("varargs", List.of("a", 1, 2.0), Map.of(), "a [1, 2]"),
				arguments("varargs", List.of("a", List.of(1, 2)), Map.of(), "a [1, 2]"),
				arguments("varargs", List.of("a"), Map.of("numbers", List.of(1)), "a [1]"),
				arguments("generics", List.of(Map.of("a", List.of(1, 2.0))), Map.of(), "3"),
				arguments("orders", List.of(List.of(Map.of("id", "x", "at", Date.from(NOON)))), Map.of(),
						"x 2030-01-31T12:00:00Z"),
				arguments("anything", List.of(Map.of("a", 1)), Map.of(), Map.of("a", 1)),
				arguments("order", List.of("x"), Map.of(), Map.of("id", "x", "at", Date.from(NOON))),
				arguments("future", List.of("x"), Map.of(), "x"), arguments("guarded", List.of(), Map.of(), "guarded"),
				arguments("open", List.of(), Map.of(), "open"));
	}

	@ParameterizedTest(name = "{0}({1}, {2}): {4}")
	@MethodSource("refusals")
	void refusesArgumentsThatDoNotFit(String function, List<?> params, Map<String, ?> kwargs, String field,
			String message) {
		assertThatExceptionOfType(InvalidArgumentException.class)
			.isThrownBy(() -> function(function).check(params, kwargs))
			.withMessage(message)
			.satisfies((ex) -> assertThat(ex.getField()).isEqualTo(field));
	}

	static Stream<Arguments> refusals() {
		String send = "JobFunctionTests.Jobs.send(ApplicationContext, String, int)";
		return Stream.of(
				arguments("send", List.of("app", "42", 1.5), Map.of(), "params[2]",
						"Function 'send', parameter 'int n': params[2] is 1.5: expected a whole number from -2147483648"
								+ " to 2147483647 (int). Give one, or declare a type that holds the value."),
				arguments("send", List.of("app"), Map.of(), "params", "Function 'send': params is [app]: " + send
						+ " takes 2 arguments, got 0. Give 'String id' as params[1] or kwargs.id and what follows it."),
				arguments("send", List.of("42"), Map.of(), "params",
						"Function 'send': params is [42]: " + send
								+ " takes 2 arguments, got 1. Give 'int n' as params[1] or kwargs.n."),
				arguments("send", List.of("app", "42", 3, 4), Map.of(), "params",
						"Function 'send': params is [app, 42, 3, 4]: " + send
								+ " takes 2 arguments, got 3. Leave out what is too much."),
				arguments("send", List.of("app", "42", Map.of("a", List.of(new byte[3]))), Map.of(), "params[2]",
						"Function 'send', parameter 'int n': params[2] is {a=[3 bytes]}: expected a whole number from"
								+ " -2147483648 to 2147483647 (int). Give a number, or declare another type."),
				arguments("send", List.of("42", 3), Map.of("n", 4), "kwargs.n",
						"Function 'send': kwargs.n is 4: expected nothing, since params[1] is this argument too. Remove one"
								+ " of them."),
				arguments("send", List.of(3), Map.of("id", "42"), "kwargs.id",
						"Function 'send': kwargs.id is \"42\": expected nothing, since params[0] is this argument too."
								+ " Remove one of them."),
				arguments("send", List.of("42"), Map.of("m", 4), "kwargs.m",
						"Function 'send': kwargs.m is 4: expected a parameter of " + send
								+ ": id, n. Rename or remove it."),
				arguments("send", List.of("42", 3), Map.of("application", "x"), "kwargs.application",
						"Function 'send': kwargs.application is \"x\": expected nothing, since this ApplicationContext is"
								+ " injected. Remove it."),
				arguments("optional", List.of(), Map.of(), "params",
						"Function 'optional': params is []: JobFunctionTests.Jobs.optional(String, String, Optional<Integer>)"
								+ " takes 1 to 3 arguments, got 0. Give 'String first' as params[0] or kwargs.first and what"
								+ " follows it."),
				arguments("varargs", List.of("a", 1, "b"), Map.of(), "params[2]",
						"Function 'varargs', parameter 'int... numbers': params[2] is \"b\": expected a whole number from"
								+ " -2147483648 to 2147483647 (int); text is not converted. Give a number, or declare another"
								+ " type."),
				arguments("orders", List.of(List.of(Map.of("id", "x"), Map.of("id", "y", "at", 5))), Map.of(),
						"params[0][1].at",
						"Function 'orders', parameter 'List<JobFunctionTests.Order> orders': params[0][1].at is 5: expected"
								+ " a date or ISO text such as 2030-01-31T10:15:30Z (Instant); a number does not tell its"
								+ " unit. Give that, or declare another type."));
	}

	@Test
	void checkAcceptsWhatBindAccepts() {
		function("send").check(List.of("app", "42", 3), Map.of());
		function("progress").check(List.of("a"), Map.of());
	}

	@Test
	void argumentsByNameNeedTheNames() {
		ArgumentMapper mapper = new ArgumentMapper(JsonMapper.builder().build(), (value) -> value);
		Parameter nameless = new Parameter(null, Parameter.Kind.ARGUMENT, mapper.types().constructType(int.class),
				false, false);
		var arguments = new dev.taskqueue.function.Arguments("work", "Jobs.work(int)", List.of(nameless), mapper,
				this.application);

		assertThat(arguments.bind(List.of(1), Map.of(), null)).containsExactly(1);
		assertThatExceptionOfType(InvalidArgumentException.class)
			.isThrownBy(() -> arguments.bind(List.of(), Map.of("n", 1), null))
			.withMessage("Function 'work': kwargs is {n=1}: expected nothing, since the names of the parameters of"
					+ " Jobs.work(int) are not known. Compile the class with -parameters, or give the arguments as params.");
	}

	@Test
	void injectsTheAttemptsContext() throws Exception {
		assertThat(function("context").bind(List.of(), Map.of(), this.context).invoke()).isEqualTo(true);
	}

	@Test
	void bindRunsNothing() {
		function("fail").bind(List.of(), Map.of(), this.context);
	}

	@Test
	void throwsWhatTheMethodThrew() {
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> call("fail", List.of(), Map.of()))
			.withMessage("disk full");
	}

	@Test
	void throwsWhatAFutureThrew() {
		assertThatIllegalStateException().isThrownBy(() -> call("failing_future", List.of(), Map.of()))
			.withMessage("later");
	}

	@Test
	void interruptEndsTheWaitForAFuture() {
		Thread.currentThread().interrupt();

		assertThatExceptionOfType(InterruptedException.class)
			.isThrownBy(() -> call("endless_future", List.of(), Map.of()));
		assertThat(Thread.interrupted()).isFalse();
	}

	@Test
	void saysThatAResultCannotBeStored() {
		assertThatExceptionOfType(InvalidArgumentException.class)
			.isThrownBy(() -> call("unstorable", List.of(), Map.of()))
			.withMessageStartingWith("result is of Object, which cannot be stored")
			.satisfies((ex) -> assertThat(ex.getField()).isEqualTo("result"));
	}

	@Test
	void tellsWhatTheAnnotationSays() {
		JobFunction configured = function("configured");

		assertThat(configured.queue()).isEqualTo("mail");
		assertThat(configured.priority()).isEqualTo(5);
		assertThat(configured.maxAttempts()).isEqualTo(3);
		assertThat(configured.backoff()).isEqualTo(Duration.ofSeconds(10));
		assertThat(configured.retention()).isEqualTo(Duration.ofDays(7));
		assertThat(configured.timeout()).isEqualTo(Duration.ZERO);
		JobFunction plain = function("order");
		assertThat(plain.queue()).isEqualTo("default");
		assertThat(plain.maxAttempts()).isNull();
		assertThat(plain.backoff()).isNull();
		assertThat(plain.retention()).isNull();
		assertThat(plain.timeout()).isNull();
		assertThat(function("varargs").signature()).isEqualTo("JobFunctionTests.Jobs.varargs(String, int...)");
	}

	private @Nullable Object call(String function, List<?> params, Map<String, ?> kwargs) throws Exception {
		return function(function).bind(params, kwargs, this.context).invoke();
	}

	private JobFunction function(String name) {
		return Objects.requireNonNull(this.registry.find(name), name);
	}

	record Order(String id, @Nullable Instant at) {
	}

	static class Jobs {

		@AsyncJob
		public String send(ApplicationContext application, String id, int n) {
			return ((application != null) ? "app " : "none ") + id + " " + n;
		}

		@AsyncJob
		public String progress(JobContext context, String text) {
			return ((context != null) ? "job " : "none ") + text;
		}

		@AsyncJob
		public String last(String text, ApplicationContext application) {
			return text + ((application != null) ? " app" : " none");
		}

		@AsyncJob
		public boolean context(JobContext context) {
			return context != null;
		}

		@AsyncJob
		public String optional(String first, @Nullable String second, Optional<Integer> third) {
			return first + " " + second + " " + third;
		}

		@AsyncJob
		public String varargs(String first, int... numbers) {
			return first + " " + Arrays.toString(numbers);
		}

		@AsyncJob
		public String generics(Map<String, List<Integer>> numbers) {
			int sum = 0;
			for (List<Integer> list : numbers.values()) {
				for (Integer number : list) {
					sum += number;
				}
			}
			return "" + sum;
		}

		@AsyncJob
		public String orders(List<Order> orders) {
			return orders.get(0).id() + " " + orders.get(0).at();
		}

		@AsyncJob
		public Object anything(Object value) {
			return value;
		}

		@AsyncJob
		public Order order(String id) {
			return new Order(id, NOON);
		}

		@AsyncJob
		public CompletableFuture<String> future(String text) {
			return CompletableFuture.supplyAsync(() -> text);
		}

		@AsyncJob("failing_future")
		public CompletableFuture<String> failingFuture() {
			return CompletableFuture.failedFuture(new IllegalStateException("later"));
		}

		@AsyncJob("endless_future")
		public CompletableFuture<String> endlessFuture() {
			return new CompletableFuture<>();
		}

		@AsyncJob
		public void fail() throws IOException {
			throw new IOException("disk full");
		}

		@AsyncJob
		public Object unstorable() {
			return new Object();
		}

		@AsyncJob
		protected String guarded() {
			return "guarded";
		}

		@AsyncJob
		String open() {
			return "open";
		}

		@AsyncJob(queue = "mail", priority = 5, maxAttempts = 3, backoff = "PT10S", timeout = "PT0S", retention = "P7D")
		public void configured() {
		}

	}

}
