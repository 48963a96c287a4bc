package dev.taskqueue.trial;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;

/**
 * A wall clock that one process alone sees. It needs a C compiler: what there is ready
 * made (libfaketime 0.9.10) has a JVM wake at once from each wait for a time.
 */
final class WrongClock {

	private static final String SOURCE = "wrong-clock.c";

	private final Path library;

	private final Path seconds;

	/**
	 * Creates one that is right.
	 * @param directory of the trial
	 * @param process whose clock it is
	 */
	WrongClock(Path directory, String process) {
		this.library = directory.resolve("wrong-clock.so");
		this.seconds = directory.resolve(process + ".clock");
		if (!Files.exists(this.library)) {
			compile(directory);
		}
		setWrongBy(0);
	}

	private void compile(Path directory) {
		try (InputStream source = WrongClock.class.getResourceAsStream(SOURCE)) {
			Path copy = directory.resolve(SOURCE);
			Files.copy(Objects.requireNonNull(source), copy);
			int exit = new ProcessBuilder("cc", "-shared", "-fPIC", "-O2", "-o", this.library.toString(),
					copy.toString(), "-ldl")
				.inheritIO()
				.start()
				.waitFor();
			if (exit != 0) {
				throw new IllegalStateException("cc ended with " + exit + " at " + copy);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("A trial needs a C compiler, for clocks that are wrong "
					+ "(on Debian: apt-get install gcc libc6-dev)", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/** What the process must be started with. */
	Map<String, String> environment() {
		return Map.of("LD_PRELOAD", this.library.toString(), "WRONG_CLOCK", this.seconds.toString());
	}

	/** Sets it, with effect at once. */
	void setWrongBy(long seconds) {
		ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(0, seconds);
		try (FileChannel file = FileChannel.open(this.seconds, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
			file.write(bytes, 0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
