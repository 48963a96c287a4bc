package dev.taskqueue.execute;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

import dev.taskqueue.claim.Claim;
import dev.taskqueue.claim.Claims;
import dev.taskqueue.function.FunctionRegistry;
import org.bson.Document;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class AttemptRunnerTests {

	private final Claims claims = new Claims();

	@Test
	void jobForWhichThereIsNeitherAThreadNorMemoryToGiveItBackIsNotHeldAndKeepsNoSlot() {
		Claim claim = this.claims.of(new Document("_id", "a").append("function", "f").append("queue", "q"), "t");
		AttemptRunner runner = runner((task) -> {
			throw new OutOfMemoryError("Made by the test: no thread");
		}, (outcome) -> {
			throw new OutOfMemoryError("Made by the test: no outcome");
		});

		runner.start(claim);

		assertThat(this.claims.isHeld("t")).isFalse();
		assertThat(this.claims.running()).isZero();
	}

	private static AttemptRunner runner(Executor executor, Consumer<Outcome> outcomes) {
		Clock clock = Clock.systemUTC();
		return new AttemptRunner(new NoteWriter(null, clock), FunctionRegistry.of(List.of()), executor,
				new ExecutionSettings(Duration.ZERO, 1), clock, (claim) -> true, outcomes, (event) -> {
				}, AttemptHooks.NONE, (function) -> false, null);
	}

}
