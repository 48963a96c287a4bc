package dev.taskqueue.observe;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.taskqueue.JobError;
import dev.taskqueue.JobEvent;
import dev.taskqueue.worker.WorkerStatus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TaskQueueMetricsTests {

	private static final JobError ERROR = new JobError(JobError.Reason.EXCEPTION, null, "no", null, 1, Instant.EPOCH);

	private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

	private final TaskQueueMetrics metrics = new TaskQueueMetrics(this.registry, "send_mail"::equals);

	@Test
	void timesAttemptsByFunctionQueueAndOutcome() {
		this.metrics.accept(new JobEvent.Completed("1", "send_mail", "mail", Duration.ofSeconds(2)));
		this.metrics.accept(new JobEvent.Retrying("2", "send_mail", "mail", Duration.ofSeconds(1), ERROR));
		this.metrics.accept(new JobEvent.Failed("3", "send_mail", "mail", Duration.ofSeconds(1), ERROR));
		this.metrics.accept(new JobEvent.Cancelled("4", "send_mail", "mail", Duration.ofSeconds(1)));
		this.metrics.accept(new JobEvent.Interrupted("5", "send_mail", "mail", Duration.ofSeconds(1)));

		for (String outcome : List.of("succeeded", "retried", "failed", "cancelled", "interrupted")) {
			assertThat(this.registry.get("taskqueue.attempts")
				.tags("function", "send_mail", "queue", "mail", "outcome", outcome)
				.timer()
				.count()).as(outcome).isOne();
		}
		assertThat(
				this.registry.get("taskqueue.attempts").tag("outcome", "succeeded").timer().totalTime(TimeUnit.SECONDS))
			.isEqualTo(2);
	}

	@Test
	void countsJobsThatFoundTheirLockHeld() {
		this.metrics.accept(new JobEvent.Locked("1", "send_mail", "mail", "outbox"));

		assertThat(
				this.registry.get("taskqueue.locked").tags("function", "send_mail", "queue", "mail").counter().count())
			.isOne();
	}

	@Test
	void countsSubmitsAndRecoveries() {
		this.metrics.accept(new JobEvent.Enqueued("1", "send_mail", "mail"));
		this.metrics.accept(new JobEvent.Enqueued("2", "send_mail", "mail"));
		this.metrics.accept(new JobEvent.Recovered("1", "send_mail", "mail", "other-1", null));

		assertThat(this.registry.get("taskqueue.submits").tag("queue", "mail").counter().count()).isEqualTo(2);
		assertThat(this.registry.get("taskqueue.recoveries").counter().count()).isOne();
	}

	@Test
	void foreignNamesCannotFillTheRegistry() {
		for (int i = 0; i < 1000; i++) {
			this.metrics.accept(new JobEvent.Completed("1", "function-" + i, "queue-" + i, Duration.ofMillis(1)));
		}

		assertThat(this.registry.find("taskqueue.attempts").timers()).hasSize(101)
			.allMatch((timer) -> "unknown".equals(timer.getId().getTag("function")));
	}

	@Test
	void jobThatEndsWithoutAnAttemptIsNoAttempt() {
		this.metrics.accept(new JobEvent.Failed("1", "send_mail", "mail", Duration.ZERO, ERROR));
		this.metrics.accept(new JobEvent.Cancelled("2", "send_mail", "mail", Duration.ZERO));

		assertThat(this.registry.find("taskqueue.attempts").timers()).isEmpty();
	}

	@Test
	void showsWhatListenersTake() {
		this.metrics.listened(new JobEvent.Expired("1", "send_mail", "mail"), Duration.ofMillis(1));
		this.metrics.listened(new JobEvent.Expired("2", "send_mail", "mail"), Duration.ofMillis(700));

		assertThat(this.registry.get("taskqueue.listeners").tag("event", "expired").timer().max(TimeUnit.MILLISECONDS))
			.isEqualTo(700);
	}

	@Test
	void signalsBesideTheOutcomeCountNoAttempt() {
		this.metrics.accept(new JobEvent.Error("1", "send_mail", "mail", Duration.ofSeconds(1), ERROR));
		this.metrics.accept(new JobEvent.Scheduled("1", "send_mail", "mail", Instant.EPOCH));

		assertThat(this.registry.getMeters()).isEmpty();
	}

	@Test
	void tellsHowManySlotsAreFree() {
		new WorkerGauges(() -> new WorkerStatus("w", true, Duration.ZERO, 10, 3, Map.of("default", 3), List.of(), ""))
			.bindTo(this.registry);

		assertThat(this.registry.get("taskqueue.worker.running").gauge().value()).isEqualTo(3);
		assertThat(this.registry.get("taskqueue.worker.free").gauge().value()).isEqualTo(7);
	}

}
