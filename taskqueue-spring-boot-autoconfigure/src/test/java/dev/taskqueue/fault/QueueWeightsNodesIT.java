package dev.taskqueue.fault;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import dev.taskqueue.observe.LiveWorkers;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import org.assertj.core.data.Offset;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Weights of queues among three real processes, one of which is killed at random.
 */
@Tag("outage")
class QueueWeightsNodesIT {

	private static final Duration START = Duration.ofSeconds(60);

	private static final Map<String, Integer> WEIGHTS = Map.of("high", 6, "default", 3, "low", 1);

	private static final Map<String, Integer> JOBS = Map.of("high", 600, "default", 330, "low", 140);

	private final long seed = System.nanoTime();

	private final Random random = new Random(this.seed);

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final List<NodeProcess> nodes = new ArrayList<>();

	@AfterEach
	void end() {
		this.nodes.forEach(NodeProcess::close);
		MongoServer.drop(this.database);
	}

	@Test
	void weightsHoldOverNodesThoughOneIsKilled() {
		for (int node = 0; node < 3; node++) {
			startNode();
		}
		LiveWorkers workers = new LiveWorkers(
				new TaskQueueDatabase(this.database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(10)),
				Clock.systemUTC());
		await(() -> assertThat(workers.list()).hasSize(3)
			.allSatisfy((worker) -> assertThat(worker.queueWeights()).isEqualTo(WEIGHTS))
			.allSatisfy((worker) -> assertThat(worker.queueOrder()).isEqualTo("weighted")));
		NodeProcess victim = this.nodes.get(this.random.nextInt(3));
		int killAfter = 50 + this.random.nextInt(400);
		JOBS.forEach(this::insertJobs);

		await(() -> assertThat(this.database.getCollection(Node.STARTS).countDocuments()).isGreaterThan(killAfter));
		victim.kill9();

		await(() -> assertThat(
				this.database.getCollection("taskqueue_jobs").countDocuments(Filters.eq("state", "succeeded")))
			.as("seed %d", this.seed)
			.isEqualTo(1070));
		List<String> starts = whileAllWait(queuesOfStarts());
		assertThat(starts).hasSizeGreaterThan(700);
		// no farther off than lots would be, of which 999 in 1,000 are within 3.3
		// standard deviations
		WEIGHTS.forEach((queue, weight) -> {
			double share = weight / 10.0;
			assertThat(Collections.frequency(starts, queue))
				.as("starts of '%s' among %d, seed %d", queue, starts.size(), this.seed)
				.isCloseTo((int) (starts.size() * share),
						Offset.offset((int) (3.3 * Math.sqrt(starts.size() * share * (1 - share)))));
		});
	}

	/** The queue of each start, in order. */
	private List<String> queuesOfStarts() {
		Map<String, String> queues = new HashMap<>();
		for (Document job : this.database.getCollection("taskqueue_jobs").find()) {
			queues.put(String.valueOf(job.get("_id")), job.getString("queue"));
		}
		List<String> starts = new ArrayList<>();
		for (Document start : this.database.getCollection(Node.STARTS).find().sort(Sorts.ascending("at"))) {
			starts.add(String.valueOf(queues.get(start.getString("job"))));
		}
		return starts;
	}

	/** Those before one of the queues had none left. */
	private static List<String> whileAllWait(List<String> starts) {
		Map<String, Integer> left = new HashMap<>(JOBS);
		int end = 0;
		while (left.values().stream().allMatch((count) -> count > 0)) {
			left.merge(starts.get(end++), -1, Integer::sum);
		}
		return starts.subList(0, end);
	}

	private void startNode() {
		Stream<String> weights = WEIGHTS.entrySet()
			.stream()
			.map((queue) -> "--taskqueue.worker.queues." + queue.getKey() + ".weight=" + queue.getValue());
		NodeProcess node = NodeProcess.start(Node.class,
				Stream.concat(weights,
						Stream.of("--spring.mongodb.uri=" + MongoServer.uri(this.database),
								"--spring.main.web-application-type=none", "--taskqueue.worker.lease=2s",
								"--taskqueue.worker.concurrency=4"))
					.toArray(String[]::new));
		this.nodes.add(node);
		node.awaitLine("NODE READY", START);
	}

	private void insertJobs(String queue, int count) {
		Date now = Date.from(Instant.now().minusSeconds(1));
		this.database.getCollection("taskqueue_jobs")
			.insertMany(IntStream.range(0, count)
				.mapToObj((i) -> new Document("function", "record").append("params", List.of(30))
					.append("queue", queue)
					.append("priority", 0)
					.append("state", "pending")
					.append("run_at", now)
					.append("created_at", now))
				.toList());
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(START).pollInterval(Duration.ofMillis(50)).untilAsserted(condition);
	}

}
