package dev.taskqueue.fault;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.CancelResult;
import dev.taskqueue.steer.Steering;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.Steerings;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Cancellations among real processes, one of which is killed.
 */
@Tag("outage")
class CancelNodesIT {

	private static final Duration START = Duration.ofSeconds(60);

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final Steering steering = Steerings.on(
			new TaskQueueDatabase(this.database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(10)),
			Clock.systemUTC());

	private final List<NodeProcess> nodes = new ArrayList<>();

	@AfterEach
	void end() {
		this.nodes.forEach(NodeProcess::close);
		MongoServer.drop(this.database);
	}

	@Test
	void jobsOfAKilledNodeThatAreToBeCancelledRunNowhereAgain() {
		NodeProcess killed = startNode();
		insertJobs(0, 10, 60_000);
		await(() -> assertThat(startsOf(killed)).hasSize(10));
		NodeProcess other = startNode();
		// before the kill, between the kill and the recovery, and while that goes on
		assertThat(this.steering.cancel("j0")).isEqualTo(CancelResult.REQUESTED);
		await(() -> assertThat(state("j0")).isEqualTo("cancelled"));
		killed.freeze();
		assertThat(this.steering.cancel("j1")).isEqualTo(CancelResult.REQUESTED);
		killed.kill9();
		assertThat(this.steering.cancel("j2")).isEqualTo(CancelResult.REQUESTED);
		List<CancelResult> results = new ArrayList<>();
		Awaitility.await().atMost(START).pollInterval(Duration.ofMillis(400)).until(() -> {
			results.add(this.steering.cancel("j" + (3 + results.size())));
			return results.size() == 5;
		});

		await(() -> assertThat(startsOf(other)).contains("j8", "j9"));
		await(() -> assertThat(count(Filters.eq("state", "cancelled"))).isEqualTo(8));
		Set<Object> again = new HashSet<>(startsOf(other));
		assertThat(again).doesNotContain("j0", "j1", "j2");
		assertThat(this.database.getCollection("taskqueue_jobs").find(Filters.in("_id", "j8", "j9")))
			.allSatisfy((job) -> assertThat(job).containsEntry("state", "running").containsEntry("recoveries", 1));
	}

	@Test
	void eachCancelWhileItsJobIsRecoveredEndsIt() {
		NodeProcess killed = startNode();
		insertJobs(0, 10, 60_000);
		await(() -> assertThat(startsOf(killed)).hasSize(10));
		startNode();
		killed.kill9();
		await(() -> assertThat(count(Filters.gt("recoveries", 0))).isPositive());

		List<CancelResult> results = IntStream.range(0, 10).mapToObj((i) -> this.steering.cancel("j" + i)).toList();

		assertThat(results).isSubsetOf(CancelResult.CANCELLED, CancelResult.REQUESTED);
		await(() -> assertThat(count(Filters.eq("state", "cancelled"))).isEqualTo(10));
		assertThat(this.database.getCollection(Node.ENDS).countDocuments()).isZero();
	}

	private NodeProcess startNode() {
		NodeProcess node = NodeProcess.start(Node.class, "--spring.mongodb.uri=" + MongoServer.uri(this.database),
				"--spring.main.web-application-type=none", "--taskqueue.worker.lease=2s");
		this.nodes.add(node);
		node.awaitLine("NODE READY", START);
		return node;
	}

	private void insertJobs(int from, int to, int millis) {
		Date now = Date.from(Instant.now().minusSeconds(1));
		this.database.getCollection("taskqueue_jobs")
			.insertMany(IntStream.range(from, to)
				.mapToObj((i) -> new Document("_id", "j" + i).append("function", "record")
					.append("params", List.of(millis))
					.append("queue", "default")
					.append("priority", 0)
					.append("state", "pending")
					.append("run_at", now)
					.append("created_at", now))
				.toList());
	}

	private List<Object> startsOf(NodeProcess node) {
		return this.database.getCollection(Node.STARTS)
			.find(Filters.eq("pid", node.pid()))
			.map((note) -> note.get("job"))
			.into(new ArrayList<>());
	}

	private String state(String id) {
		Document job = this.database.getCollection("taskqueue_jobs").find(Filters.eq(id)).first();
		return (job != null) ? job.getString("state") : "";
	}

	private long count(Bson filter) {
		return this.database.getCollection("taskqueue_jobs").countDocuments(filter);
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(START).pollInterval(Duration.ofMillis(50)).untilAsserted(condition);
	}

}
