package dev.taskqueue.crontab;

import java.time.Instant;
import java.util.Date;
import java.util.Random;
import java.util.stream.Stream;

import org.bson.BsonTimestamp;
import org.bson.types.Decimal128;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class RowTimeTests {

	private static final Instant NOW = Instant.parse("2026-11-21T10:00:30.250Z");

	private static final long SECONDS = NOW.getEpochSecond();

	private static final long MILLIS = NOW.toEpochMilli();

	@ParameterizedTest(name = "{0} becomes {1}")
	@MethodSource("stamps")
	void stampKeepsTheOwnersTypeAndUnit(Object former, Object expected) {
		assertThat(RowTime.like(former, NOW)).isEqualTo(expected);
	}

	static Stream<Arguments> stamps() {
		return Stream.of(arguments(Date.from(Instant.EPOCH), Date.from(NOW)), arguments(5, (int) SECONDS),
				arguments(1_700_000_000L, SECONDS), arguments(1_700_000_000_000L, MILLIS),
				arguments(1.7e9, MILLIS / 1000.0), arguments(1.7e12, (double) MILLIS),
				arguments(new Decimal128(1_700_000_000L), new Decimal128(SECONDS)),
				arguments("yesterday", "2026-11-21T10:00:30.250Z"), arguments(true, Date.from(NOW)),
				arguments(new BsonTimestamp(1, 2), new BsonTimestamp((int) SECONDS, 0)));
	}

	@ParameterizedTest
	@CsvSource({ "1763719200.5, 2025-11-21T10:00:00.500Z", "1763719200.0001, 2025-11-21T10:00:00.001Z",
			"-0.0, 1970-01-01T00:00:00Z" })
	void readsFractionsOfSeconds(double seconds, Instant expected) {
		assertThat(RowTime.read(seconds)).isEqualTo(expected);
	}

	@Test
	void slotIsReadAsItWasWritten() {
		new Random(5).longs(100_000, 0, 4_102_444_800_000L).forEach((millis) -> {
			Instant slot = Instant.ofEpochMilli(millis);
			assertThat(RowTime.read(RowTime.slot(5, slot))).isEqualTo(slot);
		});
	}

	@Test
	void slotIsNeverInMilliseconds() {
		assertThat(RowTime.slot(2e11, Instant.ofEpochSecond(SECONDS))).isEqualTo((double) SECONDS);
		assertThat(RowTime.slot(200_000_000_000L, Instant.ofEpochSecond(SECONDS))).isEqualTo(SECONDS);
	}

}
