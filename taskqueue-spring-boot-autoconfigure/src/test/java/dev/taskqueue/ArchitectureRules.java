package dev.taskqueue;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.jspecify.annotations.NullMarked;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/**
 * The walls inside the one module. The base package is a parameter, so that each rule can
 * be seen to fail on classes made for it ({@link ArchitectureRulesTests}).
 */
final class ArchitectureRules {

	/**
	 * Which of our packages a package may use; the empty name is the base package, which
	 * any package may use and which uses none. A step knows the step before it, never the
	 * one after. A package with all that is below it counts as one.
	 */
	static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
			// The words that users write
			Map.entry("", Set.of()),
			// The steps of a job
			Map.entry("store", Set.of()), //
			Map.entry("function", Set.of()), //
			Map.entry("submit", Set.of("store", "function")), //
			Map.entry("lease", Set.of("store")), //
			Map.entry("claim", Set.of("store", "lease")), //
			Map.entry("lock", Set.of("store")), //
			Map.entry("execute", Set.of("store", "function", "claim", "lock")), //
			Map.entry("finish", Set.of("store", "claim", "execute")),
			// What plugs the steps together
			Map.entry("worker", Set.of("store", "function", "lease", "claim", "lock", "execute", "finish")), //
			Map.entry("crontab", Set.of("store", "function", "lease", "submit")), //
			Map.entry("steer", Set.of("store")), //
			Map.entry("client", Set.of("store", "function", "submit", "steer")),
			Map.entry("inline", Set.of("store", "function", "submit", "claim", "execute", "finish", "client")),
			// What is seen from outside
			Map.entry("observe", Set.of("store", "worker", "crontab")), //
			Map.entry("actuate", Set.of("store", "function", "client", "worker", "crontab", "observe")), //
			Map.entry("autoconfigure", Set.of("store", "function", "submit", "lease", "claim", "execute", "finish",
					"worker", "crontab", "steer", "client", "inline", "observe", "actuate")));

	/**
	 * Single packages of Spring Framework that packages without Spring may use: plain
	 * classes that work without a context.
	 */
	static final Map<String, List<String>> SINGLE_SPRING_PACKAGES = Map.of("",
			List.of("org.springframework.scheduling.support", "org.springframework.util.backoff"), "store",
			List.of("org.springframework.core.retry"), "submit", List.of("org.springframework.aop.framework"));

	private static final String TIME = "java.time.";

	private final String base;

	ArchitectureRules(String base) {
		this.base = base;
	}

	ArchRule packageUsesOnly(String name, Set<String> others) {
		List<String> allowed = new ArrayList<>(List.of(pattern(""), pattern(name)));
		others.stream().sorted().forEach((other) -> allowed.add(pattern(other)));
		DescribedPredicate<JavaClass> outsideAllowed = resideInAPackage(this.base + "..")
			.and(resideOutsideOfPackages(allowed.toArray(String[]::new)))
			.as("are in a package of ours other than %s", allowed);
		return noClasses().that()
			.resideInAPackage(pattern(name))
			.should()
			.dependOnClassesThat(outsideAllowed)
			.because("a step knows the step before it, never the one after: hand it a Consumer of what it makes,"
					+ " or record in docs/decisions why the table in ArchitectureRules changes")
			.allowEmptyShould(true);
	}

	ArchRule everyPackageIsInTheTable() {
		return classes().should()
			.resideInAnyPackage(MAY_USE.keySet().stream().map(this::pattern).toArray(String[]::new))
			.because("a package is a step or a feature, and the table in ArchitectureRules says what it may use");
	}

	ArchRule packagesAreFreeOfCycles() {
		return slices().matching(this.base + ".(*)..")
			.should()
			.beFreeOfCycles()
			.because("a tangle of packages can be neither read nor changed one by one")
			.allowEmptyShould(true);
	}

	ArchRule everyPackageIsNullMarked() {
		return classes().should(resideInNullMarkedPackage())
			.because("NullAway checks only what package-info.java marks");
	}

	ArchRule springBootIsKeptOutside() {
		return noClasses().that()
			.resideOutsideOfPackages(patterns("autoconfigure", "actuate"))
			.should()
			.dependOnClassesThat()
			.resideInAPackage("org.springframework.boot..")
			.because("the queue itself starts in a test without Spring Boot:"
					+ " map properties to a record, and hand beans in as plain Java")
			.allowEmptyShould(true);
	}

	ArchRule springIsKeptOutside(String name) {
		DescribedPredicate<JavaClass> spring = resideInAPackage("org.springframework..")
			.and(resideOutsideOfPackages("org.springframework.boot.."));
		List<String> single = SINGLE_SPRING_PACKAGES.getOrDefault(name, List.of());
		for (String allowed : single) {
			spring = spring.and(resideOutsideOfPackages(allowed + ".."));
		}
		return noClasses().that()
			.resideInAPackage(pattern(name))
			.should()
			.dependOnClassesThat(
					spring.as("are of Spring Framework" + (single.isEmpty() ? "" : " other than " + single)))
			.because("Spring is plugged in from autoconfigure, actuate and function;"
					+ " other packages may use the single packages of it that ArchitectureRules lists")
			.allowEmptyShould(true);
	}

	ArchRule driverIsKeptOutOf(String name) {
		return noClasses().that()
			.resideInAPackage(pattern(name))
			.should()
			.dependOnClassesThat(resideInAnyPackage("com.mongodb..", "org.bson.."))
			.because("users' words and functions are plain Java: store turns values into BSON and back")
			.allowEmptyShould(true);
	}

	ArchRule jacksonIsKeptOutside() {
		return noClasses().that()
			.resideOutsideOfPackages(patterns("function", "client", "actuate", "autoconfigure"))
			.should()
			.dependOnClassesThat()
			.resideInAPackage("tools.jackson..")
			.because("values are converted where they meet users' types and nowhere else")
			.allowEmptyShould(true);
	}

	ArchRule micrometerIsKeptOutside() {
		return noClasses().that()
			.resideOutsideOfPackages(patterns("observe", "actuate", "autoconfigure"))
			.should()
			.dependOnClassesThat()
			.resideInAPackage("io.micrometer..")
			.because("Micrometer is optional: the queue tells of itself by JobEvent, and observe listens")
			.allowEmptyShould(true);
	}

	ArchRule onlyTheServersClockIsRead() {
		return noClasses().that()
			.doNotHaveFullyQualifiedName(this.base + ".store.ServerClock")
			.should()
			.accessTargetWhere(readsThisMachinesClock())
			.because("due, lease and expiry are judged by the server's clock: take ServerClock,"
					+ " or System.nanoTime() for a distance in time")
			.allowEmptyShould(true);
	}

	ArchRule testLibrariesAreKeptOutside() {
		return noClasses().should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.junit..", "org.assertj..", "org.mockito..", "org.awaitility..",
					"org.springframework.test..", "org.springframework.boot.test..")
			.because("an application has none of them at run time: what tests need is in taskqueue-spring-boot-test")
			.allowEmptyShould(true);
	}

	ArchRule nothingSleeps() {
		return noClasses().should()
			.accessTargetWhere(sleeps())
			.because("a sleeping thread hears neither work nor the end: wait on a condition with a time-out")
			.allowEmptyShould(true);
	}

	private static DescribedPredicate<JavaAccess<?>> readsThisMachinesClock() {
		return DescribedPredicate.describe("it reads this machine's clock", (access) -> {
			AccessTarget target = access.getTarget();
			String owner = target.getOwner().getName();
			return switch (target.getName()) {
				case "currentTimeMillis" -> owner.equals(System.class.getName());
				case "now" -> owner.startsWith(TIME) && !takesClock(target);
				case "systemUTC", "systemDefaultZone", "system", "tickMillis", "tickSeconds", "tickMinutes" ->
					owner.equals(Clock.class.getName());
				case "<init>" -> owner.equals(Date.class.getName()) && parameters(target).isEmpty();
				default -> false;
			};
		});
	}

	private static boolean takesClock(AccessTarget target) {
		return parameters(target).stream().anyMatch((type) -> type.getName().equals(Clock.class.getName()));
	}

	private static List<JavaClass> parameters(AccessTarget target) {
		return (target instanceof AccessTarget.CodeUnitAccessTarget call) ? call.getRawParameterTypes() : List.of();
	}

	private static DescribedPredicate<JavaAccess<?>> sleeps() {
		Set<String> owners = Set.of(Thread.class.getName(), TimeUnit.class.getName());
		return DescribedPredicate.describe("it sleeps",
				(access) -> access.getName().equals("sleep") && owners.contains(access.getTargetOwner().getName()));
	}

	private static ArchCondition<JavaClass> resideInNullMarkedPackage() {
		return new ArchCondition<>("reside in a @NullMarked package") {

			@Override
			public void check(JavaClass type, ConditionEvents events) {
				JavaPackage home = type.getPackage();
				events.add(new SimpleConditionEvent(type, home.isAnnotatedWith(NullMarked.class),
						"package " + home.getName() + " of " + type.getSimpleName() + " is not @NullMarked"));
			}

		};
	}

	private String[] patterns(String... names) {
		return List.of(names).stream().map(this::pattern).toArray(String[]::new);
	}

	private String pattern(String name) {
		return name.isEmpty() ? this.base : this.base + "." + name + "..";
	}

}
