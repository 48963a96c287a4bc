package dev.taskqueue.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import com.mongodb.client.model.Filters;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
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

	private final List<String> inserted = new CopyOnWriteArrayList<>();

	private final List<LocalNode> nodes = new ArrayList<>();

	@AfterEach
	void close() {
		this.nodes.get(0).client().getDatabase("admin").runCommand(failPoint("'off'", ""));
		LocalNode first = this.nodes.get(0);
		first.functions().release();
		first.database().database().drop();
		this.nodes.forEach(LocalNode::close);
	}

	@Test
	void dueJobOfAnIdleNodeIsInsertedAsRunning() {
		LocalNode node = start();

		JobHandle<Object> job = node.queue().enqueue("count");

		await(() -> assertThat(stored(node, job.id())).containsEntry("state", "succeeded").containsEntry("attempt", 1));
		assertThat(this.inserted).containsExactly("running");
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

		assertThat(this.inserted).hasSize(5).containsOnly("pending");
	}

	@Test
	void jobIsNoneWhoseSlotsAreTaken() {
		LocalNode node = start("taskqueue.worker.concurrency=2");
		enqueue(node.queue().job("hold"));
		enqueue(node.queue().job("hold"));
		assertThat(this.inserted).containsExactly("running", "running");

		enqueue(node.queue().job("count"));
		enqueue(node.queue().job("count"));

		assertThat(this.inserted.subList(2, 4)).containsOnly("pending");
		node.functions().release();
		await(() -> assertThat(node.database().jobs().countDocuments(Filters.eq("state", "succeeded"))).isEqualTo(4));
		await(() -> assertThat(stored(node, node.queue().enqueue("count").id())).containsKey("worker"));
	}

	@Test
	void jobOfAnApplicationWithoutAWorkerIsPending() {
		LocalNode working = start();
		LocalNode node = LocalNode.begin(server.uri(), listener(), "taskqueue.worker.enabled=false");
		this.nodes.add(node);

		JobHandle<Object> job = node.queue().enqueue("count");

		assertThat(this.inserted).containsExactly("pending");
		await(() -> assertThat(working.functions().ends(job.id())).isOne());
	}

	@Test
	void insertWhoseReplyIsLostIsRunOnce() {
		LocalNode node = start();
		fail(node, "{times: 1}", "failCommands: ['insert'], closeConnection: true");

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
			fail(node, "{times: 1}", "failCommands: ['insert'], errorCode: 121");
			assertThatExceptionOfType(TaskQueueException.class).isThrownBy(() -> node.queue().enqueue("count"))
				.withMessageContaining("does not exist");
		}

		JobHandle<Object> job = node.queue().enqueue("count");

		await(() -> assertThat(node.functions().ends(job.id())).isOne());
		assertThat(this.inserted).containsOnly("running");
		assertThat(node.database().jobs().countDocuments()).isOne();
	}

	@Test
	void jobThatWasInsertedAndNotKnownToBeIsGivenBackWhileOthersOfItsTokenRun() {
		LocalNode node = start("taskqueue.worker.concurrency=4");
		enqueue(node.queue().job("hold"));
		// all replies say that no majority has it, so that the submit never knows
		fail(node, "'alwaysOn'",
				"failCommands: ['insert'], writeConcernError: {code: 64, errmsg: 'waiting for replication timed out'}");
		assertThatExceptionOfType(TaskQueueException.class).isThrownBy(() -> node.queue().enqueue("count"))
			.withMessageContaining("not known");
		fail(node, "'off'", "");

		await(() -> assertThat(node.database()
			.jobs()
			.countDocuments(Filters.and(Filters.eq("function", "count"), Filters.eq("state", "succeeded")))).isOne());
		assertThat(node.functions().held()).isOne();
		assertThat(node.endpoint().taskQueue().workers()).hasSize(1);
	}

	private LocalNode start(String... properties) {
		LocalNode node = LocalNode.start(server.uri(), listener(), properties);
		this.nodes.add(node);
		// what it found due is looked at once before the first job is born claimed
		Awaitility.await().until(() -> {
			JobHandle<Object> job = node.queue().enqueue("count");
			await(() -> assertThat(node.functions().ends(job.id())).isOne());
			return this.inserted.get(this.inserted.size() - 1).equals("running");
		});
		await(() -> assertThat(node.database().jobs().countDocuments(Filters.in("state", "pending", "running")))
			.isZero());
		node.database().jobs().deleteMany(new Document());
		this.inserted.clear();
		return node;
	}

	private CommandListener listener() {
		return new CommandListener() {

			@Override
			public void commandStarted(CommandStartedEvent event) {
				if (event.getCommandName().equals("insert")
						&& event.getCommand().getString("insert").getValue().equals("taskqueue_jobs")) {
					event.getCommand()
						.getArray("documents")
						.forEach((job) -> BornClaimedIT.this.inserted
							.add(job.asDocument().getString("state").getValue()));
				}
			}

		};
	}

	private static void enqueue(JobBuilder job) {
		job.enqueue();
	}

	private static Document stored(LocalNode node, String id) {
		Document job = node.database().jobs().find(Filters.eq("_id", new ObjectId(id))).first();
		return (job != null) ? job : new Document();
	}

	private static void fail(LocalNode node, String mode, String data) {
		node.client().getDatabase("admin").runCommand(failPoint(mode, data));
	}

	private static Document failPoint(String mode, String data) {
		return Document.parse("{configureFailPoint: 'failCommand', mode: %s%s}".formatted(mode,
				data.isEmpty() ? "" : ", data: {namespace: 'outages.taskqueue_jobs', " + data + "}"));
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(condition);
	}

}
