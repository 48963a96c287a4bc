package dev.taskqueue.function;

import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.FunctionOptions;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobFunctions.Registration;
import dev.taskqueue.RetryPolicy;
import dev.taskqueue.WorkerLoss;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.Mockito.mock;

class HandlerFunctionsTests {

	private final AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(Jobs.class);

	private final JobContext context = mock(JobContext.class);

	private final FunctionRegistry registry = TestScan.of(this.application);

	private final HandlerFunctions handlers = new HandlerFunctions(this.application,
			new ArgumentMapper(JsonMapper.builder().build(), (value) -> value));

	@AfterEach
	void close() {
		this.application.close();
	}

	@Test
	void typedHandlerGetsItsArgumentConverted() throws Exception {
		join();
		this.handlers.register("resize", Resize.class, (request, job) -> request.width() * 2);

		assertThat(run("resize", List.of(Map.of("file", "a.png", "width", 21)), Map.of())).isEqualTo(42);
		assertThat(run("resize", List.of(), Map.of("request", Map.of("file", "a.png", "width", 21)))).isEqualTo(42);
		assertThat(function("resize").signature()).isEqualTo("handler(HandlerFunctionsTests.Resize)");
	}

	@Test
	void typedHandlerRefusesWhatDoesNotFitAsAMethodDoes() {
		join();
		this.handlers.register("resize", Resize.class, (request, job) -> null);

		assertThatExceptionOfType(InvalidArgumentException.class)
			.isThrownBy(() -> function("resize").check(List.of(Map.of("file", "a.png", "width", 1.5)), Map.of()))
			.withMessageStartingWith("Function 'resize', parameter 'HandlerFunctionsTests.Resize request':"
					+ " params[0].width is 1.5: expected a whole number");
		assertThatExceptionOfType(InvalidArgumentException.class)
			.isThrownBy(() -> function("resize").check(List.of(), Map.of()))
			.withMessageContaining("handler(HandlerFunctionsTests.Resize) takes 1 argument, got 0");
	}

	@Test
	void rawHandlerGetsAllAsItIsStored() throws Exception {
		join();
		List<Object> seen = new ArrayList<>();
		this.handlers.register("any", (params, kwargs, job) -> {
			seen.add(params);
			seen.add(kwargs);
			seen.add(job);
			return params.size();
		});

		assertThat(run("any", List.of("a", List.of(1)), Map.of("deep", Map.of("b", true)))).isEqualTo(2);
		assertThat(seen).containsExactly(List.of("a", List.of(1)), Map.of("deep", Map.of("b", true)), this.context);
	}

	@Test
	void thatAreThereBeforeTheOthersJoinThem() {
		this.handlers.register("early", (params, kwargs, job) -> null);

		join();

		assertThat(this.registry.names()).containsExactly("early", "method");
	}

	@Test
	void eachNameIsThereOnce() {
		join();
		this.handlers.register("any", (params, kwargs, job) -> null);

		assertThatIllegalStateException()
			.isThrownBy(() -> this.handlers.register("any", Resize.class, (request, job) -> 1))
			.withMessage("There is a function 'any' already: handler(params, kwargs). Take another name, or unregister"
					+ " that one first if it is a handler too.");
		assertThatIllegalStateException().isThrownBy(() -> this.handlers.register("method", (params, kwargs, job) -> 1))
			.withMessageContaining("HandlerFunctionsTests.Jobs.method()");
	}

	@Test
	void anEarlyOneWithTheNameOfAMethodStopsTheStart() {
		this.handlers.register("method", (params, kwargs, job) -> null);

		assertThatExceptionOfType(InvalidFunctionException.class).isThrownBy(this::join)
			.withMessageContaining("Function 'method' is defined twice");
	}

	@Test
	void goAwayAndMayComeBack() {
		join();
		Registration first = this.handlers.register("any", (params, kwargs, job) -> 1);
		assertThat(this.handlers.unregister("any")).isTrue();
		assertThat(this.registry.find("any")).isNull();
		assertThat(this.handlers.unregister("any")).isFalse();

		this.handlers.register("any", (params, kwargs, job) -> 2);
		// it is not the one that it registered
		first.close();

		assertThat(first.name()).isEqualTo("any");
		assertThat(this.registry.find("any")).isNotNull();
	}

	@Test
	void methodsStay() {
		join();

		assertThatIllegalArgumentException().isThrownBy(() -> this.handlers.unregister("method"))
			.withMessageStartingWith(
					"Function 'method' is the @AsyncJob method HandlerFunctionsTests.Jobs.method()," + " which stays.");
		assertThat(this.handlers.unregister("unknown")).isFalse();
	}

