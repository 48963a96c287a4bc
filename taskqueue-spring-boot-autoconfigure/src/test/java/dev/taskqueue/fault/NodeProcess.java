package dev.taskqueue.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import dev.taskqueue.testsupport.Signals;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * An application node in a JVM of its own, started from the class path of the tests, so
 * that a test can do to it what happens to processes: kill, freeze, tell to end. Or a
 * program of another language. Its output, both streams, goes to a file; a node and a
 * test agree by lines of it. It ends with the JVM of the tests at the latest.
 * <p>
 * Not for use by several threads at a time.
 */
public final class NodeProcess implements AutoCloseable {

	private final String name;

	private final Process process;

	private final Path output;

	private final Thread endWithJvm;

	private boolean frozen;

	private NodeProcess(String name, Process process, Path output) {
		this.name = name;
		this.process = process;
		this.output = output;
		this.endWithJvm = new Thread(process::destroyForcibly, "end-" + name);
		Runtime.getRuntime().addShutdownHook(this.endWithJvm);
	}

	/**
	 * Starts a JVM with this main class; returns at once.
	 */
	public static NodeProcess start(Class<?> mainClass, String... arguments) {
		return start(mainClass, List.of(), arguments);
	}

	/**
	 * Starts a JVM with this main class and further options of the JVM, such as
	 * {@code -Dname=value}; returns at once.
	 */
	public static NodeProcess start(Class<?> mainClass, List<String> jvmOptions, String... arguments) {
		return start(mainClass, jvmOptions, Map.of(), arguments);
	}

	/**
	 * Starts a JVM with this main class, further options of the JVM and variables of its
	 * environment; returns at once.
	 */
	public static NodeProcess start(Class<?> mainClass, List<String> jvmOptions, Map<String, String> environment,
			String... arguments) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		// Many short-lived JVMs share a small machine: quick to start matters, peak speed
		// not.
		command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
		command.addAll(jvmOptions);
		command.addAll(List.of("-cp", classPath(), mainClass.getName()));
		command.addAll(List.of(arguments));
		return start(mainClass.getSimpleName(), command, environment);
	}

	/**
	 * Starts any program; returns at once.
	 */
	public static NodeProcess start(String name, List<String> command, Map<String, String> environment) {
		try {
			Path output = Files.createTempFile("taskqueue-" + name + "-", ".log");
			ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(output.toFile());
			builder.environment().putAll(environment);
			Process process = builder.start();
			return new NodeProcess(name + "-" + process.pid(), process, output);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String classPath() {
		// Surefire may start its JVM with a jar that only names the real class path.
		return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
	}

	public long pid() {
		return this.process.pid();
	}

	public boolean isAlive() {
		return this.process.isAlive();
	}

	/**
	 * All lines that the node has written so far; the last may be half a line.
	 */
	public List<String> lines() {
		try {
			return new String(Files.readAllBytes(this.output), StandardCharsets.UTF_8).lines().toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Waits until a line with this text is there.
	 * @return the first such line
	 * @throws AssertionError if the time is over or the node has ended without one; it
	 * shows the end of the output
	 */
	public String awaitLine(String text, Duration timeout) {
		awaitLines((line) -> line.contains(text), 1, "a line with '" + text + "'", timeout);
		return lines().stream().filter((line) -> line.contains(text)).findFirst().orElseThrow();
	}

	/**
	 * Waits until at least so many lines with this text are there.
	 */
	public void awaitLines(String text, int count, Duration timeout) {
		awaitLines((line) -> line.contains(text), count, count + " lines with '" + text + "'", timeout);
	}

	private void awaitLines(Predicate<String> matches, int count, String expected, Duration timeout) {
		try {
			Awaitility.await()
				.atMost(timeout)
				.pollDelay(Duration.ZERO)
				.pollInterval(Duration.ofMillis(20))
				.until(() -> {
					// Asked first: what a node writes before it ends must still count.
					boolean ended = !isAlive();
					return count(matches) >= count || ended;
				});
		}
		catch (ConditionTimeoutException ex) {
			throw new AssertionError(this.name + " wrote no " + expected + " in " + timeout + ". " + endOfOutput(), ex);
		}
		if (count(matches) < count) {
			throw new AssertionError(this.name + " ended with " + this.process.exitValue() + " before it wrote "
					+ expected + ". " + endOfOutput());
		}
	}

	private long count(Predicate<String> matches) {
		return lines().stream().filter(matches).count();
	}

	/**
	 * Writes a line to the node's standard input.
	 */
	public void tell(String order) {
		try {
			this.process.getOutputStream().write((order + "\n").getBytes(StandardCharsets.UTF_8));
			this.process.getOutputStream().flush();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Kills the node (SIGKILL) and waits until it is gone.
	 */
	public void kill9() {
		this.process.destroyForcibly();
		awaitExit(Duration.ofSeconds(30));
	}

	/**
	 * Tells the node to end (SIGTERM) and does not wait.
	 */
	public void sigterm() {
		Signals.send("TERM", pid());
	}

	/**
	 * Holds the node (SIGSTOP), as a long garbage collection or a swapping machine does.
	 */
	public void freeze() {
		Signals.send("STOP", pid());
		this.frozen = true;
	}

	/**
	 * Lets a frozen node go on (SIGCONT).
	 */
	public void thaw() {
		if (this.frozen) {
			Signals.send("CONT", pid());
			this.frozen = false;
		}
	}

	/**
	 * Waits until the node has ended.
	 * @return its exit value: 0, what it gave to {@code System.exit}, or 128 and the
	 * signal's number
	 */
	public int awaitExit(Duration timeout) {
		try {
			if (!this.process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
				throw new AssertionError(this.name + " has not ended in " + timeout + ". " + endOfOutput());
			}
			return this.process.exitValue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private String endOfOutput() {
		List<String> lines = lines();
		return "The end of its output:\n"
				+ String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
	}

	@Override
	public void close() {
		kill9();
		try {
			Runtime.getRuntime().removeShutdownHook(this.endWithJvm);
			Files.deleteIfExists(this.output);
		}
		catch (IllegalStateException | IOException ex) {
			System.err.println("Left after " + this.name + ": " + ex.getMessage());
		}
	}

}
