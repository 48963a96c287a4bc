package dev.taskqueue.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import dev.taskqueue.TaskQueue;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * An application with the starter, as a user has it.
 */
final class Node implements AutoCloseable {

	private final ConfigurableApplicationContext application;

	private Node(ConfigurableApplicationContext application) {
		this.application = application;
	}

	/** One as it comes. */
	static Node working(Settings settings, String... properties) {
		return start(settings, List.of(), properties);
	}

	/** One that only submits. */
	static Node submitting(Settings settings) {
		return start(settings, List.of("--taskqueue.crontab.enabled=false", "--taskqueue.worker.enabled=false"));
	}

	static Node start(Settings settings, List<String> defaults, String... properties) {
		List<String> arguments = new ArrayList<>(defaults);
		arguments.add("--spring.mongodb.uri=" + settings.uri());
		arguments.add("--spring.mongodb.database=" + Store.DATABASE);
		arguments.add("--spring.main.banner-mode=off");
		arguments.add("--logging.level.root=warn");
		arguments.addAll(List.of(properties));
		return new Node(new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.run(arguments.toArray(String[]::new)));
	}

	TaskQueue queue() {
		return this.application.getBean(TaskQueue.class);
	}

	void submitMany(int count) {
		TaskQueue queue = queue();
		queue.enqueueAll(IntStream.range(0, count).mapToObj((i) -> queue.job("noop", i).spec()));
	}

	@Override
	public void close() {
		this.application.close();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Functions functions() {
			return new Functions();
		}

	}

}
