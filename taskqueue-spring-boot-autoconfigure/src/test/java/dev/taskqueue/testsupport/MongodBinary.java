package dev.taskqueue.testsupport;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where this machine's mongod is: named by {@code MONGOD}, on the {@code PATH}, or
 * fetched by the repository's {@code scripts/mongod}.
 */
final class MongodBinary {

	/**
	 * Why there is none, for the line that a failing build shows.
	 */
	static final class Missing extends RuntimeException {

		private static final long serialVersionUID = 1L;

		Missing(String message) {
			super(message);
		}

	}

	private MongodBinary() {
	}

	static Path find(Map<String, String> environment, Path workingDirectory) {
		String named = environment.get("MONGOD");
		if (named != null && !named.isBlank()) {
			Path mongod = Path.of(named);
			if (!Files.isExecutable(mongod)) {
				throw new Missing("MONGOD is '" + named + "', which is no program");
			}
			return mongod;
		}
		return onPath(environment.getOrDefault("PATH", "")).orElseGet(() -> byScript(workingDirectory));
	}

	private static Optional<Path> onPath(String path) {
		for (String directory : path.split(File.pathSeparator, -1)) {
			Path mongod = Path.of(directory, "mongod");
			if (!directory.isEmpty() && Files.isRegularFile(mongod) && Files.isExecutable(mongod)) {
				return Optional.of(mongod);
			}
		}
		return Optional.empty();
	}

	private static Path byScript(Path workingDirectory) {
		Path script = script(workingDirectory.toAbsolutePath())
			.orElseThrow(() -> new Missing("no scripts/mongod above " + workingDirectory));
		try {
			Path errors = Files.createTempFile("taskqueue-mongod", ".err");
			try {
				Process process = new ProcessBuilder(script.toString(), "path").redirectError(errors.toFile()).start();
				String path;
				try (var output = process.inputReader()) {
					path = output.readLine();
				}
				if (process.waitFor() != 0 || path == null) {
					throw new Missing(lastLine(Files.readString(errors)));
				}
				return Path.of(path);
			}
			finally {
				Files.deleteIfExists(errors);
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

	private static Optional<Path> script(Path directory) {
		for (Path here = directory; here != null; here = here.getParent()) {
			Path script = here.resolve("scripts").resolve("mongod");
			if (Files.isExecutable(script)) {
				return Optional.of(script);
			}
		}
		return Optional.empty();
	}

	private static String lastLine(String text) {
		String stripped = text.strip();
		return stripped.substring(stripped.lastIndexOf('\n') + 1);
	}

}
