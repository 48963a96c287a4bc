package dev.taskqueue.benchmark;

import java.util.Map;
import java.util.function.Supplier;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code java -jar ours.jar SUITE}, with {@code MONGODB_URI} naming a server whose
 * database "benchmark" it may fill and empty.
 */
public final class Benchmark {

	private static final Map<String, Supplier<Suite>> SUITES = Map.of("core", Core::new, "crowd", Crowd::new, "flight",
			Flight::new, "idle", Idle::new, "network", Network::new, "nodes", Nodes::new, "rows", Rows::new, "startup",
			Startup::new);

	/** A process that only starts an application. */
	static final String START_ONLY = "start-only";

	private Benchmark() {
	}

	/**
	 * Starts a suite, or a main class of this program by its name.
	 * @param args one name
	 */
	public static void main(String[] args) {
		if (args.length > 0 && args[0].equals(START_ONLY)) {
			Startup.start(args);
			return;
		}
		Supplier<Suite> suite = (args.length == 1) ? SUITES.get(args[0]) : null;
		if (suite == null) {
			System.err.println("Name one of " + SUITES.keySet());
			System.exit(2);
			return;
		}
		// the driver tells much where Boot has not set its level yet
		((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
		suite.get().run(Settings.fromEnvironment());
		System.exit(0);
	}

}
