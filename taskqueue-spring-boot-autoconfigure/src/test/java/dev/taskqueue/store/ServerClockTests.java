package dev.taskqueue.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

import com.mongodb.MongoException;
import dev.taskqueue.testsupport.MovableClock;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
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

	private @Nullable Duration firstRoundTrip;

	private boolean down;

	private long nanoTime;

	private final List<Runnable> besides = new ArrayList<>();

	private final ServerClock clock = new ServerClock(this::hello, this.wallClock, () -> this.nanoTime,
			this.besides::add);

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
	void asksTwiceAtFirstSinceTheFirstReplyWaitsForTheConnection() {
		this.firstRoundTrip = Duration.ofMillis(80);
		this.roundTrip = Duration.ofMillis(2);

		this.clock.instant();

		assertThat(this.clock.instant()).isEqualTo(NOON.plusMillis(1));
	}

	@Test
	void renewsAnOldMeasurementBesideTheWorkForThoseWhoOnlyAskForTheTime() {
		this.clock.instant();
		pass(Duration.ofSeconds(31));
		this.serverTime = this.serverTime.plusMillis(300);

		assertThat(this.clock.instant()).isEqualTo(NOON.plusSeconds(31));
		this.clock.instant();
		assertThat(this.besides).hasSize(1);
		this.besides.get(0).run();

		assertThat(this.clock.instant()).isEqualTo(NOON.plusSeconds(31).plusMillis(300));
	}

	@Test
	void carriesOnWhereTheServerDoesNotAnswerAndAsksAgainLater() {
		this.clock.instant();
		this.down = true;
		pass(Duration.ofSeconds(31));
		this.clock.instant();
		this.besides.get(0).run();

		assertThat(this.clock.instant()).isEqualTo(NOON.plusSeconds(31));
		assertThat(this.besides).hasSize(1);
		pass(Duration.ofSeconds(31));
		assertThat(this.clock.instant()).isEqualTo(NOON.plusSeconds(62));
		assertThat(this.besides).hasSize(2);
	}

	@Test
	void keepsAGoodMeasurementBeforeOneUnderLoad() {
		this.roundTrip = Duration.ofMillis(1);
		this.clock.measure();
		pass(Duration.ofSeconds(10));
		this.roundTrip = Duration.ofMillis(40);
		// the reply took its time on the way back
		this.serverTime = this.serverTime.plusMillis(2);

		this.clock.measure();

		assertThat(this.clock.instant()).isBetween(NOON.plusSeconds(10).plusMillis(40),
				NOON.plusSeconds(10).plusMillis(41));
	}

	@Test
	void followsAClockThatDriftsThoughTheFirstMeasurementWasTheBest() {
		this.clock.measure();
		pass(Duration.ofHours(1));
		this.roundTrip = Duration.ofMillis(40);
		this.serverTime = this.serverTime.plusMillis(120);

		this.clock.measure();

		assertThat(this.clock.instant()).isEqualTo(NOON.plusSeconds(3600).plusMillis(140));
	}

	@Test
	void takesABetterMeasurementThanTheFirst() {
		this.roundTrip = Duration.ofMillis(40);
		this.clock.measure();
		pass(Duration.ofSeconds(10));
		this.roundTrip = Duration.ofMillis(2);
		Instant sent = this.serverTime;

		this.clock.measure();

		assertThat(this.clock.instant()).isEqualTo(sent.plusMillis(1));
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

	private void pass(Duration time) {
		this.nanoTime += time.toNanos();
		this.serverTime = this.serverTime.plus(time);
	}

	private Document hello() {
		if (this.down) {
			throw new MongoException("Made by the test");
		}
		this.nanoTime += ((this.firstRoundTrip != null) ? this.firstRoundTrip : this.roundTrip).toNanos();
		this.firstRoundTrip = null;
		return new Document("localTime", Date.from(this.serverTime)).append("me", this.primary);
	}

}
