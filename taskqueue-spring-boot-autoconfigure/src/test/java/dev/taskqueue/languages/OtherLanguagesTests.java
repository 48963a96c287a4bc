package dev.taskqueue.languages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page shows the programs that {@link OtherLanguagesIT} runs, and no others.
 */
class OtherLanguagesTests {

	private static final Pattern SHOWN = Pattern.compile("<!-- (other-languages/\\S+) -->\n+```\\w*\n(.*?)\n```\n",
			Pattern.DOTALL);

	private static final Pattern PROGRAM = Pattern.compile(".*\\.(py|mjs|go)");

	@Test
	void pageShowsTheProgramsAsTheyAre() throws IOException {
		List<String> shown = new ArrayList<>();
		Matcher page = SHOWN.matcher(Files.readString(Language.docs().resolve("other-languages.md")));
		while (page.find()) {
			shown.add(page.group(1));
			assertThat(page.group(2) + "\n").as(page.group(1))
				.isEqualTo(Files.readString(Language.docs().resolve(page.group(1))));
		}
		assertThat(shown).containsExactlyInAnyOrderElementsOf(programs());
	}

	private static List<String> programs() throws IOException {
		try (Stream<Path> files = Files.walk(Language.docs().resolve("other-languages"))) {
			return files.map((file) -> Language.docs().relativize(file).toString())
				.filter((file) -> PROGRAM.matcher(file).matches() && !file.contains("node_modules"))
				.toList();
		}
	}

}
