package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Real processes on a real server: what a deployment goes through. These tests take some
 * seconds each since they start JVMs and wait for leases, which are 2 s at the least.
 */
class NodesIT {

	private static final Duration START = Duration.ofSeconds(60);

	private static final boolean VIRTUAL_THREADS = Boolean.getBoolean("taskqueue.test.virtual-threads");

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final List<NodeProcess> nodes = new ArrayList<>();

	@AfterEach
	void end() {
		this.nodes.forEach(NodeProcess::close);
		MongoServer.drop(this.database);
	}

	@Test
	void twoNodesShareTheDueRowsAndEachRunsOnce() {
		insertRows(5000);
		startNode();
		startNode();

		await(Duration.ofSeconds(60), () -> assertThat(ended()).hasSize(5000));

		assertThat(noted(Node.STARTS)).hasSize(5000)
			.allSatisfy((start) -> assertThat(start).containsEntry("virtual", VIRTUAL_THREADS));
		assertThat(count("crontab_jobs", Filters.eq("is_done", true))).isEqualTo(5000);
		assertThat(pidsOf(Node.STARTS)).as("nodes that took part").hasSize(2);
		await(Duration.ofSeconds(10),
				() -> assertThat(count("taskqueue_jobs", Filters.eq("state", "succeeded"))).isEqualTo(5000));
	}

	@Test
	@Tag("outage")
	void jobsOfAKilledNodeEndOnTheOther() {
		NodeProcess killed = startNode("--taskqueue.worker.lease=2s");
		startNode("--taskqueue.worker.lease=2s");
		insertJobs(400, 50);
		await(START, () -> assertThat(startsOf(killed)).hasSizeGreaterThan(40));

		killed.kill9();

		Set<Object> startedThere = new HashSet<>(startsOf(killed));
		Set<Object> endedThere = new HashSet<>(jobsNoted(Node.ENDS, killed));
		await(Duration.ofSeconds(30),
				() -> assertThat(count("taskqueue_jobs", Filters.eq("state", "succeeded"))).isEqualTo(400));
		assertThat(ended()).hasSize(400);
		Set<Object> twice = startedTwice();
		startedThere.removeAll(endedThere);
		// ended in the function, but killed before the outcome was written
		Set<Object> mayRunAgain = new HashSet<>(startedThere);
		mayRunAgain.addAll(endedThere);
		assertThat(mayRunAgain).containsAll(twice);
		assertThat(twice).as("started twice, of at most 10 slots and what was unwritten").hasSizeLessThanOrEqualTo(20);
		assertThat(twice).containsAll(startedThere);
		assertThat(this.database.getCollection("taskqueue_jobs").find(Filters.gt("recoveries", 0)))
			.allSatisfy((job) -> assertThat(job).containsEntry("attempt", 1).containsEntry("recoveries", 1));
		await(Duration.ofSeconds(10), () -> assertThat(count("taskqueue_workers", Filters.empty())).isEqualTo(1));
	}

	@Test
	@Tag("outage")
	void aFrozenNodeLosesItsJobsAndGoesOnUnderANewIdentity() {
		NodeProcess frozen = startNode("--taskqueue.worker.lease=2s");
		insertJobs(10, 3000);
		await(START, () -> assertThat(startsOf(frozen)).hasSize(10));
		String lost = workers().get(0).getString("_id");

		frozen.freeze();
		NodeProcess other = startNode("--taskqueue.worker.lease=2s");
		await(START, () -> assertThat(startsOf(other)).hasSize(10));
		frozen.thaw();

		await(Duration.ofSeconds(20),
				() -> assertThat(count("taskqueue_jobs", Filters.eq("state", "succeeded"))).isEqualTo(10));
		assertThat(this.database.getCollection("taskqueue_jobs").find())
			.allSatisfy((job) -> assertThat(job).containsEntry("attempt", 1)
				.containsEntry("recoveries", 1)
				.doesNotContainEntry("worker", lost));
		frozen.awaitLine("was taken for lost", Duration.ofSeconds(20));
		insertJobs(40, 200);
		await(Duration.ofSeconds(20), () -> assertThat(startsOf(frozen)).hasSizeGreaterThan(10));
		await(Duration.ofSeconds(20), () -> {
			assertThat(workers()).hasSize(2);
			assertThat(workers()).noneMatch((worker) -> lost.equals(worker.get("_id")));
		});
	}

