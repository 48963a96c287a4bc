package dev.taskqueue.testsupport;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.mongodb.spi.dns.InetAddressResolver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The network between a client and one MongoDB server, with faults that begin and end
 * while connections are open. It listens on an address of its own and passes whole
 * messages on, by two threads a connection.
 * <p>
 * What a cut swallows is lost, and {@link #heal()} closes the connections that lost
 * something: a cut-off message must not look like one that is only late, or a test of the
 * one would now and then be a test of the other. A message that arrives when its sender
 * has long given up, as TCP's repetitions have it, is made by a {@link #delay} longer
 * than the sender's patience. New connections are taken during a cut too, and their first
 * message is swallowed.
 * <p>
 * All methods can be called by any thread.
 */
public final class TcpProxy implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(TcpProxy.class);

	/** What TCP waits at least before it sends a lost segment again. */
	private static final Duration STALL = Duration.ofMillis(200);

	private final InetSocketAddress address;

	private final InetSocketAddress server;

	private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

	private final Map<String, Integer> repliesToCut = new HashMap<>();

	private final AtomicInteger swallowed = new AtomicInteger();

	private final AtomicInteger resets = new AtomicInteger();

	private final AtomicInteger repliesCut = new AtomicInteger();

	private @Nullable ServerSocket listener;

	private volatile Set<Way> cut = Set.of();

	private volatile Duration delay = Duration.ZERO;

	private volatile @Nullable Loss loss;

	private TcpProxy(InetSocketAddress address, InetSocketAddress server) {
		this.address = address;
		this.server = server;
		listen();
	}

	/**
	 * Starts one.
	 * @param host where it listens, such as {@code 127.0.1.7}: Linux answers on all
	 * addresses that begin with 127
	 * @param port on which it listens and the server too, at 127.0.0.1
	 */
	public static TcpProxy start(String host, int port) {
		return start(new InetSocketAddress(host, port), new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
	}

	/**
	 * Starts one.
	 * @param address where it listens
	 * @param server where it leads to
	 */
	public static TcpProxy start(InetSocketAddress address, InetSocketAddress server) {
		return new TcpProxy(address, server);
	}

	/**
	 * Leads a client to proxies without the servers knowing. The members of a replica set
	 * tell their clients to call them at 127.0.0.1; with this, the client calls the same
	 * port at another address.
	 * @param host where a proxy for each member listens on the member's port
	 * @return for {@code MongoClientSettings.Builder.inetAddressResolver}
	 */
	public static InetAddressResolver leadingTo(String host) {
		return (name) -> {
			try {
				return List.of(InetAddress.getByName(name.equals("127.0.0.1") ? host : name));
			}
			catch (UnknownHostException ex) {
				throw new UncheckedIOException(ex);
			}
		};
	}

	/** From now on nothing reaches the server; what it still says reaches the client. */
	public void cutToServer() {
		this.cut = Set.of(Way.TO_SERVER);
	}

	/** From now on the server hears all, and none of its replies arrives. */
	public void cutToClient() {
		this.cut = Set.of(Way.TO_CLIENT);
	}

	/** From now on nothing arrives, in neither way. */
	public void cutBoth() {
		this.cut = Set.of(Way.TO_SERVER, Way.TO_CLIENT);
	}

	/** Closes all connections and refuses new ones, as a machine without the server. */
	public synchronized void refuse() {
		close(this.listener);
		this.connections.forEach(Connection::close);
		awaitFreeAddress();
	}

	/**
	 * Makes each message late, in each way; one after the other, so a batch of many
	 * messages is later still.
	 */
	public synchronized void delay(Duration delay) {
		this.delay = delay;
		notifyAll();
	}

	/**
	 * Lost packets, as TCP shows them: the message comes late by the time after which TCP
	 * repeats, or the connection is reset.
	 * @param probability for each message, from 0 to 1; half of them stalls, half resets
	 * @param seed of the dice. They are thrown by all connections in turn, so that the
	 * order of messages has its say too
	 */
	public void reset(double probability, long seed) {
		this.loss = new Loss(probability, new Random(seed));
	}

	/**
	 * Lets the next commands of this name through to the server and closes the connection
	 * instead of passing the reply on: they are done and nobody heard of it. A client
	 * that compresses hides its commands.
	 * @param command the name, such as {@code insert} or {@code findAndModify}
	 * @param times how many
	 */
	public synchronized void cutReplyOf(String command, int times) {
		this.repliesToCut.put(command, times);
	}

	/**
	 * Ends all faults: new messages pass, and connections that lost one are closed.
	 */
	public synchronized void heal() {
		this.cut = Set.of();
		this.loss = null;
		this.repliesToCut.clear();
		delay(Duration.ZERO);
		this.connections.stream().filter((connection) -> connection.hasLost).forEach(Connection::close);
		if (this.listener == null) {
			listen();
		}
	}

	/** How many messages, and ends of connections, were swallowed. */
	public int swallowed() {
		return this.swallowed.get();
	}

	/** How many connections were reset by {@link #reset}. */
	public int resets() {
		return this.resets.get();
	}

	/** How many replies were withheld by {@link #cutReplyOf}. */
	public int repliesCut() {
		return this.repliesCut.get();
	}

	/** How many connections are open now. */
	public int connections() {
		return this.connections.size();
	}

	@Override
	public void close() {
		refuse();
		delay(Duration.ZERO);
	}

	private synchronized void listen() {
		try {
			ServerSocket socket = new ServerSocket();
			socket.setReuseAddress(true);
			socket.bind(this.address);
			this.listener = socket;
			start("accept", () -> accept(socket));
		}
		catch (IOException ex) {
			throw new UncheckedIOException("No proxy can listen at " + this.address, ex);
		}
	}

	private void accept(ServerSocket socket) {
		while (!socket.isClosed()) {
			try {
				begin(socket, socket.accept());
			}
			catch (IOException ex) {
				logger.debug("No longer listening at {}", this.address, ex);
			}
		}
		free();
	}

	private synchronized void free() {
		this.listener = null;
		notifyAll();
	}

	/** The system keeps it for as long as a thread has not returned from accepting. */
	private synchronized void awaitFreeAddress() {
		try {
			while (this.listener != null) {
				wait();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private synchronized void begin(ServerSocket socket, Socket client) {
		Socket toServer = new Socket();
		try {
			if (socket.isClosed()) {
				throw new IOException("Refused");
			}
			toServer.connect(this.server, 1000);
			client.setTcpNoDelay(true);
			toServer.setTcpNoDelay(true);
			Connection connection = new Connection(client, toServer);
			this.connections.add(connection);
			start("to-server", () -> pass(connection, Way.TO_SERVER));
			start("to-client", () -> pass(connection, Way.TO_CLIENT));
		}
		catch (IOException ex) {
			logger.debug("No connection to {}", this.server, ex);
			close(client);
			close(toServer);
		}
	}

	private void start(String what, Runnable work) {
		Thread thread = new Thread(work, "proxy-" + this.address + "-" + what);
		thread.setDaemon(true);
		thread.start();
	}

	private void pass(Connection connection, Way way) {
		try (DataInputStream from = new DataInputStream(new BufferedInputStream(connection.from(way)))) {
			for (Message message = Message.read(from); message != null; message = Message.read(from)) {
				late(connection);
				if (this.cut.contains(way)) {
					lose(connection);
				}
				else if (way == Way.TO_CLIENT && connection.isUnwanted(message)) {
					this.repliesCut.incrementAndGet();
					connection.close();
				}
				else {
					note(connection, way, message);
					connection.send(way, message);
				}
			}
		}
		catch (IOException ex) {
			logger.debug("A connection of {} ended", this.address, ex);
		}
		if (this.cut.contains(way)) {
			// the end of a connection does not arrive either
			lose(connection);
		}
		else {
			connection.close();
		}
	}

	private void lose(Connection connection) {
		connection.hasLost = true;
		this.swallowed.incrementAndGet();
	}

	private void late(Connection connection) throws IOException {
		Loss now = this.loss;
		boolean unlucky = now != null && now.random.nextDouble() < now.probability;
		if (unlucky && Objects.requireNonNull(now).random.nextBoolean()) {
			this.resets.incrementAndGet();
			connection.reset();
			throw new EOFException("Reset");
		}
		await(unlucky ? this.delay.plus(STALL) : this.delay);
	}

	/** Ends sooner where the delay does. */
	private synchronized void await(Duration time) {
		long end = System.nanoTime() + time.toNanos();
		Duration began = this.delay;
		long left = time.toNanos();
		try {
			while (left > 0 && this.delay.equals(began)) {
				TimeUnit.NANOSECONDS.timedWait(this, left);
				left = end - System.nanoTime();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void note(Connection connection, Way way, Message message) {
		String command = (way == Way.TO_SERVER) ? message.command() : null;
		if (command == null) {
			return;
		}
		synchronized (this) {
			Integer left = this.repliesToCut.get(command);
			if (left != null && left > 0) {
				this.repliesToCut.put(command, left - 1);
				connection.unwantedReplyTo = message.id();
			}
		}
	}

	private static void close(@Nullable Closeable open) {
		try {
			if (open != null) {
				open.close();
			}
		}
		catch (IOException ex) {
			logger.debug("Not closed in order", ex);
		}
	}

	private enum Way {

		TO_SERVER, TO_CLIENT

	}

	private record Loss(double probability, Random random) {
	}

	private final class Connection {

		private final Socket client;

		private final Socket server;

		private volatile boolean hasLost;

		private volatile @Nullable Integer unwantedReplyTo;

		Connection(Socket client, Socket server) {
			this.client = client;
			this.server = server;
		}

		InputStream from(Way way) throws IOException {
			return ((way == Way.TO_SERVER) ? this.client : this.server).getInputStream();
		}

		void send(Way way, Message message) throws IOException {
			((way == Way.TO_SERVER) ? this.server : this.client).getOutputStream().write(message.bytes);
		}

		boolean isUnwanted(Message reply) {
			Integer request = this.unwantedReplyTo;
			return request != null && reply.responseTo() == request;
		}

		/** Both ends hear of it at once, as an error. */
		void reset() throws IOException {
			this.client.setSoLinger(true, 0);
			this.server.setSoLinger(true, 0);
			close();
		}

		void close() {
			TcpProxy.close(this.client);
			TcpProxy.close(this.server);
			TcpProxy.this.connections.remove(this);
		}

	}

	/**
	 * A whole message of MongoDB's wire protocol, however many packets it took.
	 */
	private static final class Message {

		private static final int HEADER = 16;

		private static final int OP_MSG = 2013;

		private final byte[] bytes;

		private Message(byte[] bytes) {
			this.bytes = bytes;
		}

		static @Nullable Message read(DataInputStream from) throws IOException {
			byte[] length = from.readNBytes(4);
			if (length.length == 0) {
				return null;
			}
			int size = (length.length == 4) ? intAt(length, 0) : 0;
			if (size < HEADER || size > 64 * 1024 * 1024) {
				throw new IOException("No message of MongoDB: its length is " + size);
			}
			byte[] bytes = new byte[size];
			System.arraycopy(length, 0, bytes, 0, 4);
			from.readFully(bytes, 4, size - 4);
			return new Message(bytes);
		}

		int id() {
			return intAt(this.bytes, 4);
		}

		int responseTo() {
			return intAt(this.bytes, 8);
		}

		/** The first key of the body, which is the section of kind 0. */
		@Nullable String command() {
			if (intAt(this.bytes, 12) != OP_MSG) {
				return null;
			}
			int section = HEADER + 4;
			while (section < this.bytes.length && this.bytes[section] != 0) {
				section += 1 + intAt(this.bytes, section + 1);
			}
			int key = section + 1 + 4 + 1;
			int end = key;
			while (end < this.bytes.length && this.bytes[end] != 0) {
				end++;
			}
			return (end < this.bytes.length) ? new String(this.bytes, key, end - key, StandardCharsets.UTF_8) : null;
		}

		private static int intAt(byte[] bytes, int at) {
			return (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff) << 16
					| (bytes[at + 3] & 0xff) << 24;
		}

	}

}
