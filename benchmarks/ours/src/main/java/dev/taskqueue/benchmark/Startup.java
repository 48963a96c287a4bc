package dev.taskqueue.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;

/**
 * How much longer an application takes to start with the queue than without, in processes
 * of their own.
 */
final class Startup implements Suite {

	/** One start differs from the next by as much as is measured. */
	private static final int STARTS = 41;

	/** The jar's own, or this program's where it runs from classes. */
	private static final String MAIN = System.getProperty("java.class.path").endsWith("ours.jar")
			? "org.springframework.boot.loader.launch.JarLauncher" : Benchmark.class.getName();

	private static final String READY = "READY AFTER ";

	private final Figures ours = new Figures("taskqueue");

	@Override
	public void run(Settings settings) {
		List<Double> with = new ArrayList<>();
		List<Double> without = new ArrayList<>();
		List<Double> added = new ArrayList<>();
		for (int i = 0; i < STARTS; i++) {
			without.add(millisToStart(settings, "--taskqueue.enabled=false"));
			with.add(millisToStart(settings, "--taskqueue.enabled=true"));
			added.add(with.get(i) - without.get(i));
		}
		this.ours.tell("startup-without-ms", median(without));
		this.ours.tell("startup-with-ms", median(with));
		this.ours.tell("startup-added-ms", median(added));
	}

	private static double median(List<Double> values) {
		return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
	}

	private static double millisToStart(Settings settings, String property) {
		try {
			Process process = new ProcessBuilder(System.getProperty("java.home") + "/bin/java", "-cp",
					System.getProperty("java.class.path"), MAIN, Benchmark.START_ONLY,
					"--spring.mongodb.uri=" + settings.uri(), "--spring.mongodb.database=" + Store.DATABASE, property)
				.redirectErrorStream(true)
				.start();
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			process.waitFor();
			int at = output.indexOf(READY);
			if (at < 0) {
				throw new IllegalStateException("It did not start: " + output);
			}
			return Double.parseDouble(output.substring(at + READY.length()).lines().findFirst().orElseThrow());
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** What the processes do. */
	static void start(String[] args) {
		new SpringApplicationBuilder(Node.Application.class).web(WebApplicationType.NONE)
			.listeners((ApplicationListener<ApplicationReadyEvent>) (event) -> {
				System.out.println(READY + Objects.requireNonNull(event.getTimeTaken()).toMillis());
				event.getApplicationContext().close();
			})
			.run(args);
	}

}
