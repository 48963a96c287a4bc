package dev.taskqueue.trial;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class FaultTests {

	@ParameterizedTest
	@EnumSource
	void documentationTellsWhatAUserSeesOfIt(Fault fault) throws IOException {
		assertThat(Files.readString(Path.of("../docs/reliability.md"))).contains("| " + fault.sentence());
	}

}
