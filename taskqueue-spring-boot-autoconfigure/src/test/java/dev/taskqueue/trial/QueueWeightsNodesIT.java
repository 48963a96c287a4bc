package dev.taskqueue.trial;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.fault.NodeProcess;
import dev.taskqueue.history.Checker;
import dev.taskqueue.history.Entry.Answer;
import dev.taskqueue.history.Entry.Answered;
import dev.taskqueue.history.Entry.NodeBegins;
import dev.taskqueue.history.Entry.NodeGone;
import dev.taskqueue.history.Entry.NodeStops;
import dev.taskqueue.history.Entry.Queued;
import dev.taskqueue.history.Entry.Submitting;
import dev.taskqueue.history.Entry.Weighs;
import dev.taskqueue.history.History;
import dev.taskqueue.history.HistoryFile;
import dev.taskqueue.history.Verdict;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The order among queues and in them, of three real processes, one of which is killed at
 * random. The checker judges by what all of them wrote down.
 */
@Tag("outage")
class QueueWeightsNodesIT {

	private static final Duration START = Duration.ofSeconds(60);

	private static final int CONCURRENCY = 2;

	private static final int MILLIS = 30;

	/** Where a stream tells of jobs, a look is taken each 15 intervals all the same. */
	private static final Duration POLL = Duration.ofMillis(20);

	private static final Duration HEARING = POLL.multipliedBy(15);

	private static final Map<String, Integer> WEIGHTS = Map.of("high", 6, "default", 3, "low", 1);

	private final long seed = Long.getLong("taskqueue.trial.seed", System.nanoTime());

	private final Random random = new Random(this.seed);

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final Map<String, NodeProcess> nodes = new LinkedHashMap<>();

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@SuppressWarnings("NullAway.Init")
	private HistoryFile history;

	private int submits;

	@BeforeEach
	void begin() {
		this.history = new HistoryFile(this.directory, Trial.LEADER);
	}

	@AfterEach
	void end() {
		this.nodes.values().forEach(NodeProcess::close);
		this.history.close();
		MongoServer.drop(this.database);
	}

	@Test
	void weightsHoldOverNodesThoughOneIsKilled() {
		startNodes("weighted");

		submit(jobs(Map.of("high", 620, "default", 330, "low", 120)));
		killAfter(50 + this.random.nextInt(400));

		assertThatAllPromisesWereKept();
	}

	@Test
	void strictOrderHoldsOverNodesThoughOneIsKilled() {
		startNodes("strict");

		submit(jobs(Map.of("default", 200, "low", 100)));
		awaitEnds(20 + this.random.nextInt(60));
		submit(jobs(Map.of("high", 300)));
		killAfter(20 + this.random.nextInt(200));
		awaitEnds(350);
		submit(jobs(Map.of("high", 100)));

		assertThatAllPromisesWereKept();
	}

	/** They are all there before the nodes are, so that each claim sees them. */
	@Test
	void priorityAndTimeHoldOverNodesThoughOneIsKilled() {
		Instant now = Instant.now();
		List<Document> jobs = new ArrayList<>();
		for (int i = 0; i < 800; i++) {
			jobs.add(job("default").append("priority", i % 2).append("run_at", Date.from(now.minusMillis(10L * i))));
		}
		Collections.shuffle(jobs, this.random);
		submit(jobs);

		startNodes("turns");
		killAfter(100 + this.random.nextInt(300));

		assertThatAllPromisesWereKept();
	}

