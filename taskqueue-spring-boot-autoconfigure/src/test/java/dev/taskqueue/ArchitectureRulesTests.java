package dev.taskqueue;

import java.util.Set;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each rule is seen to fail on the classes of {@code dev.taskqueue.violations}, and to
 * let pass what it allows.
 */
class ArchitectureRulesTests {

	private static final String BASE = "dev.taskqueue.violations";

	private static final JavaClasses classes = new ClassFileImporter().importPackages(BASE);

	private final ArchitectureRules rules = new ArchitectureRules(BASE);

	@Test
	void stepThatUsesALaterStepIsFound() {
		assertThatFailureOf(this.rules.packageUsesOnly("store", Set.of())).contains("StepThatUsesLaterStep.forbidden",
				"a step knows the step before it");
	}

	@Test
	void wordThatUsesAStepIsFound() {
		assertThatFailureOf(this.rules.packageUsesOnly("", Set.of())).contains("WordThatUsesStore.usesStep")
			.doesNotContain("WordThatUsesSpring");
	}

	@Test
	void stepThatUsesAnEarlierOnePasses() {
		assertPasses(this.rules.packageUsesOnly("claim", Set.of("store")));
		assertThatFailureOf(this.rules.packageUsesOnly("claim", Set.of())).contains("StepThatUsesEarlierStep.allowed");
	}

	@Test
	void packageThatIsNoStepIsFound() {
		assertThatFailureOf(this.rules.everyPackageIsInTheTable()).contains("PackageOfNoStep")
			.doesNotContain("StepThatUsesLaterStep");
	}

	@Test
	void cycleIsFound() {
		assertThatFailureOf(this.rules.packagesAreFreeOfCycles()).contains("Cycle detected: Slice claim",
				"Slice store");
	}

	@Test
	void packageWithoutNullMarkedIsFound() {
		assertThatFailureOf(this.rules.everyPackageIsNullMarked())
			.contains("package dev.taskqueue.violations.util of PackageOfNoStep is not @NullMarked")
			.doesNotContain("violations.store of");
	}

	@Test
	void springBootInAStepIsFound() {
		assertThatFailureOf(this.rules.springBootIsKeptOutside()).contains("StepThatUsesLibraries.boot")
			.doesNotContain("StepThatUsesLibraries.spring>");
	}

	@Test
	void springInAStepIsFound() {
		assertThatFailureOf(this.rules.springIsKeptOutside("claim")).contains("StepThatUsesLibraries.spring")
			.doesNotContain("StepThatUsesLibraries.boot>");
	}

	@Test
	void onlyTheListedPackageOfSpringPasses() {
		assertThatFailureOf(this.rules.springIsKeptOutside("")).contains("WordThatUsesSpring.forbidden")
			.doesNotContain("WordThatUsesSpring.allowed");
		assertPasses(this.rules.springIsKeptOutside("submit"));
	}

	@Test
	void driverInWordsAndFunctionsIsFound() {
		assertThatFailureOf(this.rules.driverIsKeptOutOf("")).contains("WordThatUsesStore.usesDriver");
		assertThatFailureOf(this.rules.driverIsKeptOutOf("function")).contains("FunctionThatUsesLibraries.forbidden");
	}

	@Test
	void jacksonInAStepIsFound() {
		assertThatFailureOf(this.rules.jacksonIsKeptOutside()).contains("StepThatUsesLibraries.jackson")
			.doesNotContain("FunctionThatUsesLibraries");
	}

	@Test
	void micrometerInAStepIsFound() {
		assertThatFailureOf(this.rules.micrometerIsKeptOutside()).contains("StepThatUsesLibraries.micrometer");
	}

	@Test
	void readersOfTheMachinesClockAreFoundExceptServerClock() {
		assertThatFailureOf(this.rules.onlyTheServersClockIsRead())
			.contains("ClockReader.callsNow", "ClockReader.refersToNow", "ClockReader.readsToday",
					"ClockReader.readsMillis", "ClockReader.makesDate", "ClockReader.takesClock")
			.doesNotContain("ClockReader.may", "ServerClock.mayRead");
	}

	@Test
	void libraryForTestsIsFound() {
		assertThatFailureOf(this.rules.testLibrariesAreKeptOutside()).contains("StepThatUsesTestLibrary.asserts()");
	}

	@Test
	void sleepersAreFound() {
		assertThatFailureOf(this.rules.nothingSleeps()).contains("Sleeper.sleeps()", "Sleeper.sleepsByUnit()");
	}

	private static AbstractStringAssert<?> assertThatFailureOf(ArchRule rule) {
		var result = rule.evaluate(classes);
		assertThat(result.hasViolation()).as(rule.getDescription()).isTrue();
		return assertThat(result.getFailureReport().toString());
	}

	private static void assertPasses(ArchRule rule) {
		rule.check(classes);
	}

}
