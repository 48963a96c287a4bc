package dev.taskqueue.history;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A file that entries are appended to, one a line. What was appended survives the end of
 * the process, however that comes.
 */
public final class HistoryFile implements AutoCloseable {

	private static final JsonMapper JSON = JsonMapper.builder().registerSubtypes(types()).build();

	private static final String SUFFIX = ".history";

	private static final int TAIL_BYTES = 128 * 1024;

	private final FileChannel channel;

	private final String process;

	/**
	 * Opens the file of a process.
	 * @param directory of the run
	 * @param process who writes
	 */
	public HistoryFile(Path directory, String process) {
		this.process = process;
		try {
			this.channel = FileChannel.open(directory.resolve(process + SUFFIX), StandardOpenOption.CREATE,
					StandardOpenOption.WRITE, StandardOpenOption.APPEND);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Class<?>[] types() {
		return Stream
			.concat(Stream.of(Entry.class.getPermittedSubclasses()),
					Stream.of(Entry.OfJob.class.getPermittedSubclasses()))
			.filter(Class::isRecord)
			.toArray(Class<?>[]::new);
	}

	/** Who writes. */
	public String process() {
		return this.process;
	}

	/** The monotonic time of the machine, in nanoseconds. */
	public static long now() {
		return System.nanoTime();
	}

	/** Appends; when it returns, the system has the line. */
	public synchronized void append(Entry entry) {
		// an interrupted thread would close a channel that it writes to
		boolean interrupted = Thread.interrupted();
		try {
			ByteBuffer line = ByteBuffer.wrap((JSON.writeValueAsString(entry) + "\n").getBytes(StandardCharsets.UTF_8));
			while (line.hasRemaining()) {
				this.channel.write(line);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/** All entries of a run, whoever wrote them. */
	public static List<Entry> readAll(Path directory) {
		List<Entry> entries = new ArrayList<>();
		try (Stream<Path> files = Files.list(directory)) {
			for (Path file : files.filter((path) -> path.toString().endsWith(SUFFIX)).sorted().toList()) {
				read(file, entries);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return entries;
	}

	/** The last whole entry of this kind among the last ones of a process. */
	public static <E extends Entry> Optional<E> readLast(Path directory, String process, Class<E> kind) {
		try (RandomAccessFile file = new RandomAccessFile(directory.resolve(process + SUFFIX).toFile(), "r")) {
			byte[] tail = new byte[(int) Math.min(file.length(), TAIL_BYTES)];
			file.seek(file.length() - tail.length);
			file.readFully(tail);
			List<String> lines = new String(tail, StandardCharsets.UTF_8).lines().toList();
			for (int i = lines.size() - 1; i > 0; i--) {
				if (lines.get(i).contains("\"" + kind.getSimpleName() + "\"") && lines.get(i).endsWith("}")) {
					return Optional.of(kind.cast(JSON.readValue(lines.get(i), Entry.class)));
				}
			}
			return Optional.empty();
		}
		catch (FileNotFoundException ex) {
			return Optional.empty();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void read(Path file, List<Entry> entries) throws IOException {
		List<String> lines = Files.readAllLines(file);
		for (int i = 0; i < lines.size(); i++) {
			try {
				entries.add(JSON.readValue(lines.get(i), Entry.class));
			}
			catch (JacksonException ex) {
				// a process that is killed leaves half a line, the last one
				if (i < lines.size() - 1) {
					throw new IllegalStateException("Line " + (i + 1) + " of " + file + " cannot be read", ex);
				}
			}
		}
	}

	@Override
	public void close() {
		try {
			this.channel.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
