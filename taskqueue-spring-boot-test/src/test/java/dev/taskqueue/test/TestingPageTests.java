package dev.taskqueue.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The examples of {@code docs/testing.md} are those that run here.
 */
class TestingPageTests {

	private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

	@Test
	void examplesOfThePageAreTestsThatRun() throws IOException {
		String sources = sources();

		List<String> examples = EXAMPLE.matcher(Files.readString(Path.of("../docs/testing.md")))
			.results()
			.map((block) -> block.group(1))
			.toList();

		assertThat(examples).hasSizeGreaterThan(2).allSatisfy((example) -> assertThat(sources).contains(bare(example)));
	}

	private static String sources() throws IOException {
		StringBuilder sources = new StringBuilder();
		try (Stream<Path> files = Files.list(Path.of("src/test/java/dev/taskqueue/test/example"))) {
			for (Path file : files.sorted().toList()) {
				sources.append(bare(Files.readString(file)));
			}
		}
		return sources.toString();
	}

	/** Without what differs between a page and a source. */
	private static String bare(String code) {
		return code.replace("@SuppressWarnings(\"NullAway.Init\")", "").replaceAll("\\s", "");
	}

}
