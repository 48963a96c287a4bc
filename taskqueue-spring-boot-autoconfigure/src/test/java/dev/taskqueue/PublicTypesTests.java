package dev.taskqueue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares the public types with {@code public-types.txt}, so that a new one is a line
 * that is seen in review.
 */
class PublicTypesTests {

	private static final String LIST = "src/test/resources/public-types.txt";

	@Test
	void publicTypesAreThoseOfTheList() throws IOException {
		assertThat(differences(publicTypes(), listed())).as("The public types are not those of " + LIST).isEmpty();
	}

	@Test
	void listIsSortedAndWithoutRepetition() throws IOException {
		List<String> listed = listed();

		assertThat(listed).as(LIST).isEqualTo(List.copyOf(new TreeSet<>(listed)));
	}

	@Test
	void differenceSaysWhichLineToAddAndWhichToRemove() {
		assertThat(differences(Set.of("a.Kept", "a.New"), List.of("a.Gone", "a.Kept")))
			.containsExactly("add the line a.New, or make the type package-private", "remove the line a.Gone");
	}

	private static List<String> differences(Set<String> types, List<String> listed) {
		Set<String> added = new TreeSet<>(types);
		listed.forEach(added::remove);
		Set<String> removed = new TreeSet<>(listed);
		removed.removeAll(types);
		return Stream
			.concat(added.stream().map((type) -> "add the line " + type + ", or make the type package-private"),
					removed.stream().map((type) -> "remove the line " + type))
			.toList();
	}

	private static Set<String> publicTypes() {
		Set<String> names = new TreeSet<>();
		for (JavaClass type : new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
			.importPackages("dev.taskqueue")) {
			if (type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC)) {
				names.add(type.getName());
			}
		}
		return names;
	}

	private static List<String> listed() throws IOException {
		try (InputStream list = PublicTypesTests.class.getResourceAsStream("/public-types.txt")) {
			assertThat(list).as(LIST).isNotNull();
			return new String(list.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
		}
	}

}
