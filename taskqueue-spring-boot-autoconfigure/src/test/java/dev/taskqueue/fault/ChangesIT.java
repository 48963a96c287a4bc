package dev.taskqueue.fault;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.stream.IntStream;

import com.mongodb.client.model.Filters;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobStateException;
import dev.taskqueue.steer.Steering;
import dev.taskqueue.testsupport.OneServer;
import dev.taskqueue.testsupport.Steerings;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Changes of jobs beside a worker that runs them.
 */
class ChangesIT {

	private static final Duration SOON = Duration.ofSeconds(30);

	@RegisterExtension
	private static final OneServer server = new OneServer();

	@SuppressWarnings("NullAway.Init")
	private LocalNode node;

	@BeforeEach
	void start() {
		// so that nothing but the change itself is heard
		this.node = LocalNode.start(server.uri(), "taskqueue.worker.poll-interval=30s");
	}

	@AfterEach
	void close() {
		this.node.functions().release();
		this.node.database().database().drop();
		this.node.close();
	}

	@Test
	void whatRunsIsTheJobBeforeItsChangeOrAfterIt() {
		Steering elsewhere = elsewhere();
		List<Document> jobs = IntStream.range(0, 1000)
			.mapToObj((i) -> job("j" + i).append("function", "echo").append("params", List.of("before")))
			.toList();

		this.node.database().jobs().insertMany(jobs);
		List<String> changed = new ArrayList<>();
		for (int i = 999; i >= 0; i -= 3) {
			try {
				if (elsewhere.edit("j" + i, new Document("params", List.of("after")), (read) -> null)) {
					changed.add("j" + i);
				}
			}
			catch (JobStateException ex) {
				// it was not: it began before
			}
		}

		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.untilAsserted(
					() -> assertThat(this.node.database().jobs().countDocuments(Filters.eq("state", "succeeded")))
						.isEqualTo(1000));
		assertThat(changed).isNotEmpty();
		assertThat(this.node.database().jobs().find(Filters.in("_id", changed)))
			.allSatisfy((job) -> assertThat(job).containsEntry("result", "after"));
		assertThat(this.node.database().jobs().find(Filters.nin("_id", changed)))
			.allSatisfy((job) -> assertThat(job).containsEntry("result", "before"));
	}

	@Test
	void jobThatIsDueNowRunsAtOnceWhereverThatWasSaid() {
		JobHandle<Object> here = this.node.queue().job("count").delay(Duration.ofHours(1)).enqueue();
		JobHandle<Object> there = this.node.queue().job("count").delay(Duration.ofHours(1)).enqueue();

		this.node.queue().runNow(here.id());
		await(() -> assertThat(this.node.functions().ends(here.id())).isOne());
		elsewhere().reschedule(there.id(), Instant.now().minusSeconds(1));

		await(() -> assertThat(this.node.functions().ends(there.id())).isOne());
	}

	@Test
	void cancelledJobThatIsRetriedRunsAtOnce() throws Exception {
		JobHandle<Object> job = this.node.queue().job("count").delay(Duration.ofHours(1)).enqueue();
		job.cancel();

		this.node.queue().retry(job.id());

		await(() -> assertThat(this.node.functions().ends(job.id())).isOne());
		assertThat(job.await(SOON)).isEqualTo(1);
	}

	private Steering elsewhere() {
		return Steerings.on(this.node.database(), Clock.systemUTC());
	}

	private static Document job(String id) {
		Date now = Date.from(Instant.now().minusSeconds(1));
		return new Document("_id", id).append("queue", "default")
			.append("priority", 0)
			.append("state", "pending")
			.append("run_at", now)
			.append("created_at", now);
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(20)).untilAsserted(condition);
	}

}
