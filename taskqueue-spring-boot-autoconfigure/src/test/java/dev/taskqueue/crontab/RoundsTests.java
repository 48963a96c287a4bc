package dev.taskqueue.crontab;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RoundsTests {

	@Test
	void restIsNineTenthsOfTheWork() {
		assertThat(Rounds.restAfter(Duration.ofMillis(30))).isEqualTo(Duration.ofMillis(27));
	}

	@Test
	void afterAnOutageOfTheServerTheRestIsShortAllTheSame() {
		assertThat(Rounds.restAfter(Duration.ofSeconds(30))).isEqualTo(Duration.ofMillis(250));
	}

}
