package dev.taskqueue.fault;

import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import dev.taskqueue.Job;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.testsupport.OneServer;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.hamcrest.Matchers;
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
	void jobOfAnotherProgramExpiresThoughAnIdleNodeLooksOnceAMinute() {
		AtomicInteger looks = new AtomicInteger();
		this.node = LocalNode.start(server.uri(), new CommandListener() {

			@Override
			public void commandStarted(CommandStartedEvent event) {
				if (Indexes.EXPIRY.toBsonDocument().equals(event.getCommand().get("hint"))) {
					looks.incrementAndGet();
				}
			}

		}, "taskqueue.crontab.enabled=false");
		// one for what is over, one for what will be next
		Awaitility.await().untilAtomic(looks, Matchers.greaterThanOrEqualTo(2));
		Date now = new Date();

		this.node.database()
			.jobs()
			.insertOne(new Document("_id", "a").append("function", "nobody-has-it")
				.append("params", List.of())
				.append("queue", "default")
				.append("priority", 0)
				.append("state", "pending")
				.append("run_at", now)
				.append("created_at", now)
				.append("expires_at", Date.from(now.toInstant().plus(SOON))));

		Awaitility.await()
			.untilAsserted(() -> assertThat(this.node.queue().find("a").map(Job::state)).contains(JobState.EXPIRED));
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
