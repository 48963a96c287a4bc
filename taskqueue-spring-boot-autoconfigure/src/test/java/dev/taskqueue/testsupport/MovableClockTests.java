package dev.taskqueue.testsupport;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MovableClockTests {

	private final MovableClock clock = MovableClock.at("2026-11-21T10:00:00Z");

	@Test
	void standsStillUntilItIsMoved() {
		assertThat(this.clock.instant()).isEqualTo("2026-11-21T10:00:00Z");

		assertThat(this.clock.advance(Duration.ofSeconds(90))).isEqualTo("2026-11-21T10:01:30Z");

		assertThat(this.clock.instant()).isEqualTo("2026-11-21T10:01:30Z");
	}

	@Test
	void clockOfAnotherZoneMovesWithIt() {
		Clock madrid = this.clock.withZone(ZoneId.of("Europe/Madrid"));

		this.clock.set(Instant.EPOCH);

		assertThat(madrid.instant()).isEqualTo(Instant.EPOCH);
		assertThat(madrid.getZone()).isEqualTo(ZoneId.of("Europe/Madrid"));
	}

}
