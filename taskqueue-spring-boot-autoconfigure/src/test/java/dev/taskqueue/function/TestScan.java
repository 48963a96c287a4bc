package dev.taskqueue.function;

import java.time.Duration;

import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/**
 * Functions of an application, without the rest of the product.
 */
final class TestScan {

	private TestScan() {
	}

	static FunctionRegistry of(ApplicationContext application) {
		ArgumentMapper mapper = new ArgumentMapper(JsonMapper.builder().build(), (value) -> value);
		return new AsyncJobScanner(application, mapper, Duration::parse).scan();
	}

	static FunctionRegistry of(Class<?>... components) {
		try (AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(components)) {
			return of(application);
		}
	}

}
