package dev.taskqueue.trial;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What a process of a trial is told by its standard input. */
final class Orders {

	private Orders() {
	}

	/** Obeys in a thread of its own, until there is nobody left to give orders. */
	static void obey(Consumer<String> order) {
		Thread thread = new Thread(() -> read(order), "orders");
		thread.setDaemon(true);
		thread.start();
	}

	private static void read(Consumer<String> order) {
		try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
			lines.lines().forEach(order);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