	@Test
	@Tag("outage")
	void aTerminatedNodeEndsWhatItRunsAndLeavesTheRest() {
		NodeProcess node = startNode();
		insertJobs(30, 1500);
		await(START, () -> assertThat(startsOf(node)).hasSizeGreaterThanOrEqualTo(10));

		node.sigterm();

		assertThat(node.awaitExit(Duration.ofSeconds(30))).isEqualTo(128 + 15);
		Set<Object> started = new HashSet<>(startsOf(node));
		assertThat(new HashSet<>(jobsNoted(Node.ENDS, node))).isEqualTo(started);
		assertThat(count("taskqueue_jobs", Filters.eq("state", "succeeded"))).isEqualTo(started.size());
		assertThat(count("taskqueue_jobs", Filters.eq("state", "pending"))).isEqualTo(30 - started.size());
		assertThat(started).hasSizeLessThan(30);
		assertThat(this.database.getCollection("taskqueue_jobs").find(Filters.eq("state", "pending")))
			.allSatisfy((job) -> assertThat(job.get("attempt", 0)).isZero());
		assertThat(workers()).isEmpty();
	}

	@Test
	@Tag("outage")
	void aTerminatedNodeInterruptsWhatDoesNotEndInTimeAndGivesItBack() {
		NodeProcess node = startNode("--taskqueue.shutdown.timeout=1s");
		insertJobs(5, 60_000);
		await(START, () -> assertThat(startsOf(node)).hasSize(5));

		node.sigterm();

		node.awaitExit(Duration.ofSeconds(20));
		assertThat(this.database.getCollection("taskqueue_jobs").find()).hasSize(5)
			.allSatisfy((job) -> assertThat(job).containsEntry("state", "pending").containsEntry("attempt", 0));
		assertThat(workers()).isEmpty();
	}

	@Test
	@Tag("outage")
	void eachSlotOfARecurringRowRunsOnceThoughItsHolderIsKilledAndTheNextOneFrozen() {
		long first = this.database.runCommand(new Document("isMaster", 1)).getDate("localTime").getTime() / 1000 + 2;
		this.database.getCollection("crontab_jobs")
			.insertMany(IntStream.range(0, 20)
				.mapToObj((i) -> row(first).append("every", "1s").append("misfire", "all"))
				.toList());
		NodeProcess killed = startNode("--taskqueue.worker.lease=2s");
		awaitSlots(first, 3);
		NodeProcess frozen = startNode("--taskqueue.worker.lease=2s");

		killed.kill9();
		frozen.awaitLine("turns the rows of the crontab into jobs from now on", START);
		awaitSlots(first, 7);
		frozen.freeze();
		NodeProcess last = startNode("--taskqueue.worker.lease=2s");
		last.awaitLine("This node turns the rows of the crontab into jobs from now on", START);
		awaitSlots(first, 11);
		frozen.thaw();
		awaitSlots(first, 14);

		assertEachSlotIsOneJob(first, 14);
	}

	@Test
	@Tag("outage")
	void eachOfManyRowsOfOneMinuteRunsOnceThoughItsHolderIsKilledOrFrozenAmidThem() {
		NodeProcess killed = startNode("--taskqueue.worker.lease=2s", "--taskqueue.crontab.batch-size=20");
		insertRows(6000);
		await(START, () -> assertThat(count("crontab_jobs", Filters.eq("is_done", true))).isPositive());
		killed.kill9();
		assertThat(count("crontab_jobs", Filters.eq("is_done", false))).as("undone when the holder was killed")
			.isPositive();

		NodeProcess frozen = startNode("--taskqueue.worker.lease=2s", "--taskqueue.crontab.batch-size=20");
		long before = count("crontab_jobs", Filters.eq("is_done", true));
		await(START, () -> assertThat(count("crontab_jobs", Filters.eq("is_done", true))).isGreaterThan(before));
		frozen.freeze();
		startNode("--taskqueue.worker.lease=2s");
		await(START, () -> assertThat(count("crontab_jobs", Filters.eq("is_done", false))).isZero());
		frozen.thaw();

		await(START, () -> assertThat(count("taskqueue_jobs", Filters.eq("state", "succeeded"))).isEqualTo(6000));
		assertThat(noted("taskqueue_jobs")).extracting((job) -> job.get("origin", Document.class).get("row"))
			.hasSize(6000)
			.doesNotHaveDuplicates();
	}

