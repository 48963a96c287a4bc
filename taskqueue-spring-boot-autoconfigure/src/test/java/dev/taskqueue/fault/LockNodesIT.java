package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Three real processes that run jobs with locks, and those that hold one are killed: of a
 * lock one job runs at a time, and all run in the end. So it is with the unique keys of
 * rows, but what meets another's key is left out.
 */
@Tag("outage")
class LockNodesIT {

	private static final Duration START = Duration.ofSeconds(60);

	private static final int JOBS = 80;

	private static final int LOCKS = 2;

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final List<NodeProcess> nodes = new ArrayList<>();

	/** When a process was about to be killed. */
	private final Map<Long, Long> killedAt = new HashMap<>();

	@AfterEach
	void end() {
		this.nodes.forEach(NodeProcess::close);
		MongoServer.drop(this.database);
	}

	@Test
	void oneJobOfALockRunsAtATimeThoughItsHoldersAreKilled() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		startNodes();
		insertJobs(random);

		for (int kills = 0; kills < 2; kills++) {
			long ended = ends();
			int more = 1 + random.nextInt(20);
			Awaitility.await("some more ends, seed " + seed).atMost(START).until(() -> ends() >= ended + more);
			kill(this::findHolder);
		}

		Awaitility.await("all to end, seed " + seed)
			.atMost(START)
			.until(() -> this.database.getCollection("taskqueue_jobs")
				.countDocuments(Filters.eq("state", "succeeded")) == JOBS);
		assertThat(this.database.getCollection(Node.ENDS).distinct("job", String.class)).hasSize(JOBS);
		assertNoOverlaps(seed);
		Awaitility.await("no lock to be left, seed " + seed)
			.atMost(START)
			.until(() -> this.database.getCollection("taskqueue_locks")
				.countDocuments(Filters.regex("_id", "^job:")) == 0);
	}

	@Test
	void oneJobOfAKeyRunsAtATimeThoughManyRowsGiveItAndNodesAreKilled() {
		long seed = System.nanoTime();
		startNodes();
		insertRows();
		Random random = new Random(seed);
		for (int kills = 0; kills < 2; kills++) {
			long ended = ends();
			int more = 1 + random.nextInt(6);
			Awaitility.await("some more ends, seed " + seed).atMost(START).until(() -> ends() >= ended + more);
			kill(this::findRunning);
		}
		long ended = ends();
		Awaitility.await("some more ends, seed " + seed).atMost(START).until(() -> ends() >= ended + 4);

		this.database.getCollection("crontab_jobs")
			.updateMany(new Document(), new Document("$set", new Document("enabled", false)));
		Awaitility.await("no job to be left, seed " + seed)
			.atMost(START)
			.until(() -> this.database.getCollection("taskqueue_jobs")
				.countDocuments(Filters.in("state", "pending", "running")) == 0);

		assertNoOverlaps(seed);
		assertThat(this.database.getCollection("crontab_jobs").countDocuments(Filters.exists("skipped"))).isPositive();
		assertThat(this.database.getCollection("crontab_jobs").countDocuments(Filters.exists("error"))).isZero();
	}

	private void startNodes() {
		for (int i = 0; i < 3; i++) {
			this.nodes.add(NodeProcess.start(LockNode.class, "--spring.mongodb.uri=" + MongoServer.uri(this.database),
					"--spring.main.web-application-type=none", "--taskqueue.worker.lease=2s"));
		}
		this.nodes.forEach((node) -> node.awaitLine("NODE READY", START));
	}

	private void assertNoOverlaps(long seed) {
		for (int number = 0; number < LOCKS; number++) {
			assertThat(overlaps(number)).as("jobs of number %d that ran beside another; seed %d", number, seed)
				.isEmpty();
		}
	}

	/** Several of each number are due each second. */
	private void insertRows() {
		Date now = Date.from(Instant.now());
		this.database.getCollection("crontab_jobs")
			.insertMany(IntStream.range(0, 10)
				.mapToObj((i) -> new Document("_id", "r" + i).append("function", "unique")
					.append("params", List.of(i % LOCKS))
					.append("every", "1s")
					.append("time", now)
					.append("is_done", false))
				.toList());
	}

	private void insertJobs(Random random) {
		Date now = Date.from(Instant.now().minusSeconds(1));
		this.database.getCollection("taskqueue_jobs")
			.insertMany(IntStream.range(0, JOBS)
				.mapToObj((i) -> new Document("_id", "j" + i).append("function", "exclusive")
					.append("params", List.of(random.nextInt(LOCKS)))
					.append("queue", "default")
					.append("priority", 0)
					.append("state", "pending")
					.append("run_at", now)
					.append("created_at", now))
				.toList());
	}

	private void kill(Callable<@Nullable NodeProcess> found) {
		NodeProcess holder = Awaitility.await("a holder").atMost(START).until(found, (node) -> node != null);
		this.killedAt.put(holder.pid(), System.nanoTime());
		holder.kill9();
		this.nodes.remove(holder);
		holder.close();
	}

	/** By the store's word, so it may have released the lock meanwhile. */
	private @Nullable NodeProcess findHolder() {
		Document lock = this.database.getCollection("taskqueue_locks").find(Filters.exists("claim")).first();
		Document job = (lock != null) ? this.database.getCollection("taskqueue_jobs")
			.find(Filters.and(Filters.eq("_id", lock.get("job")), Filters.eq("state", "running")))
			.first() : null;
		return workerOf(job);
	}

	private @Nullable NodeProcess findRunning() {
		return workerOf(this.database.getCollection("taskqueue_jobs").find(Filters.eq("state", "running")).first());
	}

	private @Nullable NodeProcess workerOf(@Nullable Document job) {
		return (job != null) ? this.nodes.stream()
			.filter((node) -> job.getString("worker").contains("-" + node.pid() + "-"))
			.findFirst()
			.orElse(null) : null;
	}

	private long ends() {
		return this.database.getCollection(Node.ENDS).countDocuments();
	}

	private List<String> overlaps(int number) {
		List<String> overlaps = new ArrayList<>();
		long free = Long.MIN_VALUE;
		for (Document start : this.database.getCollection(Node.STARTS)
			.find(Filters.eq("number", number))
			.sort(Sorts.ascending("at"))) {
			if (start.getLong("at") < free) {
				overlaps.add(start.getString("job"));
			}
			free = Math.max(free, endOf(start));
		}
		return overlaps;
	}

	private long endOf(Document start) {
		Document end = this.database.getCollection(Node.ENDS)
			.find(Filters.and(Filters.eq("job", start.get("job")), Filters.eq("pid", start.get("pid")),
					Filters.gt("at", start.get("at"))))
			.sort(Sorts.ascending("at"))
			.first();
		return (end != null) ? end.getLong("at") : this.killedAt.getOrDefault(start.getLong("pid"), Long.MAX_VALUE);
	}

}
