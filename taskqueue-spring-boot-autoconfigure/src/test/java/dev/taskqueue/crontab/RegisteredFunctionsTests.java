package dev.taskqueue.crontab;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.crontab.KnownFunctions.KnownFunction;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.AsyncJobScanner;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

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

	}

}
