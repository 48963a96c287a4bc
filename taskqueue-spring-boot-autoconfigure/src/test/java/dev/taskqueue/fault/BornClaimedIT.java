package dev.taskqueue.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import com.mongodb.client.model.Filters;
import dev.taskqueue.JobBuilder;
import dev.taskqueue.JobHandle;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.testsupport.OneServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Jobs that are claimed by their own insert: which are, and what becomes of them when the
 * insert fails.
 */
class BornClaimedIT {

	@RegisterExtension
	private static final OneServer server = new OneServer();

	private final InsertedJobs inserted = new InsertedJobs();

	private final List<LocalNode> nodes = new ArrayList<>();

	@AfterEach
	void close() {
		LocalNode first = this.nodes.get(0);
		first.failOnJobs("'off'", "");
		first.functions().release();
		first.database().database().drop();
		this.nodes.forEach(LocalNode::close);
	}

	@Test
	void dueJobOfAnIdleNodeIsInsertedAsRunning() {
		LocalNode node = start();

		JobHandle<Object> job = node.queue().enqueue("count");

		await(() -> assertThat(stored(node, job.id())).containsEntry("state", "succeeded").containsEntry("attempt", 1));
		assertThat(this.inserted.states()).containsExactly("running");
		assertThat(node.functions().ends(job.id())).isOne();
	}

	@Test
	void jobsThatMustWaitTheirTurnAreInsertedAsPending() {
		LocalNode node = start("taskqueue.worker.concurrency=3", "taskqueue.worker.queues.narrow.concurrency=1",
				"taskqueue.worker.queues.default.concurrency=3");

		enqueue(node.queue().job("count").delay(Duration.ofMinutes(5)));
		enqueue(node.queue().job("count").id("my-own"));
		enqueue(node.queue().job("nobody-has-it"));
		enqueue(node.queue().job("count").queue("narrow"));
		enqueue(node.queue().job("count").queue("not-served"));

		assertThat(this.inserted.states()).hasSize(5).containsOnly("pending");
	}

	@Test
	void jobIsNoneWhoseSlotsAreTaken() {
		LocalNode node = start("taskqueue.worker.concurrency=2");
		enqueue(node.queue().job("hold"));
		enqueue(node.queue().job("hold"));
		assertThat(this.inserted.states()).containsExactly("running", "running");

		enqueue(node.queue().job("count"));
		enqueue(node.queue().job("count"));

		assertThat(this.inserted.states().subList(2, 4)).containsOnly("pending");
		node.functions().release();
		await(() -> assertThat(node.database().jobs().countDocuments(Filters.eq("state", "succeeded"))).isEqualTo(4));
		await(() -> assertThat(stored(node, node.queue().enqueue("count").id())).containsKey("worker"));
	}

	@Test
	void jobOfAnApplicationWithoutAWorkerIsPending() {
		LocalNode working = start();
		LocalNode node = LocalNode.begin(server.uri(), this.inserted, "taskqueue.worker.enabled=false");
		this.nodes.add(node);

		JobHandle<Object> job = node.queue().enqueue("count");

		assertThat(this.inserted.states()).containsExactly("pending");
		await(() -> assertThat(working.functions().ends(job.id())).isOne());
	}

	@Test
	void insertWhoseReplyIsLostIsRunOnce() {
		LocalNode node = start();
		node.failOnJobs("{times: 1}", "failCommands: ['insert'], closeConnection: true");

		JobHandle<Object> job = node.queue().enqueue("count");

		await(() -> assertThat(stored(node, job.id())).containsEntry("state", "succeeded")
			.containsEntry("attempt", 1)
			.doesNotContainKey("recoveries"));
		assertThat(node.functions().ends(job.id())).isOne();
	}

	@Test
	void refusedJobLeavesItsSlotToOthers() {
		LocalNode node = start("taskqueue.worker.concurrency=1", "taskqueue.mongodb.timeout=10s");
		for (int i = 0; i < 3; i++) {
			node.failOnJobs("{times: 1}", "failCommands: ['insert'], errorCode: 121");
			assertThatExceptionOfType(TaskQueueException.class).isThrownBy(() -> node.queue().enqueue("count"))
				.withMessageContaining("does not exist");
		}

		JobHandle<Object> job = node.queue().enqueue("count");

		await(() -> assertThat(node.functions().ends(job.id())).isOne());
		assertThat(this.inserted.states()).containsOnly("running");
		assertThat(node.database().jobs().countDocuments()).isOne();
	}

	@Test
	void jobThatWasInsertedAndNotKnownToBeIsGivenBackWhileOthersOfItsTokenRun() {
		LocalNode node = start("taskqueue.worker.concurrency=4");
		enqueue(node.queue().job("hold"));
		// all replies say that no majority has it, so that the submit never knows
		node.failOnJobs("'alwaysOn'",
				"failCommands: ['insert'], writeConcernError: {code: 64, errmsg: 'waiting for replication timed out'}");
		assertThatExceptionOfType(TaskQueueException.class).isThrownBy(() -> node.queue().enqueue("count"))
			.withMessageContaining("not known");
		node.failOnJobs("'off'", "");

		await(() -> assertThat(node.database()
			.jobs()
			.countDocuments(Filters.and(Filters.eq("function", "count"), Filters.eq("state", "succeeded")))).isOne());
		assertThat(node.functions().held()).isOne();
		assertThat(node.endpoint().taskQueue().workers()).hasSize(1);
	}

	private LocalNode start(String... properties) {
		LocalNode node = LocalNode.start(server.uri(), this.inserted, properties);
		this.nodes.add(node);
		this.inserted.awaitBirths(node, "default");
		return node;
	}

	private static void enqueue(JobBuilder job) {
		job.enqueue();
	}

	private static Document stored(LocalNode node, String id) {
		Document job = node.database().jobs().find(Filters.eq("_id", new ObjectId(id))).first();
		return (job != null) ? job : new Document();
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(condition);
	}

}
