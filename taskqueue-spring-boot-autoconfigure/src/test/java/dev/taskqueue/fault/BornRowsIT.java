package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

import com.mongodb.client.model.Filters;
import dev.taskqueue.testsupport.OneServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Jobs of rows that are claimed by their own insert: which are, and what becomes of them
 * when the insert fails.
 */
class BornRowsIT {

	@RegisterExtension
	private static final OneServer server = new OneServer();

	private final InsertedJobs inserted = new InsertedJobs();

	private @Nullable LocalNode started;

	@AfterEach
	void close() {
		LocalNode node = Objects.requireNonNull(this.started);
		node.failOnJobs("'off'", "");
		node.functions().release();
		node.database().database().drop();
		node.close();
	}

	@Test
	void jobOfADueRowIsInsertedAsRunning() {
		LocalNode node = start();

		ObjectId row = insert(node, row("count").append("queue", "mail"));

		await(() -> assertThat(job(node, row)).containsEntry("state", "succeeded")
			.containsEntry("attempt", 1)
			.containsEntry("queue", "mail"));
		assertThat(states()).containsExactly(Map.entry(row, "running"));
		assertThat(node.functions().ends(job(node, row).getString("_id"))).isOne();
		await(() -> assertThat(stored(node, row)).containsEntry("is_done", true)
			.containsEntry("job_id", job(node, row).get("_id")));
	}

	@Test
	void rowsWithoutAPlaceWaitTheirTurnAndRun() {
		LocalNode node = start("taskqueue.worker.concurrency=2");

		List<Document> rows = IntStream.range(0, 50).mapToObj((i) -> row("hold")).toList();
		node.database().crontab().insertMany(rows);

		await(() -> assertThat(states()).hasSize(50));
		// some stand in line for the slots, as long as jobs were short lately
		assertThat(states().values()).contains("running", "pending");
		await(() -> assertThat(node.functions().held()).isEqualTo(2));
		node.functions().release();
		await(() -> assertThat(node.database().jobs().countDocuments(Filters.eq("state", "succeeded"))).isEqualTo(50));
		for (Document row : rows) {
			assertThat(node.functions().ends(job(node, row.getObjectId("_id")).getString("_id"))).isOne();
		}
	}

	@Test
	void placeIsForTheRowThatComesFirstInItsQueue() {
		LocalNode node = start("taskqueue.worker.concurrency=1");

		Document low = row("hold").append("priority", 1);
		Document high = row("hold").append("priority", 2);
		Document keyed = row("hold").append("priority", 3).append("queue", "keyed").append("unique_key", "only");
		Document behind = row("hold").append("queue", "keyed");
		node.database().crontab().insertMany(List.of(low, behind, high, keyed));

		await(() -> assertThat(states()).hasSize(4));
		assertThat(states()).containsEntry(high.getObjectId("_id"), "running")
			.containsEntry(keyed.getObjectId("_id"), "pending")
			.containsEntry(behind.getObjectId("_id"), "pending");
		node.functions().release();
		await(() -> assertThat(node.database().jobs().countDocuments(Filters.eq("state", "succeeded"))).isEqualTo(4));
		assertThat(job(node, high.getObjectId("_id")).getDate("finished_at"))
			.isBeforeOrEqualTo(job(node, low.getObjectId("_id")).getDate("finished_at"));
	}

	@Test
	void rowWhoseJobHasRunAlreadyIsMarkedOnly() {
		LocalNode node = start("taskqueue.worker.concurrency=1");
		ObjectId row = new ObjectId();
		Instant time = Instant.now().minusSeconds(60);
		// as another holder of the lock left it, which died before it marked the row
		String id = Long.toHexString(time.getEpochSecond()) + row.toHexString();
		node.database()
			.jobs()
			.insertOne(new Document("_id", id).append("function", "count")
				.append("params", List.of())
				.append("state", "succeeded")
				.append("origin", new Document("row", row)));

		insert(node, row("count").append("_id", row).append("time", time.getEpochSecond()));

		await(() -> assertThat(stored(node, row)).containsEntry("is_done", true).containsEntry("job_id", id));
		assertThat(states()).containsExactly(Map.entry(row, "running"));
		assertThat(node.functions().ends(id)).isZero();
		// its place is another's
		ObjectId next = insert(node, row("count"));
		await(() -> assertThat(job(node, next)).containsEntry("state", "succeeded"));
		assertThat(states()).containsEntry(next, "running");
	}

	@Test
	void refusedJobLeavesItsPlaceToOthers() {
		LocalNode node = start("taskqueue.worker.concurrency=1");
		node.database()
			.database()
			.runCommand(Document.parse("{collMod: 'taskqueue_jobs', validator: {function: {$ne: 'hold'}}}"));

		ObjectId refused = insert(node, row("hold"));
		await(() -> assertThat(stored(node, refused)).containsKey("error"));
		ObjectId row = insert(node, row("count"));

		await(() -> assertThat(job(node, row)).containsEntry("state", "succeeded"));
		assertThat(states()).containsEntry(refused, "running").containsEntry(row, "running");
		assertThat(job(node, refused)).isEmpty();
	}

	@Test
	void jobThatIsNotKnownToBeInsertedIsGivenBackWhileOthersOfItsTokenRun() {
		LocalNode node = start("taskqueue.worker.concurrency=2");
		// others of its token go on
		insert(node, row("hold"));
		await(() -> assertThat(node.functions().held()).isOne());
		node.failOnJobs("'alwaysOn'",
				"failCommands: ['insert'], writeConcernError: {code: 64, errmsg: 'waiting for replication timed out'}");
		ObjectId row = insert(node, row("count"));
		await(() -> assertThat(job(node, row)).containsEntry("state", "running"));
		assertThat(stored(node, row)).containsEntry("is_done", false);
		node.failOnJobs("'off'", "");

		await(() -> assertThat(job(node, row)).containsEntry("state", "succeeded").containsEntry("attempt", 1));
		assertThat(node.functions().ends(job(node, row).getString("_id"))).isOne();
		await(() -> assertThat(stored(node, row)).containsEntry("is_done", true));
		assertThat(node.functions().held()).isOne();
	}

	private LocalNode start(String... properties) {
		LocalNode node = LocalNode.start(server.uri(), this.inserted, properties);
		this.started = node;
		this.inserted.awaitBirths(node, "default", "mail", "keyed");
		return node;
	}

	/** By the row's id, the state that its job was inserted with last. */
	private Map<ObjectId, String> states() {
		Map<ObjectId, String> states = new HashMap<>();
		this.inserted.ofRows()
			.forEach((job) -> states.put(job.getDocument("origin").getObjectId("row").getValue(),
					job.getString("state").getValue()));
		return states;
	}

	private static Document row(String function) {
		return new Document("function", function).append("params", List.of())
			.append("time", Instant.now().getEpochSecond())
			.append("is_done", false);
	}

	private static ObjectId insert(LocalNode node, Document row) {
		node.database().crontab().insertOne(row);
		return row.getObjectId("_id");
	}

	private static Document stored(LocalNode node, ObjectId row) {
		return orEmpty(node.database().crontab().find(Filters.eq("_id", row)).first());
	}

	private static Document job(LocalNode node, ObjectId row) {
		return orEmpty(node.database().jobs().find(Filters.eq("origin.row", row)).first());
	}

	private static Document orEmpty(@Nullable Document document) {
		return (document != null) ? document : new Document();
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(condition);
	}

}
