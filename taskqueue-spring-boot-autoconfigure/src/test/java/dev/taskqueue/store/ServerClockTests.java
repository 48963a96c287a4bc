package dev.taskqueue.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;

import dev.taskqueue.testsupport.MovableClock;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class ServerClockTests {

	private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

	private final MovableClock wallClock = new MovableClock(NOON);

	private Instant serverTime = NOON;

	private String primary = "a:27017";

	private Duration roundTrip = Duration.ZERO;

	private long nanoTime;

	private final ServerClock clock = new ServerClock(this::hello, this.wallClock, () -> this.nanoTime);

	@Test
	void isCarriedOnByTheMonotonicClockWhateverTheWallClockDoes() {
		assertThat(this.clock.instant()).isEqualTo(NOON);

		this.nanoTime += Duration.ofSeconds(5).toNanos();
		this.wallClock.advance(Duration.ofDays(-3));

		assertThat(this.clock.instant()).isEqualTo(NOON.plusSeconds(5));
	}

	@Test
	void countsHalfTheRoundTrip() {
		this.roundTrip = Duration.ofMillis(40);

		this.clock.measure();

		assertThat(this.clock.instant()).isEqualTo(NOON.plusMillis(20));
	}

	@Test
	void keepsAGoodMeasurementBeforeOneOfASlowReply() {
		this.clock.measure();
		this.roundTrip = Duration.ofSeconds(3);
		this.serverTime = NOON.plusSeconds(2);

		this.clock.measure();

		assertThat(this.clock.instant()).isEqualTo(NOON.plusSeconds(3));
	}

	@Test
	void believesASlowReplyThatCannotBeExplainedByItsSlowness() {
		this.clock.measure();
		this.roundTrip = Duration.ofSeconds(3);
		this.serverTime = NOON.plusSeconds(100);

		this.clock.measure();

		assertThat(this.clock.instant()).isEqualTo(NOON.plusSeconds(101).plusMillis(500));
	}

	@Test
	void believesANewPrimaryAtOnce() {
		this.clock.measure();
		this.roundTrip = Duration.ofSeconds(3);
		this.serverTime = NOON.plusSeconds(100);
		this.primary = "b:27017";

		this.clock.measure();

		assertThat(this.clock.instant()).isEqualTo(NOON.plusSeconds(101).plusMillis(500));
	}

	@Test
	void warnsOnceOfAWallClockThatIsWrong(CapturedOutput output) {
		this.wallClock.advance(Duration.ofHours(1));

		this.clock.measure();
		this.clock.measure();

		assertThat(output).containsOnlyOnce("This machine's clock says 2026-01-01T13:00:00Z")
			.contains("MongoDB server's 2026-01-01T12:00:00Z");
	}

	private Document hello() {
		this.nanoTime += this.roundTrip.toNanos();
		return new Document("localTime", Date.from(this.serverTime)).append("me", this.primary);
	}

}
