package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.CreateCollectionOptions;
import com.mongodb.client.model.Filters;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Nodes of two versions side by side, of which each has a function that the other has
 * not: {@code record} is the old one's, {@code record_anew} the new one's. What a backlog
 * costs is told by the server's profiler, in what it reads and not in time.
 */
@Tag("outage")
class RollingDeployIT {

	private static final Duration SOON = Duration.ofSeconds(60);

	private static final String OLD = "record";

	private static final String NEW = "record_anew";

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final MongoCollection<Document> jobs = this.database.getCollection("taskqueue_jobs");

	private final List<AutoCloseable> nodes = new ArrayList<>();

	@AfterEach
	void end() throws Exception {
		for (AutoCloseable node : this.nodes) {
			node.close();
		}
		MongoServer.drop(this.database);
	}

	@Test
	void aNodeNeverTakesAJobWhoseFunctionItDoesNotHave() {
		NodeProcess old = startProcess(Node.class);
		insert("new", NEW, 0, 200);
		insert("old", OLD, 0, 200);

		await(() -> assertThat(count(OLD, "succeeded")).isEqualTo(200));
		assertThatNobodyTook(NEW, 200);

		NodeProcess next = startProcess(NewNode.class);
		await(() -> assertThat(count(NEW, "succeeded")).isEqualTo(200));
		insert("new again", NEW, 0, 200);
		insert("old again", OLD, 0, 200);
		await(() -> assertThat(this.jobs.countDocuments(Filters.eq("state", "succeeded"))).isEqualTo(800));
		assertThat(pidsOf("old")).containsExactly(old.pid());
		assertThat(pidsOf("new")).containsExactly(next.pid());

		old.sigterm();
		old.awaitExit(SOON);
		insert("old left", OLD, 5, 50);
		insert("new left", NEW, 0, 50);
		await(() -> assertThat(count(NEW, "succeeded")).isEqualTo(450));
		assertThatNobodyTook(OLD, 50);
	}

	@Test
	void aRowOfANewFunctionSaysWhatItWaitsForAndRunsSoonAfterItsNodeStarted() {
		start(Node.class);
		for (int i = 0; i < 20; i++) {
			this.database.getCollection("crontab_jobs")
				.insertOne(new Document("name", "row " + i).append("function", NEW)
					.append("params", List.of(0))
					.append("time", Instant.now().getEpochSecond())
					.append("is_done", false));
		}
		await(() -> assertThat(rows()).hasSize(20)
			.allSatisfy((row) -> assertThat(row.get("error", Document.class)).containsEntry("field", "function")
				.hasEntrySatisfying("message", (message) -> assertThat(message.toString()).contains("'" + NEW + "'")
					.contains("which no live worker knows"))));
		assertThat(this.jobs.countDocuments()).isZero();

		start(NewNode.class);

		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.untilAsserted(() -> assertThat(rows()).hasSize(20)
				.allSatisfy((row) -> assertThat(row).containsEntry("is_done", true).doesNotContainKey("error")));
		await(() -> assertThat(count(NEW, "succeeded")).isEqualTo(20));
	}

	@Test
	void claimingBehindABacklogOfUnknownFunctionsReadsNothingOfIt() {
		for (int i = 0; i < 20; i++) {
			insert("unknown " + i, "unknown_" + i % 7, i % 3, 1000);
		}
		insert("known", OLD, -1, 500);
		profile();

		start(Node.class);

		await(() -> assertThat(count(OLD, "succeeded")).isEqualTo(500));
		assertThat(reads()).hasSizeGreaterThan(2).allSatisfy((read) -> {
			int returned = read.getInteger("nreturned", 0);
			assertThat(read.getInteger("docsExamined", 0) - returned).as("documents of %s", read).isLessThan(10);
			assertThat(read.getInteger("keysExamined", 0) - returned).as("keys of %s", read).isLessThan(200);
		});
		assertThat(this.jobs.countDocuments(Filters.eq("state", "pending"))).isEqualTo(20_000);
	}

	@Test
	void aNodeDoesNotLookForEachUnknownJobThatIsInserted() {
		start(Node.class, "--taskqueue.worker.poll-interval=60s");
		insert("first", OLD, 0, 1);
		await(() -> assertThat(count(OLD, "succeeded")).isEqualTo(1));
		insert("second", OLD, 0, 1);
		await(() -> assertThat(count(OLD, "succeeded")).isEqualTo(2));
		profile();

		for (int i = 0; i < 300; i++) {
			insert("unknown " + i, "unknown", 0, 1);
		}
		insert("last", OLD, 0, 1);

		await(() -> assertThat(count(OLD, "succeeded")).isEqualTo(3));
		assertThat(reads()).hasSizeLessThan(100);
		assertThat(this.database.getCollection("system.profile").countDocuments(Filters.eq("op", "update")))
			.as("claims and outcomes, which are written down as looks would be")
			.isPositive();
	}

	private void assertThatNobodyTook(String function, int count) {
		assertThat(this.jobs.find(Filters.and(Filters.eq("function", function), Filters.eq("state", "pending"))))
			.hasSize(count)
			.allSatisfy((job) -> assertThat(job).doesNotContainKeys("claim", "worker", "attempt", "error"));
	}

	/** Has the server write down what this database is asked. */
	private void profile() {
		this.database.createCollection("system.profile",
				new CreateCollectionOptions().capped(true).sizeInBytes(64 * 1024 * 1024));
		this.database.runCommand(new Document("profile", 2));
	}

	/** What the node read of the jobs, without this test's own questions. */
	private List<Document> reads() {
		this.database.runCommand(new Document("profile", 0));
		return this.database.getCollection("system.profile")
			.find(Filters.and(Filters.eq("ns", this.jobs.getNamespace().getFullName()),
					Filters.in("op", "query", "getmore"), Filters.exists("command.hint")))
			.into(new ArrayList<>());
	}

	private NodeProcess startProcess(Class<?> node) {
		NodeProcess process = NodeProcess.start(node, "--spring.mongodb.uri=" + MongoServer.uri(this.database),
				"--spring.main.web-application-type=none");
		this.nodes.add(process);
		process.awaitLine("NODE READY", SOON);
		return process;
	}

	private void start(Class<?> node, String... arguments) {
		List<String> all = new ArrayList<>(List.of(arguments));
		all.add("--spring.mongodb.uri=" + MongoServer.uri(this.database));
		ConfigurableApplicationContext application = new SpringApplicationBuilder(node).web(WebApplicationType.NONE)
			.run(all.toArray(String[]::new));
		this.nodes.add(application);
	}

	private void insert(String name, String function, int priority, int count) {
		Date time = Date.from(Instant.now().minusSeconds(5 + priority));
		this.jobs.insertMany(IntStream.range(0, count)
			.mapToObj((i) -> new Document("_id", name + " " + i).append("function", function)
				.append("params", List.of(0))
				.append("queue", "default")
				.append("priority", priority)
				.append("state", "pending")
				.append("run_at", time)
				.append("created_at", time))
			.toList());
	}

	private List<Document> rows() {
		return this.database.getCollection("crontab_jobs").find().into(new ArrayList<>());
	}

	private Set<Long> pidsOf(String name) {
		Bson ofTheName = Filters.regex("job", "^" + name);
		return this.database.getCollection(Node.STARTS)
			.find(ofTheName)
			.map((start) -> start.getLong("pid"))
			.into(new HashSet<>());
	}

	private long count(String function, String state) {
		return this.jobs.countDocuments(Filters.and(Filters.eq("function", function), Filters.eq("state", state)));
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(50)).untilAsserted(condition);
	}

}
