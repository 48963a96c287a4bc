package dev.taskqueue.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import com.mongodb.MongoException;
import dev.taskqueue.store.Outage;
import dev.taskqueue.worker.WorkerStatus;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;

class TaskQueueHealthIndicatorTests {

	private final Outage outage = new Outage();

	@Test
	void isUpWhileTheLeaseHolds() {
		Health health = health(Duration.ofSeconds(30), status(true, List.of()));

		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("worker", "w-1").containsEntry("running", 2);
	}

	@Test
	void isDownWhileTheWorkerIsTakenForDead() {
		assertThat(health(Duration.ofSeconds(30), status(false, List.of())).getStatus()).isEqualTo(Status.DOWN);
	}

	@Test
	void outageShorterThanTheLeaseIsNoReasonToBeDown() {
		this.outage.failed("claiming", new MongoException("gone"));

		Health health = health(Duration.ofSeconds(30), status(true, List.of()));

		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails().get("mongodb")).asString().contains("gone");
	}

	@Test
	void aShortOutageDoesNotHideThatTheWorkerIsTakenForDead() {
		this.outage.failed("claiming", new MongoException("gone"));

		assertThat(health(Duration.ofSeconds(30), status(false, List.of())).getStatus()).isEqualTo(Status.DOWN);
	}

	@Test
	void isDownWhileTheServerHasNeverBeenThere() {
		this.outage.failed("its first use", new MongoException("refused"));

		assertThat(health(Duration.ZERO, null).getStatus()).isEqualTo(Status.DOWN);
	}

	@Test
	void isDownWhenTheOutageLastsLongerThanTheLease() {
		this.outage.failed("claiming", new MongoException("gone"));

		assertThat(health(Duration.ZERO, status(true, List.of())).getStatus()).isEqualTo(Status.DOWN);
	}

	@Test
	void namesAttemptsThatIgnoreTheirInterrupt() {
		Health health = health(Duration.ofSeconds(30), status(true,
				List.of(new WorkerStatus.StuckAttempt("1", "send_mail", "taskqueue-mail-1", Duration.ofSeconds(5)))));

		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails().get("stuck")).asString()
			.contains("job 1 of function 'send_mail' in thread taskqueue-mail-1 ignores its interrupt since 5 s");
	}

	private Health health(Duration lease, @Nullable WorkerStatus worker) {
		return new TaskQueueHealthIndicator(this.outage, lease, () -> worker, () -> null, () -> List.of()).health();
	}

	private static WorkerStatus status(boolean fresh, List<WorkerStatus.StuckAttempt> stuck) {
		return new WorkerStatus("w-1", fresh, Duration.ofSeconds(1), 10, 2, Map.of(), stuck, "");
	}

}
