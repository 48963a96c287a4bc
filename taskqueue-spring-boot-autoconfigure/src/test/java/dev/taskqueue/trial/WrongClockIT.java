package dev.taskqueue.trial;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import dev.taskqueue.fault.NodeProcess;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class WrongClockIT {

	private static final Duration SOON = Duration.ofSeconds(30);

	@Test
	void clockOfOneProcessIsWrongAsSoonAsItIsSet(@TempDir Path directory) {
		WrongClock clock = new WrongClock(directory, "one");
		try (NodeProcess process = NodeProcess.start(Looking.class, List.of(), clock.environment())) {
			awaitDifference(process, Duration.ZERO);
			clock.setWrongBy(3600);
			awaitDifference(process, Duration.ofHours(1));
			clock.setWrongBy(-3600);
			awaitDifference(process, Duration.ofHours(-1));
		}
	}

	private static void awaitDifference(NodeProcess process, Duration difference) {
		Awaitility.await().atMost(SOON).untilAsserted(() -> {
			process.tell("look");
			List<String> seen = process.lines();
			assertThat(seen).isNotEmpty();
			assertThat(Instant.parse(seen.get(seen.size() - 1))).isBetween(
					Instant.now().plus(difference).minusSeconds(10), Instant.now().plus(difference).plusSeconds(10));
		});
	}

	static class Looking {

		public static void main(String[] args) throws Exception {
			while (System.in.read() >= 0) {
				System.out.println(Instant.now());
			}
		}

	}

}
