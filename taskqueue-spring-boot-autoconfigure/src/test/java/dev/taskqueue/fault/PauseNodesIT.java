package dev.taskqueue.fault;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
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
 * A pause among three real processes, one of which is killed.
 */
@Tag("outage")
class PauseNodesIT {

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
	void nothingStartsInAPausedQueueThoughANodeIsKilledAndAnotherStarts() {
		NodeProcess killed = startNode();
		startNode();
		insertJobs(400, 100);
		await(() -> assertThat(count(Node.ENDS, Filters.empty())).isGreaterThan(20));

		this.steering.pause("default");
		killed.kill9();
		startNode();
		// what the killed node ran is pending again and waits with the others
		await(() -> assertThat(count("taskqueue_jobs", Filters.eq("state", "running"))).isZero());
		long started = count(Node.STARTS, Filters.empty());
		Awaitility.await()
			.during(Duration.ofSeconds(2))
			.atMost(Duration.ofSeconds(5))
			.untilAsserted(() -> assertThat(count(Node.STARTS, Filters.empty())).isEqualTo(started));
		assertThat(count("taskqueue_jobs", Filters.eq("state", "pending"))).isPositive();

		this.steering.resume("default");

		await(() -> assertThat(count("taskqueue_jobs", Filters.eq("state", "succeeded"))).isEqualTo(400));
	}

	private NodeProcess startNode() {
		NodeProcess node = NodeProcess.start(Node.class, "--spring.mongodb.uri=" + MongoServer.uri(this.database),
				"--spring.main.web-application-type=none", "--taskqueue.worker.lease=2s");
		this.nodes.add(node);
		node.awaitLine("NODE READY", START);
		return node;
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

	private long count(String collection, Bson filter) {
		return this.database.getCollection(collection).countDocuments(filter);
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(START).pollInterval(Duration.ofMillis(50)).untilAsserted(condition);
	}

}
