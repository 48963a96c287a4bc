package dev.taskqueue.trial;

import java.time.Duration;

import dev.taskqueue.CancelResult;
import dev.taskqueue.history.Entry.CancelAnswered;
import dev.taskqueue.history.Entry.Phase;
import dev.taskqueue.history.Entry.Told;
import dev.taskqueue.history.History;
import dev.taskqueue.history.Verdict;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Three worker processes, of which one is killed with each round, while a queue is paused
 * and resumed, a function revoked and restored, and jobs are cancelled.
 */
@Tag("slow")
class SteeringIT {

	private static final long SEED = Long.getLong("taskqueue.trial.seed", System.nanoTime());

	private static final int ROUNDS = Integer.getInteger("taskqueue.trial.rounds", 3);

	/**
	 * What a worker knows is believed for a second; the rest is for a machine that has
	 * other things to do.
	 */
	private static final Duration HEARING = Duration.ofSeconds(3);

	@Test
	void whatWasDecidedHoldsOnAllNodesThoughOneIsKilled() {
		try (Trial trial = new Trial(Servers.ofOne(), SEED, 3, 40)) {
			trial.awaitWell();
			for (int round = 0; round < ROUNDS; round++) {
				trial.note("steering", Phase.BEGINS, "");
				Decisions decisions = trial.decide(HEARING);
				int kill = trial.random().nextInt(8);
				for (int step = 0; step < 8; step++) {
					decisions.cancelSome();
					Trial.hold(Duration.ofMillis(200 + trial.random().nextInt(600)));
					if (step == kill) {
						trial.kill(trial.anyWorker());
						trial.startWorker();
					}
				}
				trial.workers().forEach(trial::awaitReady);
				decisions.takeBack();
				trial.nextRound();
				trial.note("steering", Phase.WELL, trial.awaitWell().toMillis() + " ms");
			}
			Verdict verdict = trial.verdict();
			System.out.println("FIGURE " + verdict.figures());
			assertThat(verdict.isContent()).as(verdict.toString()).isTrue();
			assertThatAllWasTried(trial.history());
		}
	}

	/** A trial in which nothing was at stake proves nothing. */
	private static void assertThatAllWasTried(History history) {
		assertThat(history.all(CancelAnswered.class).map(CancelAnswered::result)).contains(CancelResult.CANCELLED,
				CancelResult.REQUESTED, CancelResult.ENDED);
		assertThat(history.all(Told.class).map(Told::event)).contains("Revoked", "Cancelled");
	}

}
