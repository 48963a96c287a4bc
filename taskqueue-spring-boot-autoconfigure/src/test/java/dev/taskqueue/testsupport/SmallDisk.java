package dev.taskqueue.testsupport;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A disk that is soon full: in memory, and so it wants a Linux that lets this user mount
 * one (root, or root of a container).
 */
public final class SmallDisk implements AutoCloseable {

	private final Path directory;

	/**
	 * Mounts one.
	 * @param megabytes its size
	 */
	public SmallDisk(int megabytes) {
		try {
			this.directory = Files.createTempDirectory("taskqueue-disk-");
			run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", this.directory.toString());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Whether this user may mount one. */
	public static boolean isAllowed() {
		return "root".equals(System.getProperty("user.name"));
	}

	Path directory() {
		return this.directory;
	}

	/** Fills it to its last byte. */
	public void fill() {
		byte[] block = new byte[64 * 1024];
		try (OutputStream ballast = Files.newOutputStream(ballast())) {
			while (true) {
				ballast.write(block);
			}
		}
		catch (IOException full) {
			// that was the aim
		}
	}

	/** Makes room again. */
	public void free() {
		try {
			Files.deleteIfExists(ballast());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private Path ballast() {
		return this.directory.resolve("ballast");
	}

	private static void run(String... command) throws IOException {
		try {
			int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
			if (exit != 0) {
				throw new IllegalStateException("A disk that is soon full needs the right to mount (run as root): "
						+ List.of(command) + " ended with " + exit);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		try {
			run("umount", "--lazy", this.directory.toString());
			Files.deleteIfExists(this.directory);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