	@Test
	void refusesNamesAndTypesThatCannotBe() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.handlers.register(" a", (params, kwargs, job) -> 1))
			.withMessageContaining("has the name ' a'");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.handlers.register("a", InputStream.class, (request, job) -> 1))
			.withMessageContaining("Give a type that arguments convert to");
	}

	@Test
	void haveTheOptionsOfTheAnnotation() {
		join();
		this.handlers.register("any", (params, kwargs, job) -> null,
				FunctionOptions.defaults()
					.queue("images")
					.priority(3)
					.maxAttempts(2)
					.backoff(Duration.ofSeconds(1), Duration.ofSeconds(7))
					.noRetryFor(IllegalStateException.class)
					.timeout(Duration.ofSeconds(9))
					.retention(Duration.ZERO)
					.onWorkerLoss(WorkerLoss.FAIL));

		JobFunction function = function("any");
		assertThat(function.queue()).isEqualTo("images");
		assertThat(function.priority()).isEqualTo(3);
		assertThat(function.maxAttempts()).isEqualTo(2);
		assertThat(Objects.requireNonNull(function.retryPolicy()).next(2, new IllegalStateException()))
			.isEqualTo(Duration.ofSeconds(7));
		assertThat(function.noRetryFor()).containsExactly(IllegalStateException.class);
		assertThat(function.timeout()).isEqualTo(Duration.ofSeconds(9));
		assertThat(function.retention()).isZero();
		assertThat(function.onWorkerLoss()).isEqualTo(WorkerLoss.FAIL);
	}

	@Test
	void haveUniqueJobsAndLocksOfTheirArguments() {
		join();
		this.handlers.register("resize", Resize.class, (request, job) -> null,
				FunctionOptions.defaults()
					.uniqueFor(Duration.ofMinutes(10))
					.uniqueBy("#request.file")
					.lock("'width-' + #p0.width"));
		this.handlers.register("any", (params, kwargs, job) -> null,
				FunctionOptions.defaults().uniqueBy("#params[0] + '-' + #kwargs['id']").lock("reports"));

		List<?> image = List.of(Map.of("file", "a.png", "width", 7));
		assertThat(function("resize").uniqueKey(image, Map.of())).isEqualTo("resize:a.png");
		assertThat(function("resize").uniqueFor()).isEqualTo(Duration.ofMinutes(10));
		assertThat(function("resize").lock(image, Map.of())).isEqualTo("width-7");
		assertThat(function("any").uniqueKey(List.of("x"), Map.of("id", 3))).isEqualTo("any:x-3");
		assertThat(function("any").uniqueFor()).isNull();
		assertThat(function("any").lock(List.of(), Map.of())).isEqualTo("reports");
	}

	@Test
	void expressionsThatCannotWorkAreRefusedAndNothingIsRegistered() {
		join();
		FunctionOptions options = FunctionOptions.defaults();

		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.handlers.register("a", Resize.class, (request, job) -> 1, options.uniqueBy("#file")))
			.withMessage("Function 'a': uniqueBy is '#file': #file is no parameter, expected one of #context, #p0, #p1,"
					+ " #request.");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.handlers.register("a", (params, kwargs, job) -> 1, options.lock("#kwargs[")))
			.withMessageStartingWith("Function 'a': lock is '#kwargs[': expected a SpEL expression");
		assertThatIllegalArgumentException().isThrownBy(
				() -> this.handlers.register("a", (params, kwargs, job) -> 1, options.uniqueFor(Duration.ofMinutes(1))))
			.withMessage(
					"Function 'a': uniqueFor is 'PT1M': expected a uniqueBy beside it, which says what key is held.");
		assertThat(this.registry.find("a")).isNull();
	}

	@Test
	void optionsThatCannotBeMeantAreRefused() {
		FunctionOptions options = FunctionOptions.defaults();

		assertThatIllegalArgumentException().isThrownBy(() -> options.maxAttempts(0))
			.withMessage("maxAttempts is '0': expected a number from 1.");
		assertThatIllegalArgumentException().isThrownBy(() -> options.queue("$a"));
		assertThatIllegalArgumentException().isThrownBy(() -> options.timeout(Duration.ofSeconds(-1)));
		assertThatIllegalArgumentException().isThrownBy(() -> options.uniqueBy(" "));
		assertThatIllegalArgumentException().isThrownBy(() -> options.uniqueFor(Duration.ZERO))
			.withMessage("uniqueFor is 'PT0S': expected a duration above 0, and 36500 days at most.");
		assertThatIllegalArgumentException().isThrownBy(() -> options.lock(""));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> options.backoff(Duration.ofSeconds(1)).retryPolicy(RetryPolicy.delays(Duration.ZERO)));
	}

	private void join() {
		this.handlers.joinTo(this.registry);
	}

	private @Nullable Object run(String name, List<?> params, Map<String, ?> kwargs) throws Exception {
		return function(name).bind(params, kwargs, this.context).invoke();
	}

	private JobFunction function(String name) {
		return Objects.requireNonNull(this.registry.find(name));
	}

	record Resize(String file, int width) {
	}

	static class Jobs {

		@AsyncJob
		public void method() {
		}

	}

}
