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
import java.util.stream.IntStream;
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

	static final String SET = "rs0";

	static final Duration START_TIMEOUT = Duration.ofSeconds(60);

	private final Path binary;

	private final Role role;

	private final List<String> options;

	private final Path directory;

	private final Thread endWithJvm = new Thread(this::end, "end-mongod");

	private int port;

	private @Nullable Process process;

	private boolean frozen;

	private boolean initiated;

	OwnMongoServer(Path binary, Role role, String... options) {
		this(binary, role, Path.of(System.getProperty("java.io.tmpdir")), options);
	}

	OwnMongoServer(Path binary, Role role, Path disk, String... options) {
		this.binary = binary;
		this.role = role;
		this.options = List.of(options);
		try {
			this.directory = Files.createTempDirectory(disk, "taskqueue-mongod-");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Runtime.getRuntime().addShutdownHook(this.endWithJvm);
	}

	/**
	 * The connection string, without a database; the same after a new start. That of a
	 * member of an {@link OwnReplicaSet} leads to this member alone.
	 */
	public String uri() {
		return "mongodb://" + address() + "/" + this.role.uriOptions;
	}

	String address() {
		return "127.0.0.1:" + this.port;
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

	boolean isFrozen() {
		return this.frozen;
	}

	/**
	 * Starts the server and returns when it takes writes; a member of an
	 * {@link OwnReplicaSet}, when it answers. Does nothing where it runs.
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
				log().toString(), "--wiredTigerCacheSizeGB", this.role.cacheGb, "--setParameter",
				"diagnosticDataCollectionEnabled=false", "--setParameter",
				"shutdownTimeoutMillisForSignaledShutdown=100", "--setParameter", "enableTestCommands=1"));
		if (this.role != Role.STANDALONE) {
			command.addAll(List.of("--replSet", SET, "--oplogSize", this.role.oplogMb));
		}
		command.addAll(this.options);
		try {
			this.process = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.frozen = false;
		awaitReady(this.process);
	}

	private void awaitReady(Process starting) {
		try (MongoClient client = directClient()) {
			Awaitility.await("mongod on port " + this.port + " to be ready")
				.atMost(START_TIMEOUT)
				.pollDelay(Duration.ZERO)
				.pollInterval(Duration.ofMillis(50))
				.until(() -> !starting.isAlive() || isReady(client));
		}
		if (!starting.isAlive()) {
			throw new IllegalStateException("mongod ended with " + starting.exitValue() + ": " + endOfLog());
		}
	}

	/** A client of this server alone, whatever its set thinks; soon out of patience. */
	MongoClient directClient() {
		return MongoClients.create(MongoClientSettings.builder()
			.applyConnectionString(new ConnectionString("mongodb://" + address() + "/?directConnection=true"))
			.applyToClusterSettings((cluster) -> cluster.serverSelectionTimeout(1, TimeUnit.SECONDS))
			.build());
	}

	private boolean isReady(MongoClient client) {
		try {
			if (this.role == Role.SET_OF_ONE && !this.initiated) {
				initiate(client, List.of(this));
				this.initiated = true;
			}
			Document hello = client.getDatabase("admin").runCommand(new Document("hello", 1));
			return this.role == Role.MEMBER || hello.get("isWritablePrimary", Boolean.FALSE);
		}
		catch (RuntimeException ex) {
			return false;
		}
	}

	static void initiate(MongoClient client, List<OwnMongoServer> members) {
		List<Document> hosts = IntStream.range(0, members.size())
			.mapToObj((i) -> new Document("_id", i).append("host", members.get(i).address()))
			.toList();
		client.getDatabase("admin")
			.runCommand(new Document("replSetInitiate",
					new Document("_id", SET).append("members", hosts)
						.append("settings",
								new Document("electionTimeoutMillis", 2000).append("heartbeatIntervalMillis", 500))));
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

	/** What a server is for, and how much of the machine it needs for that. */
	enum Role {

		STANDALONE("", "0.5", ""),

		SET_OF_ONE("?replicaSet=" + SET, "0.5", "512"),

		MEMBER("?directConnection=true", "0.25", "64");

		private final String uriOptions;

		private final String cacheGb;

		private final String oplogMb;

		Role(String uriOptions, String cacheGb, String oplogMb) {
			this.uriOptions = uriOptions;
			this.cacheGb = cacheGb;
			this.oplogMb = oplogMb;
		}

	}

}
