package dev.taskqueue.fault;

import java.time.Duration;
import java.util.List;

import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.testsupport.OneServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/** An application whose jobs are not started in time. */
class ExpiredIT {

	private static final Duration SOON = Duration.ofMillis(300);

	@RegisterExtension
	private static final OneServer server = new OneServer();

	@SuppressWarnings("NullAway.Init")
	private LocalNode node;

	@AfterEach
	void close() {
		this.node.database().database().drop();
		this.node.close();
	}

	@Test
	void jobExpiresBehindBusySlotsAndInAnUnservedQueueAndWithoutAFunction() {
		this.node = LocalNode.start(server.uri(), "taskqueue.worker.queues.default.concurrency=1",
				"taskqueue.crontab.enabled=false");
		JobHandle<Object> held = this.node.queue().enqueue("hold");
		Awaitility.await().until(() -> this.node.functions().held() == 1);

		JobHandle<Object> behind = this.node.queue().job("count").expiresIn(SOON).enqueue();
		JobHandle<Object> unserved = this.node.queue().job("count").queue("nobody-serves-it").expiresIn(SOON).enqueue();
		JobHandle<Object> unknown = this.node.queue().job("nobody-has-it").expiresIn(SOON).enqueue();

		for (JobHandle<Object> job : List.of(behind, unserved, unknown)) {
			Awaitility.await()
				.atMost(Duration.ofSeconds(10))
				.untilAsserted(() -> assertThat(state(job)).isEqualTo(JobState.EXPIRED));
		}
		assertThat(state(held)).isEqualTo(JobState.RUNNING);
		this.node.functions().release();
		Awaitility.await().untilAsserted(() -> assertThat(state(held)).isEqualTo(JobState.SUCCEEDED));
		assertThat(this.node.functions().ends(behind.id())).isZero();
	}

	@Test
	void jobThatIsBornClaimedStartsInTimeOrNotAtAll() {
		this.node = LocalNode.start(server.uri(), "taskqueue.crontab.enabled=false");

		JobHandle<Object> inTime = this.node.queue().job("count").expiresIn(Duration.ofMinutes(1)).enqueue();
		JobHandle<Object> never = this.node.queue().job("count").expiresIn(Duration.ofNanos(1)).enqueue();

		Awaitility.await().untilAsserted(() -> {
			assertThat(state(inTime)).isEqualTo(JobState.SUCCEEDED);
			assertThat(state(never)).isEqualTo(JobState.EXPIRED);
		});
		assertThat(this.node.functions().ends(never.id())).isZero();
	}

	private static JobState state(JobHandle<Object> job) {
		return job.find().orElseThrow().state();
	}

}
