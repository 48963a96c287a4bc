package dev.taskqueue.testsupport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * How a server is looked for: without one.
 */
class MongoServerTests {

	@ParameterizedTest
	@CsvSource({ "mongodb://h:1, mongodb://h:1/db", "mongodb://h:1/, mongodb://h:1/db",
			"mongodb://h:1/?replicaSet=rs0, mongodb://h:1/db?replicaSet=rs0",
			"mongodb://h:1/old?replicaSet=rs0, mongodb://h:1/db?replicaSet=rs0",
			"mongodb://u:p@h/old, mongodb://u:p@h/db?authSource=old",
			"mongodb+srv://u:p@h/old?w=1, mongodb+srv://u:p@h/db?authSource=old&w=1",
			"mongodb://u:p@h/old?authSource=x, mongodb://u:p@h/db?authSource=x" })
	void putsTheDatabaseIntoTheConnectionString(String uri, String expected) {
		assertThat(MongoServer.withDatabase(uri, "db")).isEqualTo(expected);
	}

	@Test
	void namedBinaryComesBeforeTheOneOnThePath(@TempDir Path named, @TempDir Path onPath) throws IOException {
		Path first = program(named.resolve("mongod-7"));
		Path second = program(onPath.resolve("mongod"));

		assertThat(MongodBinary.find(Map.of("MONGOD", first.toString(), "PATH", onPath.toString()), named))
			.isEqualTo(first);
		assertThat(MongodBinary.find(Map.of("PATH", "/nowhere:" + onPath), named)).isEqualTo(second);
	}

	@Test
	void namedBinaryThatIsNoneFailsInsteadOfTakingAnother(@TempDir Path directory) {
		assertThatExceptionOfType(MongodBinary.Missing.class)
			.isThrownBy(() -> MongodBinary.find(Map.of("MONGOD", "/no/such"), directory))
			.withMessage("MONGOD is '/no/such', which is no program");
	}

	@Test
	void scriptIsAskedWhenNoBinaryIsOnThePathAndItsLastLineIsTheReason(@TempDir Path directory) throws IOException {
		Path scripts = Files.createDirectory(directory.resolve("scripts"));
		Path script = program(scripts.resolve("mongod"));
		Files.writeString(script, "#!/bin/sh\necho /some/mongod\n");
		Path below = Files.createDirectory(directory.resolve("module"));

		assertThat(MongodBinary.find(Map.of(), below)).isEqualTo(Path.of("/some/mongod"));

		Files.writeString(script, "#!/bin/sh\necho first >&2\necho the reason >&2\nexit 1\n");
		assertThatExceptionOfType(MongodBinary.Missing.class).isThrownBy(() -> MongodBinary.find(Map.of(), below))
			.withMessage("the reason");
	}

	private static Path program(Path file) throws IOException {
		Files.createFile(file);
		assertThat(file.toFile().setExecutable(true)).isTrue();
		return file;
	}

}
