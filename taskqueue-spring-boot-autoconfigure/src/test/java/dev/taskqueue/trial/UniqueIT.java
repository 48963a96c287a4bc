package dev.taskqueue.trial;

import java.time.Duration;

import dev.taskqueue.history.Entry.Answer;
import dev.taskqueue.history.Entry.Answered;
import dev.taskqueue.history.Entry.Keyed;
import dev.taskqueue.history.Entry.Phase;
import dev.taskqueue.history.History;
import dev.taskqueue.history.Verdict;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Three worker processes that run unique jobs and submit some themselves, as another
 * process does, of which one is killed amid that with each round.
 */
@Tag("slow")
class UniqueIT {

	private static final long SEED = Long.getLong("taskqueue.trial.seed", System.nanoTime());

	private static final int ROUNDS = Integer.getInteger("taskqueue.trial.rounds", 3);

	@Test
	void oneJobOfAKeyIsThereAtATimeThoughANodeIsKilled() {
		try (Trial trial = new Trial(Servers.ofOne(), SEED, 3, 100)) {
			trial.awaitWell();
			for (int round = 0; round < ROUNDS; round++) {
				trial.note("kill", Phase.BEGINS, "");
				Trial.hold(Duration.ofMillis(1000 + trial.random().nextInt(2000)));
				trial.kill(trial.anyWorker());
				trial.startWorkerAndWait();
				trial.nextRound();
				trial.note("kill", Phase.WELL, trial.awaitWell().toMillis() + " ms");
			}
			Verdict verdict = trial.verdict();
			System.out.println("FIGURE " + verdict.figures());
			assertThat(verdict.isContent()).as(verdict.toString()).isTrue();
			assertThatKeysWereAtStake(trial.history());
		}
	}

	/** A trial in which nobody met another's key proves nothing. */
	private static void assertThatKeysWereAtStake(History history) {
		for (Answer answer : new Answer[] { Answer.ACKNOWLEDGED, Answer.REFUSED }) {
			assertThat(history.all(Keyed.class)
				.filter((keyed) -> history.all(Answered.class)
					.anyMatch((told) -> told.job().equals(keyed.job()) && told.answer() == answer)))
				.as("unique jobs that were " + answer)
				.hasSizeGreaterThan(20);
		}
	}

}
