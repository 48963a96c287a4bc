package dev.taskqueue.trial;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.taskqueue.history.Entry.Phase;
import dev.taskqueue.history.HistoryFile;
import dev.taskqueue.history.Verdict;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Faults of all kinds while jobs are submitted and run, alone and mixed.
 * {@code scripts/faults} runs them as long as one likes.
 */
class FaultsIT {

	private static final long SEED = Long.getLong("taskqueue.trial.seed", System.nanoTime());

	private static final int RATE = Integer.getInteger("taskqueue.trial.rate", 60);

	private static final Duration LASTING = Duration.ofSeconds(Integer.getInteger("taskqueue.trial.seconds", 120));

	/** All, or those that {@code -Dtaskqueue.trial.faults} names. */
	private static final List<Fault> FAULTS = Stream.of(System.getProperty("taskqueue.trial.faults", "").split(","))
		.filter((name) -> !name.isBlank())
		.map(Fault::valueOf)
		.collect(Collectors.collectingAndThen(Collectors.toList(),
				(named) -> named.isEmpty() ? List.of(Fault.values()) : named));

	/** Between faults, in which it is seen how long a job waits when all is well. */
	private static final Duration CALM = Duration.ofSeconds(Integer.getInteger("taskqueue.trial.calm", 1));

	private static final int WORKERS = 3;

	/**
	 * What a worker knows is believed for a second; one that is parted begins what stands
	 * in line until its lease is over.
	 */
	private static final Duration HEARING = Duration.ofMillis(1500).plus(WorkerApplication.LEASE);

	@Test
	@Tag("faults")
	void eachFaultIsRiddenOutOnAReplicaSet() {
		ridesOut(Servers.ofThree(), FAULTS.stream());
	}

	@Test
	@Tag("faults")
	void weakOptionsOfTheConnectionChangeNothing() {
		ridesOut(Servers.ofThreeCalledWeakly(), Stream.of(Fault.PRIMARY_KILLED, Fault.PRIMARY_STEPS_DOWN,
				Fault.PRIMARY_FROZEN, Fault.CUT_BOTH_WAYS, Fault.REPLIES_LOST, Fault.WORKER_KILLED));
	}

	@Test
	@Tag("faults")
	void eachFaultIsRiddenOutOnAStandAloneServer() {
		ridesOut(Servers.alone(), FAULTS.stream());
	}

	/** Two minutes, in CI; {@code scripts/faults} says how long. */
	@Test
	@Tag("slow")
	void mixedFaultsAreRiddenOut() {
		try (Trial trial = new Trial(Servers.ofThree(), SEED, WORKERS, RATE)) {
			trial.awaitWell();
			Growth growth = new Growth(trial.database(), CALM);
			int faults = 0;
			long end = System.nanoTime() + LASTING.toNanos();
			while (System.nanoTime() < end) {
				faults += mix(trial);
				trial.note("all", Phase.WELL, trial.awaitWell().toMillis() + " ms");
				Trial.hold(CALM);
			}
			List<String> grown = growth.found(trial.history());
			Verdict verdict = trial.verdict();
			System.out.printf("FIGURE %s; faults %d, complaints in logs %d%n", verdict.figures(), faults,
					trial.complaints());
			assertThat(grown).as("what grew").isEmpty();
			assertThat(verdict.isContent()).as(verdict.toString()).isTrue();
		}
	}

	/** One to three at a time, which begin and end in any order. */
	private static int mix(Trial trial) {
		List<Fault> faults = new ArrayList<>(FAULTS.stream().filter((fault) -> !fault.takesJobsAway()).toList());
		Collections.shuffle(faults, trial.random());
		int count = 1 + trial.random().nextInt(WORKERS);
		List<Fault> chosen = new ArrayList<>();
		for (Fault fault : faults) {
			boolean fits = trial.servers().canDo(fault)
					&& (!fault.isOfServers() || chosen.stream().noneMatch(Fault::isOfServers));
			if (chosen.size() < count && fits) {
				chosen.add(fault);
			}
		}
		Decisions decisions = trial.decide(HEARING);
		List<Runnable> ends = new ArrayList<>(List.of(decisions::takeBack));
		for (Fault fault : chosen) {
			decisions.cancelSome();
			trial.note(fault.sentence(), Phase.BEGINS, "");
			ends.add(fault.begin(trial));
			Trial.hold(Duration.ofMillis(trial.random().nextInt(1500)));
		}
		Trial.hold(chosen.stream().map(Fault::lasting).max(Duration::compareTo).orElseThrow());
		decisions.cancelSome();
		Collections.shuffle(ends, trial.random());
		ends.forEach(Runnable::run);
		trial.nextRound();
		trial.servers().awaitAll();
		return chosen.size();
	}

	private static void ridesOut(Servers servers, Stream<Fault> faults) {
		List<String> table = new ArrayList<>();
		try (Trial trial = new Trial(servers, SEED, WORKERS, RATE)) {
			trial.awaitWell();
			faults.filter(servers::canDo).forEach((fault) -> table.add(ridesOut(trial, fault)));
			Verdict verdict = trial.verdict();
			System.out.println("FIGURE " + verdict.figures());
			assertThat(verdict.isContent()).as(verdict.toString()).isTrue();
		}
		finally {
			table.forEach((line) -> System.out.println("FAULT " + line));
		}
	}

	private static String ridesOut(Trial trial, Fault fault) {
		int complaints = trial.complaints();
		trial.note(fault.sentence(), Phase.BEGINS, "");
		long began = HistoryFile.now();
		Runnable end = fault.begin(trial);
		Trial.hold(fault.lasting());
		end.run();
		trial.nextRound();
		trial.servers().awaitAll();
		trial.note(fault.sentence(), Phase.ENDS, "");
		Duration well = trial.awaitWell();
		trial.note(fault.sentence(), Phase.WELL, well.toMillis() + " ms");
		Effect effect = Effect.since(began, trial.history());
		return "| %s | %s | %s | %d | %.1f s | %.1f s |".formatted(fault.sentence(), effect.health(), effect.endpoint(),
				trial.complaints() - complaints, effect.longestPause().toMillis() / 1000.0, well.toMillis() / 1000.0);
	}

}
