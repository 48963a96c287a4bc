package dev.taskqueue.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * A mongod of a test's own, which may do to it what it would not do to the shared one:
 * stop, kill and freeze it. Stopped or killed, it can be started again on the same port
 * with the same data. It ends with the JVM at the latest, and its data with it.
 * <p>
 * Not for use by several threads at a time.
 */
public final class OwnMongoServer implements AutoCloseable {

	private static final String SET = "rs0";

	private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

	private final Path binary;

	private final boolean replicaSet;

	private final Path directory;

	private final Thread endWithJvm = new Thread(this::end, "end-mongod");

	private int port;

	private @Nullable Process process;

	private boolean frozen;

	private boolean initiated;

	OwnMongoServer(Path binary, boolean replicaSet) {
		this.binary = binary;
		this.replicaSet = replicaSet;
		try {
			this.directory = Files.createTempDirectory("taskqueue-mongod-");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Runtime.getRuntime().addShutdownHook(this.endWithJvm);
	}

	/**
	 * The connection string, without a database; the same after a new start.
	 */
	public String uri() {
		return "mongodb://127.0.0.1:" + this.port + "/" + (this.replicaSet ? "?replicaSet=" + SET : "");
	}

	public int port() {
		return this.port;
	}

	Path directory() {
		return this.directory;
	}

	public boolean isRunning() {
		return this.process != null && this.process.isAlive();
	}

	/**
	 * Starts the server and returns when it takes writes. Does nothing where it runs.
	 */
	public OwnMongoServer start() {
		if (isRunning()) {
			return this;
		}
		if (this.port != 0) {
			launch();
			return this;
		}
		// Between finding a free port and using it another process may take it.
		for (int attempt = 1;; attempt++) {
			this.port = freePort();
			try {
				launch();
				return this;
			}
			catch (IllegalStateException ex) {
				if (attempt == 3 || !String.valueOf(ex.getMessage()).contains("Address already in use")) {
					close();
					throw ex;
				}
			}
		}
	}

	private void launch() {
		List<String> command = new ArrayList<>(List.of(this.binary.toString(), "--dbpath", this.directory.toString(),
				"--port", String.valueOf(this.port), "--bind_ip", "127.0.0.1", "--nounixsocket", "--logpath",
				log().toString(), "--wiredTigerCacheSizeGB", "0.5", "--setParameter",
				"diagnosticDataCollectionEnabled=false", "--setParameter",
				"shutdownTimeoutMillisForSignaledShutdown=100", "--setParameter", "enableTestCommands=1"));
		if (this.replicaSet) {
			command.addAll(List.of("--replSet", SET, "--oplogSize", "512"));
		}
		try {
			this.process = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.frozen = false;
		awaitWritable(this.process);
	}

	private void awaitWritable(Process starting) {
		MongoClientSettings settings = MongoClientSettings.builder()
			.applyConnectionString(new ConnectionString("mongodb://127.0.0.1:" + this.port + "/?directConnection=true"))
			.applyToClusterSettings((cluster) -> cluster.serverSelectionTimeout(1, TimeUnit.SECONDS))
			.build();
		try (MongoClient client = MongoClients.create(settings)) {
			Awaitility.await("mongod on port " + this.port + " to take writes")
				.atMost(START_TIMEOUT)
				.pollDelay(Duration.ZERO)
				.pollInterval(Duration.ofMillis(50))
				.until(() -> !starting.isAlive() || takesWrites(client));
		}
		if (!starting.isAlive()) {
			throw new IllegalStateException("mongod ended with " + starting.exitValue() + ": " + endOfLog());
		}
	}

	private boolean takesWrites(MongoClient client) {
		try {
			if (this.replicaSet && !this.initiated) {
				client.getDatabase("admin").runCommand(new Document("replSetInitiate", initialConfiguration()));
				this.initiated = true;
			}
			return client.getDatabase("admin")
				.runCommand(new Document("hello", 1))
				.get("isWritablePrimary", Boolean.FALSE);
		}
		catch (RuntimeException ex) {
			return false;
		}
	}

	private Document initialConfiguration() {
		return new Document("_id", SET)
			.append("members", List.of(new Document("_id", 0).append("host", "127.0.0.1:" + this.port)))
			.append("settings", new Document("electionTimeoutMillis", 2000));
	}

	/**
	 * Ends the server in order (SIGTERM) and waits until it is gone.
	 */
	public void stop() {
		Process running = this.process;
		if (running != null) {
			thaw();
			running.destroy();
			awaitEnd(running);
		}
	}

	/**
	 * Kills the server (SIGKILL) and waits until it is gone; what was acknowledged with a
	 * journalled write concern is there after the next {@link #start()}.
	 */
	public void kill() {
		Process running = this.process;
		if (running != null) {
			running.destroyForcibly();
			awaitEnd(running);
		}
	}

	/**
	 * Holds the server (SIGSTOP): its connections stay open and nothing answers, as when
	 * a machine hangs or a network swallows all.
	 */
	public void freeze() {
		signal("STOP");
		this.frozen = true;
	}

	/**
	 * Lets a frozen server go on (SIGCONT).
	 */
	public void thaw() {
		if (this.frozen) {
			signal("CONT");
			this.frozen = false;
		}
	}

	private void signal(String signal) {
		Process running = this.process;
		if (running == null || !running.isAlive()) {
			throw new IllegalStateException("mongod on port " + this.port + " does not run");
		}
		Signals.send(signal, running.pid());
	}

	@Override
	public void close() {
		end();
		try {
			Runtime.getRuntime().removeShutdownHook(this.endWithJvm);
		}
		catch (IllegalStateException ex) {
			// The JVM is on its way down: the hook finds nothing left to do.
		}
	}

	private void end() {
		kill();
		deleteDirectory();
	}

	private static void awaitEnd(Process process) {
		try {
			if (!process.waitFor(30, TimeUnit.SECONDS)) {
				process.destroyForcibly().waitFor();
			}
		}
		catch (InterruptedException ex) {
			process.destroyForcibly();
			Thread.currentThread().interrupt();
		}
	}

	private Path log() {
		return this.directory.resolve("mongod.log");
	}

	private String endOfLog() {
		try {
			List<String> lines = Files.readAllLines(log());
			return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
		}
		catch (IOException ex) {
			return "no log at " + log();
		}
	}

	private void deleteDirectory() {
		if (!Files.exists(this.directory)) {
			return;
		}
		try (Stream<Path> files = Files.walk(this.directory)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.deleteIfExists(file);
			}
		}
		catch (IOException | UncheckedIOException ex) {
			System.err.println("Cannot delete " + this.directory + ": " + ex.getMessage());
		}
	}

	private static int freePort() {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
