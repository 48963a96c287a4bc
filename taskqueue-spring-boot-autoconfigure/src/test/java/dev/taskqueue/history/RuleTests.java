package dev.taskqueue.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class RuleTests {

	@ParameterizedTest
	@EnumSource
	void documentationTellsItsPromise(Rule rule) throws IOException {
		assertThat(Files.readString(Path.of("../docs/reliability.md")))
			.contains("| `" + rule + "` | " + rule.promise() + " |");
	}

}
