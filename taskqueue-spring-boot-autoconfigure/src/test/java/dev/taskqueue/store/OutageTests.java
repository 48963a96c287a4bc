package dev.taskqueue.store;

import java.time.Duration;

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

		this.outage.over();
		this.outage.over();

		assertThat(this.outage.lasting()).isZero();
		assertThat(this.outage.cause()).isNull();
		assertThat(output).containsOnlyOnce("MongoDB fails at")
			.containsOnlyOnce("MongoDB works again after 2000 ms")
			.doesNotContain("the heart-beat");
	}

}
