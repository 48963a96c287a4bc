package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Functions that harm their node: one that takes all memory, and one that heeds no
 * interrupt.
 */
@Tag("outage")
@ExtendWith(MongoServer.class)
class BadJobsIT {

	@SuppressWarnings("NullAway.Init")
	private MongoDatabase database;

	@Test
	@Tag("slow")
	void nodeGoesOnAfterJobsThatTookAllMemory() {
		try (NodeProcess node = start()) {
			ObjectId greedy = insert("greedy", List.of());
			List<ObjectId> good = IntStream.range(0, 200).mapToObj((i) -> insert("good", List.of())).toList();

			await(() -> assertThat(job(greedy)).containsEntry("state", "failed"));
			assertThat(job(greedy)).containsEntry("attempt", 2);
			assertThat(job(greedy).get("error", Document.class)).containsEntry("reason", "exception")
				.containsEntry("type", "java.lang.OutOfMemoryError");
			good.forEach((id) -> await(() -> assertThat(job(id)).containsEntry("state", "succeeded")));
			assertThatItWorks(node);
		}
	}

	@Test
	void nodeGoesOnBesideAJobThatIgnoresItsInterrupt() {
		try (NodeProcess node = start()) {
			ObjectId deaf = insert("deaf", List.of(8_000));

			// half a second of its own, two of grace
			await(() -> assertThat(job(deaf)).containsEntry("state", "failed"));
			assertThat(job(deaf).get("error", Document.class)).containsEntry("reason", "timeout");
			node.awaitLine("was interrupted", Duration.ofSeconds(5));
			assertThatItWorks(node);
			assertThat(node.lines().stream().filter((line) -> line.contains("goes on: it keeps its slot"))).hasSize(1);
		}
	}

	private void assertThatItWorks(NodeProcess node) {
		List<ObjectId> after = IntStream.range(0, 100).mapToObj((i) -> insert("good", List.of())).toList();
		after.forEach((id) -> await(() -> assertThat(job(id)).as(() -> "the node said " + node.lines())
			.containsEntry("state", "succeeded")));
		assertThat(node.isAlive()).isTrue();
		assertThat(this.database.getCollection("taskqueue_jobs").countDocuments(new Document("state", "running")))
			.isZero();
		assertThat(this.database.getCollection("taskqueue_workers").countDocuments()).isOne();
	}

	private NodeProcess start() {
		NodeProcess node = NodeProcess.start(BadNode.class, List.of("-Xmx128m"),
				"--spring.mongodb.uri=" + MongoServer.uri(this.database), "--taskqueue.worker.concurrency=4",
				"--taskqueue.worker.lease=5s", "--spring.main.web-application-type=none",
				"--spring.main.banner-mode=off");
		node.awaitLine("NODE READY", Duration.ofSeconds(60));
		return node;
	}

	private ObjectId insert(String function, List<?> params) {
		ObjectId id = new ObjectId();
		Date now = Date.from(Instant.now());
		this.database.getCollection("taskqueue_jobs")
			.insertOne(new Document("_id", id).append("function", function)
				.append("params", params)
				.append("queue", "default")
				.append("priority", 0)
				.append("state", "pending")
				.append("run_at", now)
				.append("created_at", now));
		return id;
	}

	private Document job(ObjectId id) {
		return Objects
			.requireNonNull(this.database.getCollection("taskqueue_jobs").find(new Document("_id", id)).first());
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(condition);
	}

}
