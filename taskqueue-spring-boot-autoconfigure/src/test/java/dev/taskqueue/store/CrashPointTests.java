package dev.taskqueue.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Each point is in the code once, and told of where the code is. That each has its test
 * is seen by the compiler: {@code CrashPointIT} has a case for each.
 */
class CrashPointTests {

	private static final Path SOURCES = Path.of("src/main/java/dev/taskqueue");

	private static final Pattern MENTION = Pattern.compile("CrashPoint#(\\w+)");

	private static final JavaClass POINTS = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
		.importPackages("dev.taskqueue")
		.get(CrashPoint.class);

	@AfterEach
	void clear() {
		CrashPoints.clear();
	}

	@ParameterizedTest
	@EnumSource
	void pointIsReachedAtOnePlaceAndToldOfInItsPackage(CrashPoint point) throws IOException {
		List<String> places = placesOf(point);
		List<String> packages = packagesThatTellOf(point);

		assertThat(places).as("packages in whose code %s stands, each time", point).hasSize(1);
		assertThat(packages).as("packages whose package-info.java tells of %s, each time", point).isEqualTo(places);
	}

	@ParameterizedTest
	@ValueSource(strings = { "submit", "claim", "finish", "lease", "lock", "crontab", "worker" })
	void packageThatWritesTellsOfItsPoints(String name) throws IOException {
		String text = Files.readString(SOURCES.resolve(name).resolve("package-info.java"));

		assertThat(text).contains("<b>Crash points", "CrashPoint#");
		assertThat(mentions(text)).isSubsetOf(Arrays.stream(CrashPoint.values()).map(Enum::name).toList());
	}

	@Test
	void pointWithoutHookDoesNothing() {
		assertThatNoException().isThrownBy(CrashPoint.CLAIM_WRITTEN::reached);
	}

	@Test
	void hookHearsOfThePointInItsThreadAndMayThrow() {
		List<CrashPoint> reached = new ArrayList<>();
		CrashPoints.set((point) -> {
			reached.add(point);
			throw new IllegalStateException("thrown at " + point);
		});

		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(CrashPoint.CLAIM_WRITTEN::reached)
			.withMessage("thrown at CLAIM_WRITTEN");
		assertThat(reached).containsExactly(CrashPoint.CLAIM_WRITTEN);
	}

	@Test
	void usersCannotSetTheHook() {
		assertThat(POINTS.getMethods().stream().filter((method) -> !method.getRawParameterTypes().isEmpty()))
			.filteredOn((method) -> method.getModifiers().contains(JavaModifier.PUBLIC))
			.extracting((method) -> method.getName())
			.containsExactly("valueOf");
	}

	private static List<String> placesOf(CrashPoint point) {
		return POINTS.getFieldAccessesToSelf()
			.stream()
			.filter((access) -> access.getTarget().getName().equals(point.name()))
			.map(JavaAccess::getOriginOwner)
			.filter((origin) -> !origin.equals(POINTS))
			.map((origin) -> origin.getPackageName().substring("dev.taskqueue.".length()))
			.toList();
	}

	private static List<String> packagesThatTellOf(CrashPoint point) throws IOException {
		List<String> packages = new ArrayList<>();
		try (Stream<Path> files = Files.walk(SOURCES)) {
			for (Path file : files.filter((path) -> path.endsWith("package-info.java")).toList()) {
				mentions(Files.readString(file)).filter(point.name()::equals)
					.forEach((mention) -> packages.add(SOURCES.relativize(file.resolveSibling("")).toString()));
			}
		}
		return packages;
	}

	private static Stream<String> mentions(String text) {
		return MENTION.matcher(text).results().map((MatchResult result) -> result.group(1));
	}

}
