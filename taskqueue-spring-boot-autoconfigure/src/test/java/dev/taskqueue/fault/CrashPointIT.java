package dev.taskqueue.fault;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import dev.taskqueue.store.CrashPoint;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A process ends at each {@link CrashPoint}, and another one goes on: every job runs to
 * its end, no oftener than promised, each slot of a row is one job, and nothing is left
 * of the dead. What is done at which point is told by {@link Crashes}.
 * <p>
 * Each has a database of its own, and some go on at the same time: most of it is waiting
 * for leases.
 */
@Tag("outage")
class CrashPointIT {

	private static final int AT_A_TIME = 4;

	private static final List<Crash> CRASHES = Stream.of(CrashPoint.values()).flatMap(Crashes::at).toList();

	private static final Map<Crash, Future<?>> underWay = new HashMap<>();

	private static final ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);

	@BeforeAll
	static void begin() {
		CRASHES.forEach((crash) -> underWay.put(crash, threads.submit(crash::run)));
	}

	@AfterAll
	static void end() {
		threads.shutdownNow();
	}

	static List<Crash> crashes() {
		return CRASHES;
	}

	@ParameterizedTest
	@MethodSource("crashes")
	void anotherProcessGoesOnWhereOneDied(Crash crash) throws Throwable {
		try {
			Objects.requireNonNull(underWay.get(crash)).get();
		}
		catch (ExecutionException ex) {
			throw Objects.requireNonNull(ex.getCause());
		}
	}

}
