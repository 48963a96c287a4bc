package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

import com.mongodb.MongoNamespace;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import dev.taskqueue.JobHandle;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.atIndex;

/**
 * Somebody drops what the queue lives on while it runs: nothing is restarted after it.
 */
@Tag("outage")
@ExtendWith(OutputCaptureExtension.class)
class DroppedIT {

	private static final Duration SOON = Duration.ofSeconds(30);

	@SuppressWarnings("NullAway.Init")
	private static OwnMongoServer server;

	@SuppressWarnings("NullAway.Init")
	private static MongoClient client;

	private final List<LocalNode> nodes = new ArrayList<>();

	@BeforeAll
	static void start() {
		server = MongoServer.startOwn(true);
		client = MongoClients.create(server.uri());
	}

	@AfterAll
	static void stop() {
		client.close();
		server.close();
	}

	@AfterEach
	void end() {
		client.getDatabase("admin").runCommand(Document.parse("{configureFailPoint: 'failCommand', mode: 'off'}"));
		this.nodes.forEach(LocalNode::close);
		database().drop();
	}

	@Test
	void indexesDroppedWhileItRunsAreCreatedAgain(CapturedOutput output) {
		LocalNode node = node();

		for (String collection : List.of("taskqueue_jobs", "crontab_jobs", "taskqueue_workers")) {
			database().getCollection(collection).dropIndexes();
		}

		assertThatJobsAndRowsRun(node);
		await(() -> Indexes.missing(node.database()).isEmpty());
		await(node::isUp);
		assertThat(node.endpoint().taskQueue().workers()).hasSize(1);
		NodeLog log = new NodeLog(output);
		assertThat(log.ofOutages()).hasSizeBetween(1, 2);
		assertThat(log.trouble()).singleElement().asString().contains("were gone");
	}

	@Test
	void indexesThatItMustNotCreateAreNamedUntilTheyAreThere(CapturedOutput output) {
		node().close();
		this.nodes.clear();
		LocalNode careful = node("taskqueue.mongodb.create-indexes=false");

		List<Document> indexes = database().getCollection("taskqueue_jobs").listIndexes().into(new ArrayList<>());
		database().getCollection("taskqueue_jobs").dropIndexes();

		await(careful::isDown);
		assertThat(careful.health().getDetails()).extractingByKey("indexes")
			.asString()
			.contains("taskqueue_jobs")
			.contains("createIndex");
		indexes.removeIf((index) -> index.getString("name").equals("_id_"));
		database().runCommand(new Document("createIndexes", "taskqueue_jobs").append("indexes", indexes));
		assertThatJobsAndRowsRun(careful);
		await(careful::isUp);
		assertThat(careful.health().getDetails()).doesNotContainKey("indexes");
		NodeLog log = new NodeLog(output);
		assertThat(log.ofOutages()).hasSize(2);
		assertThat(log.trouble()).singleElement().asString().contains("Run these lines in mongosh");
	}

	@Test
	void jobsDroppedWhileTheyRunLeaveNothingBehind(CapturedOutput output) {
		LocalNode node = node();
		hold(node, 10);

		database().getCollection("taskqueue_jobs").drop();
		node.functions().release();

		assertThatJobsAndRowsRun(node);
		await(() -> running(node) == 0);
		await(node::isUp);
		await(() -> Indexes.missing(node.database()).isEmpty());
		NodeLog log = new NodeLog(output);
		// a line a batch, and not one a job
		assertThat(log.count("not taken")).isBetween(1L, 4L);
		assertThat(log.ofOutages()).hasSizeLessThanOrEqualTo(2);
		assertThat(log.trouble()).hasSizeLessThanOrEqualTo(1);
	}

	@Test
	void workerWhoseDocumentIsDroppedGoesOnUnderANewIdentity(CapturedOutput output) {
		LocalNode node = node();
		List<JobHandle<Object>> held = hold(node, 2);
		String worker = worker(node);

		database().getCollection("taskqueue_workers").drop();

		await(() -> node.isUp() && !worker.equals(worker(node)));
		node.functions().release();
		held.forEach((job) -> await(() -> node.functions().ends(job.id()) == 1));
		assertThatJobsAndRowsRun(node);
		NodeLog log = new NodeLog(output);
		assertThat(log.ofOutages()).isEmpty();
		assertThat(log.trouble()).hasSize(2)
			.satisfies((line) -> assertThat(line).contains("was taken for lost"), atIndex(0))
			.satisfies((line) -> assertThat(line).contains("has no document: it was lost"), atIndex(1));
	}

