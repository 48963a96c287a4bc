package dev.taskqueue.languages;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * A language whose programs {@code scripts/languages} makes ready to run.
 */
enum Language {

	PYTHON, NODE, GO;

	/**
	 * The command that runs a program of {@code docs/other-languages}. Where the language
	 * is not ready the test is skipped, and fails where all must be ready, as in CI.
	 * @param program its name, such as {@code submit}
	 * @return the command, without arguments
	 */
	List<String> command(String program) {
		return switch (this) {
			case PYTHON -> python(programs().resolve(program + ".py"));
			case NODE -> List.of("node", besideItsPackages(program + ".mjs").toString());
			case GO -> List.of(ready().resolve(program).toString());
		};
	}

	/** The command that runs a file of Python, with the same conditions. */
	static List<String> python(Path file) {
		// without -B it would leave compiled files beside the sources
		return List.of(PYTHON.ready().resolve("bin/python").toString(), "-B", file.toString());
	}

	/** Where its programs stand. */
	Path programs() {
		return docs().resolve("other-languages").resolve(directory());
	}

	static Path docs() {
		for (Path here = Path.of("").toAbsolutePath(); here != null; here = here.getParent()) {
			Path docs = here.resolve("docs");
			if (Files.isDirectory(docs.resolve("other-languages"))) {
				return docs;
			}
		}
		throw new IllegalStateException("There is no docs/other-languages above " + Path.of("").toAbsolutePath());
	}

	/** Node.js finds packages only in directories above the program. */
	private Path besideItsPackages(String program) {
		try {
			return Files.copy(programs().resolve(program), ready().resolve(program),
					StandardCopyOption.REPLACE_EXISTING);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private Path ready() {
		Path directory = cache().resolve(directory());
		if (!isMade(directory)) {
			String message = "The programs of " + directory() + " are not tried: what they need is not in " + directory
					+ ". Run scripts/languages first";
			if ("required".equals(System.getProperty("taskqueue.languages"))) {
				Assertions.fail(message);
			}
			System.err.println(message);
			Assumptions.abort(message);
		}
		return directory;
	}

	private boolean isMade(Path directory) {
		Path sign = directory.resolve("made-of");
		try {
			return Files.exists(sign) && Arrays.equals(Files.readAllBytes(sign), readMadeOf());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private byte[] readMadeOf() throws IOException {
		ByteArrayOutputStream all = new ByteArrayOutputStream();
		for (String file : madeOf()) {
			all.writeBytes(Files.readAllBytes(programs().resolve(file)));
		}
		return all.toByteArray();
	}

	/** As scripts/languages has it. */
	private List<String> madeOf() {
		return switch (this) {
			case PYTHON -> List.of("requirements.txt");
			case NODE -> List.of("package-lock.json");
			case GO -> List.of("go.sum", "submit/main.go", "watch/main.go");
		};
	}

	private String directory() {
		return name().toLowerCase(Locale.ROOT);
	}

	private static Path cache() {
		String given = System.getenv("TASKQUEUE_LANGUAGES_CACHE");
		if (given != null) {
			return Path.of(given);
		}
		String all = Objects.requireNonNullElse(System.getenv("XDG_CACHE_HOME"),
				System.getProperty("user.home") + "/.cache");
		return Path.of(all, "taskqueue-languages");
	}

}