	private void awaitSlots(long first, int seconds) {
		await(START, () -> assertThat(
				count("taskqueue_jobs", Filters.gte("origin.time", Date.from(Instant.ofEpochSecond(first + seconds)))))
			.isPositive());
	}

	private void assertEachSlotIsOneJob(long first, int seconds) {
		Date end = Date.from(Instant.ofEpochSecond(first + seconds));
		await(START,
				() -> assertThat(count("taskqueue_jobs", Filters.lt("origin.time", end))).isEqualTo(20L * seconds));
		assertThat(this.database.getCollection("taskqueue_jobs").find()).extracting((job) -> job.get("origin"))
			.doesNotHaveDuplicates();
	}

	private static Document row(Object time) {
		return new Document("name", "recurring").append("function", "record")
			.append("params", List.of(0))
			.append("time", time)
			.append("is_done", false);
	}

	private NodeProcess startNode(String... arguments) {
		List<String> all = new ArrayList<>(List.of(arguments));
		all.add("--spring.mongodb.uri=" + MongoServer.uri(this.database));
		all.add("--spring.main.web-application-type=none");
		all.add("--spring.threads.virtual.enabled=" + VIRTUAL_THREADS);
		NodeProcess node = NodeProcess.start(Node.class, all.toArray(String[]::new));
		this.nodes.add(node);
		node.awaitLine("NODE READY", START);
		return node;
	}

	private void insertRows(int count) {
		Instant now = Instant.now();
		this.database.getCollection("crontab_jobs")
			.insertMany(IntStream.range(0, count).mapToObj((i) -> row(now.getEpochSecond() / 60 * 60)).toList());
	}

	private void insertJobs(int count, int millis) {
		Date now = Date.from(Instant.now().minusSeconds(1));
		this.database.getCollection("taskqueue_jobs")
			.insertMany(IntStream.range(0, count)
				.mapToObj((i) -> new Document("function", "record").append("params", List.of(millis))
					.append("queue", "default")
					.append("priority", 0)
					.append("state", "pending")
					.append("run_at", now)
					.append("created_at", now))
				.toList());
	}

	private List<Document> noted(String collection) {
		return this.database.getCollection(collection).find().into(new ArrayList<>());
	}

	private List<Object> startsOf(NodeProcess node) {
		return jobsNoted(Node.STARTS, node);
	}

	private List<Object> jobsNoted(String collection, NodeProcess node) {
		return this.database.getCollection(collection)
			.find(Filters.eq("pid", node.pid()))
			.map((note) -> note.get("job"))
			.into(new ArrayList<>());
	}

	private Set<Object> pidsOf(String collection) {
		return noted(collection).stream().map((note) -> note.get("pid")).collect(Collectors.toSet());
	}

	private Set<Object> ended() {
		return noted(Node.ENDS).stream().map((note) -> note.get("job")).collect(Collectors.toSet());
	}

	private Set<Object> startedTwice() {
		Map<Object, Long> starts = noted(Node.STARTS).stream()
			.map((note) -> note.get("job"))
			.collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
		return starts.entrySet()
			.stream()
			.filter((start) -> start.getValue() > 1)
			.map(Map.Entry::getKey)
			.collect(Collectors.toSet());
	}

	private List<Document> workers() {
		return this.database.getCollection("taskqueue_workers").find().into(new ArrayList<>());
	}

	private long count(String collection, Bson filter) {
		MongoCollection<Document> documents = this.database.getCollection(collection);
		return documents.countDocuments(filter);
	}

	private static void await(Duration timeout, ThrowingRunnable condition) {
		Awaitility.await().atMost(timeout).pollInterval(Duration.ofMillis(50)).untilAsserted(condition);
	}

}
