package dev.taskqueue.store;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class OutageTests {

	private long nanoTime;

	private final Outage outage = new Outage(() -> this.nanoTime);

	@Test
	void isSaidOnceWhenItBeginsAndOnceWhenItIsOver(CapturedOutput output) {
		this.outage.failed("claiming jobs", new IllegalStateException("gone"));
		this.outage.failed("the heart-beat", new IllegalStateException("still gone"));
		this.nanoTime += Duration.ofSeconds(2).toNanos();
		assertThat(this.outage.lasting()).isEqualTo(Duration.ofSeconds(2));
		assertThat(this.outage.cause()).contains("still gone");

		this.outage.over("claiming jobs");
		this.outage.over("the heart-beat");
		this.outage.over("the heart-beat");

		assertThat(this.outage.lasting()).isZero();
		assertThat(this.outage.cause()).isNull();
		assertThat(output).containsOnlyOnce("MongoDB fails at")
			.containsOnlyOnce("MongoDB works again after 2000 ms")
			.doesNotContain("the heart-beat");
	}

	@Test
	void serverThatIsOnItsWayDownIsAnOutageAndOneThatForbidsIsNone() {
		int interruptedAtShutdown = 11600;
		int notWritablePrimary = 10107;
		int unauthorized = 13;

		assertThat(Outage.isPassing(interruptedAtShutdown)).isTrue();
		assertThat(Outage.isPassing(notWritablePrimary)).isTrue();
		assertThat(Outage.isPassing(unauthorized)).isFalse();
	}

	@Test
	void loopThatCannotEvenSayWhatHappenedGoesOn() {
		this.outage.broke("claiming jobs", new Speechless());
		this.outage.failed("the heart-beat", new Speechless());

		assertThat(this.outage.broken()).containsExactlyInAnyOrder("claiming jobs", "the heart-beat");
		this.outage.over("claiming jobs");
		this.outage.over("the heart-beat");
		assertThat(this.outage.broken()).isEmpty();
		assertThat(this.outage.lasting()).isZero();
	}

	@Test
	void errorInALoopIsSaidOnceUntilItIsOver(CapturedOutput output) {
		for (int i = 0; i < 5; i++) {
			this.outage.broke("claiming jobs", new StackOverflowError("deep"));
		}

		assertThat(this.outage.broken()).containsExactly("claiming jobs");
		assertThat(this.outage.lasting()).isZero();
		assertThat(output).containsOnlyOnce("An error in claiming jobs");

		this.outage.over("claiming jobs");
		this.outage.over("claiming jobs");

		assertThat(this.outage.broken()).isEmpty();
		assertThat(output).containsOnlyOnce("No error in claiming jobs any more").doesNotContain("MongoDB");
	}

	@Test
	void loopThatAnErrorEndedIsRunAgainUntilItReturns(CapturedOutput output) {
		AtomicInteger runs = new AtomicInteger();

		this.outage.guard("taskqueue-heartbeat", () -> {
			if (runs.incrementAndGet() == 1) {
				throw new OutOfMemoryError("Made by the test");
			}
			if (runs.get() == 2) {
				throw new Speechless();
			}
		});

		assertThat(runs).hasValue(3);
		assertThat(output).containsOnlyOnce("An error in taskqueue-heartbeat");
		assertThat(this.outage.broken()).isEmpty();
	}

	@Test
	void isNotOverBeforeAllThatFailedWorks(CapturedOutput output) {
		this.outage.failed("claiming jobs", new IllegalStateException("gone"));
		for (int second = 1; second <= 10; second++) {
			this.outage.failed("the heart-beat", new IllegalStateException("no majority"));
			this.nanoTime += Duration.ofSeconds(1).toNanos();
			this.outage.over("claiming jobs");
			this.outage.over("recovering jobs");
		}

		assertThat(this.outage.lasting()).isEqualTo(Duration.ofSeconds(10));
		this.outage.over("the heart-beat");

		assertThat(this.outage.lasting()).isZero();
		assertThat(output).containsOnlyOnce("MongoDB fails at").containsOnlyOnce("MongoDB works again after 10000 ms");
	}

	/** As where there is no memory for a message. */
	private static final class Speechless extends RuntimeException {

		@Override
		public String getMessage() {
			throw new OutOfMemoryError("Made by the test");
		}

	}

}
