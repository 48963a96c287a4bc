package dev.taskqueue.crontab;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.crontab.KnownFunctions.KnownFunction;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.AsyncJobScanner;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RegisteredFunctionsTests {

	@Test
	void argumentsThatDoNotFitGiveTheErrorOfTheRow() {
		KnownFunction send = find("send");

		RowError error = Objects.requireNonNull(send.check().check(List.of("ann", 1.5), Map.of()));

		assertThat(error.field()).isEqualTo("params[1]");
		assertThat(error.value()).isEqualTo(1.5);
		assertThat(error.message()).contains("1.5");
	}

	@Test
	void argumentsThatFitGiveNone() {
		assertThat(find("send").check().check(List.of("ann"), Map.of("count", 2))).isNull();
	}

	@Test
	void settingsOfTheFunctionAreTaken() {
		KnownFunction send = find("send");

		assertThat(send.queue()).isEqualTo("mail");
		assertThat(send.priority()).isEqualTo(3);
		assertThat(send.maxAttempts()).isEqualTo(4);
	}

	@Test
	void functionGivesItsKeyAndItsPeriod() {
		KnownFunction bill = find("bill");

		assertThat(bill.uniqueKey().of(List.of("a"), Map.of())).isEqualTo("bill:a");
		assertThat(bill.uniqueFor()).isEqualTo(Duration.ofMinutes(10));
		assertThat(find("send").uniqueKey().of(List.of("ann", 1), Map.of())).isNull();
		assertThat(find("send").uniqueFor()).isNull();
	}

	@Test
	void argumentsThatGiveNoKeyAreToldAsTheErrorOfTheRow() {
		assertThatExceptionOfType(BadRow.class)
			.isThrownBy(() -> find("bill").uniqueKey().of(Arrays.asList((Object) null), Map.of()))
			.satisfies((ex) -> {
				assertThat(ex.error().field()).isEqualTo("unique_key");
				assertThat(ex.error().message()).startsWith("Function 'bill': uniqueBy '#id' is null");
			});
	}

	private static KnownFunction find(String name) {
		try (AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(Mails.class)) {
			ArgumentMapper mapper = new ArgumentMapper(JsonMapper.builder().build(), (value) -> value);
			KnownFunctions functions = new RegisteredFunctions(
					new AsyncJobScanner(application, mapper, Duration::parse).scan());
			assertThat(functions.find("nobody")).isNull();
			return Objects.requireNonNull(functions.find(name));
		}
	}

	static class Mails {

		@AsyncJob(queue = "mail", priority = 3, maxAttempts = 4)
		public void send(String to, int count) {
		}

		@AsyncJob(uniqueBy = "#id", uniqueFor = "PT10M")
		public void bill(@Nullable String id) {
		}

	}

}
