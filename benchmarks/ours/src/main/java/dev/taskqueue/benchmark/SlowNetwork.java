package dev.taskqueue.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Passes all on, some time later, in both directions.
 */
final class SlowNetwork implements AutoCloseable {

	private static final int CHUNK = 64 * 1024;

	private final ServerSocket listening;

	private final String host;

	private final int port;

	private final long delay;

	SlowNetwork(String host, int port, Duration delay) {
		this.host = host;
		this.port = port;
		this.delay = delay.toNanos();
		try {
			this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		run("accept", this::accept);
	}

	int port() {
		return this.listening.getLocalPort();
	}

	private void accept() throws IOException {
		while (!this.listening.isClosed()) {
			Socket client = this.listening.accept();
			Socket server = new Socket(this.host, this.port);
			client.setTcpNoDelay(true);
			server.setTcpNoDelay(true);
			pass(client, server);
			pass(server, client);
		}
	}

	private void pass(Socket from, Socket to) {
		BlockingQueue<Chunk> onTheWay = new LinkedBlockingQueue<>();
		run("receive", () -> receive(from, onTheWay));
		run("send", () -> send(onTheWay, to));
	}

	private void receive(Socket from, BlockingQueue<Chunk> onTheWay) throws IOException {
		InputStream in = from.getInputStream();
		byte[] buffer = new byte[CHUNK];
		int count = 0;
		while (count >= 0) {
			try {
				count = in.read(buffer);
			}
			catch (IOException ex) {
				count = -1;
			}
			onTheWay.add(new Chunk((count > 0) ? Arrays.copyOf(buffer, count) : new byte[0],
					System.nanoTime() + this.delay));
		}
	}

	private static void send(BlockingQueue<Chunk> onTheWay, Socket to) throws IOException, InterruptedException {
		try (to) {
			OutputStream out = to.getOutputStream();
			for (Chunk chunk = onTheWay.take(); chunk.bytes.length > 0; chunk = onTheWay.take()) {
				Load.pause(Duration.ofNanos(Math.max(0, chunk.arrivesAt - System.nanoTime())));
				out.write(chunk.bytes);
			}
		}
	}

	private static void run(String name, Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (IOException ex) {
				// a connection ended
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}, "network-" + name);
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() {
		try {
			this.listening.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private interface Task {

		void run() throws IOException, InterruptedException;

	}

	/** Bytes on their way; none mark the end. */
	@SuppressWarnings("ArrayRecordComponent")
	private record Chunk(byte[] bytes, long arrivesAt) {
	}

}
