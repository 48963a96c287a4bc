package dev.taskqueue.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Sends POSIX signals that Java's own {@link Process} has no words for.
 */
public final class Signals {

	private Signals() {
	}

	/**
	 * Sends a signal and returns when it was handed over.
	 * @param signal its name without SIG, as in {@code STOP}
	 */
	public static void send(String signal, long pid) {
		try {
			Process kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(pid)).inheritIO().start();
			if (kill.waitFor() != 0) {
				throw new IllegalStateException("Cannot send " + signal + " to process " + pid);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
