package dev.taskqueue.crontab;

import java.time.Duration;

import org.bson.types.Decimal128;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class DurationTextTests {

	@ParameterizedTest
	@CsvSource({ "90s, 90000", "5m, 300000", "2h, 7200000", "1d, 86400000", "250ms, 250", "1500us, 2", "1ns, 1",
			"PT5M, 300000", "pt1h30m, 5400000", "P1D, 86400000", "-5s, -5000", "' 90S ', 90000" })
	void readsTextAsSpringBootDoes(String text, long millis) {
		assertThat(DurationText.read(text)).isEqualTo(Duration.ofMillis(millis));
	}

	@Test
	void readsNumbersAsSeconds() {
		assertThat(DurationText.read(90)).isEqualTo(Duration.ofSeconds(90));
		assertThat(DurationText.read(90L)).isEqualTo(Duration.ofSeconds(90));
		assertThat(DurationText.read(0.25)).isEqualTo(Duration.ofMillis(250));
		assertThat(DurationText.read(new Decimal128(90))).isEqualTo(Duration.ofSeconds(90));
	}

	@ParameterizedTest
	@ValueSource(strings = { "90", "", "s", "1.5h", "1h30m", "99999999999d", "999999999999999999h", "soon" })
	void refusesWhatIsNoneOrHasNoUnit(String text) {
		assertThat(DurationText.read(text)).isNull();
	}

}
