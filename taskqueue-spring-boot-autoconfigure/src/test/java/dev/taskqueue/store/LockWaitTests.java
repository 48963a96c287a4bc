package dev.taskqueue.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;

import org.bson.Document;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LockWaitTests {

	private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

	@Test
	void jobKeepsItsPlaceHoweverOftenItWaits() {
		Document job = new Document("run_at", at(-60));
		LockWait first = LockWait.of(new JobDocument(job), "reports", NOW);
		job.putAll(first.fields());

		LockWait second = LockWait.of(new JobDocument(job), "reports", NOW.plusSeconds(5000));

		assertThat(first).isEqualTo(new LockWait("reports", NOW.minusSeconds(60), NOW.plus(Duration.ofHours(1))));
		assertThat(second.since()).isEqualTo(NOW.minusSeconds(60));
		assertThat(LockWait.read(job)).isEqualTo(first);
		assertThat(first.wasMoved(job)).isFalse();
		assertThat(first.wasMoved(job.append("run_at", at(1)))).isTrue();
	}

	@Test
	void whatOtherProgramsWriteThereIsNoWait() {
		assertThat(LockWait.read(new Document("waits", 7))).isEqualTo(new LockWait("", null, null));
		assertThat(LockWait.read(new Document("waits", new Document("lock", 1).append("since", "noon"))))
			.isEqualTo(new LockWait("", null, null));
		assertThat(LockWait.of(new JobDocument(new Document("run_at", "noon")), "reports", NOW).since()).isEqualTo(NOW);
	}

	private static Date at(int seconds) {
		return Date.from(NOW.plusSeconds(seconds));
	}

}
