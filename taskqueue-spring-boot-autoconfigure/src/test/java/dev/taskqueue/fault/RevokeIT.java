package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import dev.taskqueue.Job;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.testsupport.OneServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * A revoked function on two nodes.
 */
class RevokeIT {

	@RegisterExtension
	private static final OneServer server = new OneServer();

	private final List<LocalNode> nodes = new ArrayList<>();

	@AfterEach
	void close() {
		this.nodes.get(0).database().database().drop();
		this.nodes.forEach(LocalNode::close);
	}

	@Test
	void jobsOfARevokedFunctionAreCancelledOnEachNodeUntilItIsRestored() {
		LocalNode here = start();
		LocalNode there = start();

		here.queue().revoke("count");

		assertThat(there.queue().isRevoked("count")).isTrue();
		// what a node knows is believed for a second
		Awaitility.await().pollDelay(Duration.ofMillis(1100)).until(() -> true);
		List<JobHandle<Object>> jobs = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			jobs.add(here.queue().enqueue("count"));
			jobs.add(there.queue().enqueue("count"));
			jobs.add(there.queue().job("count").delay(Duration.ofMillis(300)).enqueue());
		}
		JobHandle<Object> other = there.queue().enqueue("echo", "of another function");
		await(() -> assertThat(jobs).allMatch((job) -> state(job) == JobState.CANCELLED));
		await(() -> assertThat(state(other)).isEqualTo(JobState.SUCCEEDED));
		assertThat(jobs).allMatch((job) -> here.functions().ends(job.id()) + there.functions().ends(job.id()) == 0);

		there.queue().restore("count");

		JobHandle<Object> again = here.queue().enqueue("count");
		await(() -> assertThat(state(again)).isIn(JobState.SUCCEEDED, JobState.CANCELLED));
		Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> {
			JobHandle<Object> job = here.queue().enqueue("count");
			await(() -> assertThat(state(job).isEnd()).isTrue());
			return state(job) == JobState.SUCCEEDED;
		});
	}

	@Test
	void revocationEndsAtItsTime() {
		LocalNode node = start();
		node.queue().revoke("count", Instant.now().plus(Duration.ofHours(1)));
		JobHandle<Object> before = node.queue().enqueue("count");
		await(() -> assertThat(state(before)).isEqualTo(JobState.CANCELLED));

		Instant end = Instant.now().plusSeconds(1);
		node.queue().revoke("count", end);
		JobHandle<Object> after = node.queue().job("count").at(end.plusSeconds(1)).enqueue();

		await(() -> assertThat(state(after)).isEqualTo(JobState.SUCCEEDED));

		assertThat(node.queue().isRevoked("count")).isFalse();
		assertThat(node.functions().ends(before.id())).isZero();
	}

	@Test
	void nodeThatRevokesKnowsItWithItsNextJobAlthoughTheOrdersAreReadSlowly() {
		LocalNode node = start();
		JobHandle<Object> before = node.queue().enqueue("count");
		await(() -> assertThat(state(before)).isEqualTo(JobState.SUCCEEDED));
		readOrdersSlowly(node, "{times: 1}");
		try {
			node.queue().revoke("count");

			JobHandle<Object> job = node.queue().enqueue("count");

			await(() -> assertThat(state(job).isEnd()).isTrue());
			assertThat(state(job)).isEqualTo(JobState.CANCELLED);
		}
		finally {
			readOrdersSlowly(node, "'off'");
		}
	}

	@Test
	void cancelledJobOfARestoredFunctionCanBeRetried() {
		LocalNode node = start();
		node.queue().revoke("count");
		JobHandle<Object> job = node.queue().enqueue("count");
		await(() -> assertThat(state(job)).isEqualTo(JobState.CANCELLED));

		node.queue().restore("count");
		await(() -> assertThat(node.queue().isRevoked("count")).isFalse());
		node.queue().retry(job.id());

		await(() -> assertThat(state(job).isEnd()).isTrue());
		assertThat(job.find().map(Job::state)).contains(JobState.SUCCEEDED);
	}

	@Test
	void nameThatIsNoneIsRefused() {
		LocalNode node = start();

		assertThatIllegalArgumentException().isThrownBy(() -> node.queue().revoke(" "))
			.withMessageContaining("function is ' '");
		assertThatIllegalArgumentException().isThrownBy(() -> node.queue().pause(""))
			.withMessageContaining("queue is ''");
		assertThatIllegalArgumentException().isThrownBy(() -> node.queue().revoke("count", Instant.MAX))
			.withMessageContaining("until is '+1000000000");
	}

	private LocalNode start() {
		LocalNode node = LocalNode.start(server.uri());
		this.nodes.add(node);
		return node;
	}

	private static void readOrdersSlowly(LocalNode node, String mode) {
		node.client()
			.getDatabase("admin")
			.runCommand(Document.parse("{configureFailPoint: 'failCommand', mode: " + mode
					+ ", data: {failCommands: ['find'], namespace: '" + node.database().queues().getNamespace()
					+ "', blockConnection: true, blockTimeMS: 300}}"));
	}

	private static JobState state(JobHandle<Object> job) {
		return job.find().map(Job::state).orElse(JobState.PENDING);
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20)).untilAsserted(condition);
	}

}
