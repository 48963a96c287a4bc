package dev.taskqueue.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What this module shows to users, and what it asks of them.
 */
class PublicTypesTests {

	private static final JavaClasses classes = new ClassFileImporter().importPath(Path.of("target/classes"));

	@Test
	void publicTypesAreThoseOfTheList() throws IOException {
		assertThat(classes.stream()
			.filter((type) -> type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC))
			.map(JavaClass::getName)
			.sorted()).containsExactlyElementsOf(Files.readAllLines(Path.of("src/test/resources/public-types.txt")));
	}

	@Test
	void junitIsNotAskedFor() {
		noClasses().should().dependOnClassesThat().resideInAnyPackage("org.junit..", "org.mockito..").check(classes);
	}

}
