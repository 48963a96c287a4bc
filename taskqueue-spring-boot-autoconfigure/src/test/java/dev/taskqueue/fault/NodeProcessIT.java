package dev.taskqueue.fault;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class NodeProcessIT {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	@Test
	void killedNodeEndsWithoutItsShutdownHooks() {
		try (NodeProcess node = NodeProcess.start(Ticking.class, "a b")) {
			assertThat(node.awaitLine("started", TIMEOUT)).isEqualTo("started with a b");

			node.kill9();

			assertThat(node.awaitExit(TIMEOUT)).isEqualTo(128 + 9);
			assertThat(node.lines()).doesNotContain("ending");
		}
	}

	@Test
	void nodeThatIsToldToEndRunsItsShutdownHooks() {
		try (NodeProcess node = NodeProcess.start(Ticking.class, List.of("-Dgreeting=hello"))) {
			node.awaitLine("hello", TIMEOUT);

			node.sigterm();

			assertThat(node.awaitExit(TIMEOUT)).isEqualTo(128 + 15);
			assertThat(node.lines()).contains("ending");
		}
	}

	@Test
	void frozenNodeStandsStillAndThawedOneGoesOn() {
		try (NodeProcess node = NodeProcess.start(Ticking.class)) {
			node.awaitLines("tick", 3, TIMEOUT);

			node.freeze();
			int ticks = node.lines().size();
			assertThatExceptionOfType(AssertionError.class)
				.isThrownBy(() -> node.awaitLines("tick", ticks + 3, Duration.ofMillis(500)));

			node.thaw();
			node.awaitLines("tick", ticks + 3, TIMEOUT);
		}
	}

	@Test
	void waitingForANodeThatHasEndedFailsAtOnceAndShowsItsOutput() {
		try (NodeProcess node = NodeProcess.start(Failing.class)) {
			assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> node.awaitLine("started", TIMEOUT))
				.withMessageContaining("ended with 3 before it wrote a line with 'started'")
				.withMessageContaining("cannot go on");
		}
	}

	static final class Ticking {

		public static void main(String[] arguments) throws InterruptedException {
			Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("ending")));
			System.out.println("started with " + String.join(",", arguments));
			System.out.println(System.getProperty("greeting", "no greeting"));
			CountDownLatch never = new CountDownLatch(1);
			while (!never.await(20, TimeUnit.MILLISECONDS)) {
				System.out.println("tick");
			}
		}

	}

	static final class Failing {

		public static void main(String[] arguments) {
			System.out.println("cannot go on");
			System.exit(3);
		}

	}

}