	private void startNodes(String order) {
		for (int i = 1; i <= 3; i++) {
			String process = "node-" + i;
			this.history.append(new NodeBegins(HistoryFile.now(), process, CONCURRENCY, "", CONCURRENCY));
			Stream<String> arguments = Stream.of("--trial.process=" + process, "--trial.directory=" + this.directory,
					"--spring.mongodb.uri=" + MongoServer.uri(this.database), "--spring.main.web-application-type=none",
					"--taskqueue.crontab.enabled=false", "--taskqueue.worker.lease=2s",
					"--taskqueue.worker.poll-interval=" + POLL.toMillis() + "ms",
					"--taskqueue.worker.concurrency=" + CONCURRENCY);
			if (!order.equals("turns")) {
				this.history.append(
						new Weighs(HistoryFile.now(), process, WEIGHTS, order.equals("strict"), HEARING.toMillis()));
				Stream<String> weights = WEIGHTS.entrySet()
					.stream()
					.map((queue) -> "--taskqueue.worker.queues." + queue.getKey() + ".weight=" + queue.getValue());
				arguments = Stream.concat(arguments,
						Stream.concat(weights, Stream.of("--taskqueue.worker.queue-order=" + order)));
			}
			this.nodes.put(process, NodeProcess.start(OrderApplication.class, arguments.toArray(String[]::new)));
		}
		this.nodes.values().forEach((node) -> node.awaitLine(WorkerApplication.READY, START));
	}

	private List<Document> jobs(Map<String, Integer> counts) {
		List<Document> jobs = new ArrayList<>();
		counts.forEach((queue, count) -> jobs.addAll(Stream.generate(() -> job(queue)).limit(count).toList()));
		Collections.shuffle(jobs, this.random);
		return jobs;
	}

	private static Document job(String queue) {
		Date now = Date.from(Instant.now().minusSeconds(1));
		return new Document("function", Functions.WORK).append("params", List.of(MILLIS, 0))
			.append("queue", queue)
			.append("priority", 0)
			.append("state", "pending")
			.append("run_at", now)
			.append("created_at", now);
	}

	private void submit(List<Document> jobs) {
		jobs.forEach((job) -> {
			String id = job.getString("queue") + "-" + (++this.submits);
			job.append("_id", id);
			this.history.append(new Submitting(HistoryFile.now(), Trial.LEADER, id, Functions.WORK, 0, 0));
			this.history.append(new Queued(HistoryFile.now(), Trial.LEADER, id, job.getString("queue"),
					job.getInteger("priority"), job.getDate("run_at").getTime()));
		});
		stored().insertMany(jobs);
		long answered = HistoryFile.now();
		jobs.forEach((job) -> this.history
			.append(new Answered(answered, Trial.LEADER, job.getString("_id"), Answer.ACKNOWLEDGED, null)));
	}

	private void killAfter(int ends) {
		awaitEnds(ends);
		String victim = List.copyOf(this.nodes.keySet()).get(this.random.nextInt(this.nodes.size()));
		NodeProcess node = Objects.requireNonNull(this.nodes.remove(victim));
		node.kill9();
		this.history.append(new NodeGone(HistoryFile.now(), victim));
		node.close();
	}

	private void awaitEnds(int count) {
		await("ends", () -> ends() >= count);
	}

	private long ends() {
		return stored().countDocuments(Filters.eq("state", "succeeded"));
	}

	private MongoCollection<Document> stored() {
		return this.database.getCollection("taskqueue_jobs");
	}

	private void assertThatAllPromisesWereKept() {
		awaitEnds(this.submits);
		await("only live workers to be left",
				() -> this.database.getCollection("taskqueue_workers").countDocuments() == this.nodes.size());
		this.nodes.forEach((process, node) -> {
			this.history.append(new NodeStops(HistoryFile.now(), process));
			node.sigterm();
		});
		this.nodes.values().forEach((node) -> node.awaitExit(START));
		new StoreDump(this.database).writeTo(this.history);
		Verdict verdict = Checker.check(new History(HistoryFile.readAll(this.directory)));
		System.out.println("FIGURE " + verdict.figures());
		assertThat(verdict.isContent()).as("seed %d%s", this.seed, verdict).isTrue();
	}

	private void await(String what, BooleanSupplier condition) {
		Awaitility.await(what + ", seed " + this.seed)
			.atMost(START)
			.pollInterval(Duration.ofMillis(50))
			.until(condition::getAsBoolean);
	}

}
