package dev.taskqueue;

import java.util.Set;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds our own classes to {@link ArchitectureRules}.
 */
class ArchitectureTests {

	private static final JavaClasses classes = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
		.importPackages("dev.taskqueue");

	private final ArchitectureRules rules = new ArchitectureRules("dev.taskqueue");

	@ParameterizedTest
	@MethodSource("packages")
	void packageUsesOnlyWhatTheTableAllows(String name) {
		this.rules.packageUsesOnly(name, ArchitectureRules.MAY_USE.getOrDefault(name, Set.of())).check(classes);
	}

	@Test
	void everyPackageIsInTheTable() {
		this.rules.everyPackageIsInTheTable().check(classes);
	}

	@Test
	void packagesAreFreeOfCycles() {
		this.rules.packagesAreFreeOfCycles().check(classes);
	}

	@Test
	void everyPackageIsNullMarked() {
		this.rules.everyPackageIsNullMarked().check(classes);
	}

	@Test
	void springBootIsUsedOnlyInAutoconfigureAndActuate() {
		this.rules.springBootIsKeptOutside().check(classes);
	}

	@ParameterizedTest
	@MethodSource("packagesWithoutSpring")
	void packageUsesNoSpringOrOneListedPackageOfIt(String name) {
		this.rules.springIsKeptOutside(name).check(classes);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "function" })
	void driverIsNotUsedByWordsAndFunctions(String name) {
		this.rules.driverIsKeptOutOf(name).check(classes);
	}

	@Test
	void jacksonIsUsedOnlyWhereUsersTypesAreMet() {
		this.rules.jacksonIsKeptOutside().check(classes);
	}

	@Test
	void micrometerIsUsedOnlyWhereTheQueueIsWatched() {
		this.rules.micrometerIsKeptOutside().check(classes);
	}

	@Test
	void onlyServerClockReadsTheMachinesClock() {
		this.rules.onlyTheServersClockIsRead().check(classes);
	}

	@Test
	void noTestLibraryIsUsed() {
		this.rules.testLibrariesAreKeptOutside().check(classes);
	}

	@Test
	void nothingSleeps() {
		this.rules.nothingSleeps().check(classes);
	}

	static Stream<String> packages() {
		return ArchitectureRules.MAY_USE.keySet().stream().sorted();
	}

	static Stream<String> packagesWithoutSpring() {
		return packages().filter((name) -> !name.matches("function|actuate|autoconfigure"));
	}

}
