package dev.taskqueue.fault.input;

import java.util.List;
import java.util.Map;

import dev.taskqueue.AsyncJob;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * A node with a function for each type into which a document could smuggle something, and
 * with a bean that is none.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class InputNode {

	static final String READY = "NODE READY ON ";

	public static void main(String[] args) {
		ConfigurableApplicationContext application = SpringApplication.run(InputNode.class, args);
		System.out.println(READY + application.getEnvironment().getProperty("local.server.port"));
	}

	@Bean
	Functions functions() {
		return new Functions();
	}

	@Bean
	NoFunction canary() {
		return new NoFunction();
	}

	/** What documents may call. */
	static class Functions {

		@AsyncJob("text")
		public @Nullable String text(@Nullable String value) {
			return value;
		}

		@AsyncJob("number")
		public long number(long value) {
			return value;
		}

		@AsyncJob("any")
		public @Nullable Object any(@Nullable Object value) {
			return value;
		}

		@AsyncJob("map")
		public @Nullable Map<String, Object> map(@Nullable Map<String, Object> value) {
			return value;
		}

		@AsyncJob("list")
		public @Nullable List<Object> list(@Nullable List<Object> value) {
			return value;
		}

		@AsyncJob("point")
		public @Nullable Point point(@Nullable Point value) {
			return value;
		}

		@AsyncJob("color")
		public @Nullable Color color(@Nullable Color value) {
			return value;
		}

		@AsyncJob("drawing")
		public boolean drawing(@Nullable Drawing value) {
			return value == null;
		}

		@AsyncJob("application")
		public String application(ApplicationContext application, @Nullable Object value) {
			return application.getClass().getSimpleName();
		}

	}

	/** A bean that documents must not reach. */
	static class NoFunction {

		public void fire() {
			System.out.println(Canary.SONG + "the bean fires");
		}

	}

	record Point(String name, Object count) {
	}

	enum Color {

		RED, GREEN

	}

	record Drawing(@Nullable Shape shape) {
	}

	sealed interface Shape permits Circle {

	}

	record Circle(int radius) implements Shape {

		Circle {
			System.out.println(Canary.SONG + "a circle is made");
		}

	}

}