	@ParameterizedTest
	@ValueSource(strings = { "crontab_jobs", "taskqueue_locks", "" })
	void allGoesOnAfterADrop(String collection, CapturedOutput output) {
		LocalNode node = node();
		hold(node, 3);

		if (collection.isEmpty()) {
			database().drop();
		}
		else {
			database().getCollection(collection).drop();
		}
		node.functions().release();

		assertThatJobsAndRowsRun(node);
		await(() -> running(node) == 0);
		await(node::isUp);
		assertThat(node.endpoint().taskQueue().workers()).hasSize(1);
		await(() -> Indexes.missing(node.database()).isEmpty());
		NodeLog log = new NodeLog(output);
		assertThat(log.ofOutages()).hasSizeLessThanOrEqualTo(2);
		assertThat(log.trouble()).hasSizeLessThanOrEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "drop", "rename", "history" })
	void jobsOfOthersAreHeardOfAgainAfterTheStreamsEnd(String fault, CapturedOutput output) {
		LocalNode node = node("taskqueue.worker.poll-interval=1m");
		await(() -> insertAndAwait(node, Duration.ofSeconds(2)));

		switch (fault) {
			case "drop" ->
				List.of("taskqueue_jobs", "crontab_jobs").forEach((name) -> database().getCollection(name).drop());
			case "rename" -> List.of("taskqueue_jobs", "crontab_jobs")
				.forEach((name) -> database().getCollection(name)
					.renameCollection(new MongoNamespace("outages", name + "_old")));
			default -> client.getDatabase("admin")
				.runCommand(Document.parse("{configureFailPoint: 'failCommand', mode: {times: 4}, "
						+ "data: {failCommands: ['getMore'], errorCode: 286}}"));
		}
		ObjectId missed = insert();

		await(() -> node.functions().ends(missed.toHexString()) == 1);
		// by the stream alone: a look through all happens only when it opens
		await(() -> insertAndAwait(node, Duration.ofSeconds(2)));
		await(() -> insertAndAwait(node, Duration.ofSeconds(2)));
		assertThatJobsAndRowsRun(node);
		await(node::isUp);
		assertThat(new NodeLog(output).trouble()).hasSizeLessThanOrEqualTo(1);
		assertThat(new NodeLog(output).ofOutages()).hasSizeLessThanOrEqualTo(2);
	}

	private static boolean insertAndAwait(LocalNode node, Duration atMost) {
		ObjectId job = insert();
		long end = System.nanoTime() + atMost.toNanos();
		Awaitility.await()
			.atMost(SOON)
			.until(() -> node.functions().ends(job.toHexString()) == 1 || System.nanoTime() - end > 0);
		return node.functions().ends(job.toHexString()) == 1;
	}

	private static ObjectId insert() {
		ObjectId id = new ObjectId();
		database().getCollection("taskqueue_jobs").insertOne(PendingJob.of(id, Date.from(Instant.now())));
		return id;
	}

	private static void assertThatJobsAndRowsRun(LocalNode node) {
		List<JobHandle<Object>> jobs = IntStream.range(0, 20).mapToObj((i) -> node.queue().enqueue("count")).toList();
		Document row = new Document("name", "after").append("function", "count")
			.append("params", List.of())
			.append("time", Instant.now().getEpochSecond())
			.append("is_done", false);
		database().getCollection("crontab_jobs").insertOne(row);
		jobs.forEach((job) -> await(() -> node.functions().ends(job.id()) == 1));
		await(() -> {
			Document done = database().getCollection("crontab_jobs").find(new Document("_id", row.get("_id"))).first();
			return done != null && node.functions().ends(String.valueOf(done.get("job_id"))) == 1;
		});
	}

	private static List<JobHandle<Object>> hold(LocalNode node, int count) {
		List<JobHandle<Object>> held = IntStream.range(0, count).mapToObj((i) -> node.queue().enqueue("hold")).toList();
		await(() -> node.functions().held() == count);
		return held;
	}

	private static int running(LocalNode node) {
		return node.health().getDetails().get("running") instanceof Integer running ? running : -1;
	}

	private static String worker(LocalNode node) {
		return String.valueOf(node.health().getDetails().get("worker"));
	}

	private LocalNode node(String... properties) {
		LocalNode node = LocalNode.start(server.uri(), properties);
		this.nodes.add(node);
		return node;
	}

	private static MongoDatabase database() {
		return client.getDatabase("outages");
	}

	private static void await(Callable<Boolean> condition) {
		Awaitility.await().atMost(SOON).until(condition);
	}

}
