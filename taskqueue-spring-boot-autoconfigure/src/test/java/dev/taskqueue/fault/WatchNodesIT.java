package dev.taskqueue.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.event.CommandListener;
import dev.taskqueue.Job;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that only submits, and the nodes that run its jobs.
 */
@Tag("outage")
class WatchNodesIT {

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final LocalNode submitter = LocalNode.begin(MongoServer.uri(), new CommandListener() {
	}, "spring.mongodb.database=" + this.database.getName(), "taskqueue.worker.enabled=false");

	private final List<NodeProcess> nodes = new ArrayList<>();

	@AfterEach
	void end() {
		this.submitter.close();
		this.nodes.forEach(NodeProcess::close);
		MongoServer.drop(this.database);
	}

	@Test
	void endOfAJobWhoseNodeWasKilledIsSeenWhereItWasSubmitted() {
		NodeProcess killed = startNode();
		JobHandle<Object> job = this.submitter.queue().enqueue("record", 2000);
		List<Job> told = new CopyOnWriteArrayList<>();
		List<Job> toldOfFunction = new CopyOnWriteArrayList<>();
		this.submitter.queue().watch(job.id(), told::add);
		this.submitter.queue().watch(JobQuery.all().function("record").state(JobState.SUCCEEDED), toldOfFunction::add);
		CompletableFuture<@Nullable Object> completion = job.completion();
		await(() -> assertThat(told).extracting(Job::state).contains(JobState.RUNNING));

		killed.kill9();
		startNode();

		await(() -> assertThat(told).extracting(Job::state).contains(JobState.SUCCEEDED));
		assertThat(told).last().satisfies((last) -> {
			assertThat(last.state()).isEqualTo(JobState.SUCCEEDED);
			assertThat(last.recoveries()).isEqualTo(1);
		});
		assertThat(told).filteredOn((one) -> one.state() == JobState.SUCCEEDED).hasSize(1);
		await(() -> assertThat(toldOfFunction).extracting(Job::id).containsExactly(job.id()));
		assertThat(completion).succeedsWithin(Duration.ofSeconds(5));
	}

	/** Of three, the one is killed that runs the job that the dice choose. */
	@Test
	void whoWatchesAndWhoWaitsSeeWhatBecomesOfTheJobsOfAKilledNode() throws Exception {
		long seed = Long.getLong("taskqueue.fault.seed", System.nanoTime());
		System.out.println("SEED " + seed);
		Map<Long, NodeProcess> byPid = new HashMap<>();
		for (int i = 0; i < 3; i++) {
			NodeProcess node = startNode();
			byPid.put(node.pid(), node);
		}
		TaskQueue queue = this.submitter.queue();
		Map<String, List<Job>> told = new ConcurrentHashMap<>();
		queue.watchPrefix("watched-",
				(job) -> told.computeIfAbsent(job.id(), (id) -> new CopyOnWriteArrayList<>()).add(job));
		List<JobHandle<Object>> jobs = IntStream.range(0, 12)
			.mapToObj((i) -> queue.job("record", 4000).id("watched-" + i).enqueue())
			.toList();
		JobHandle<Object> chosen = jobs.get(new Random(seed).nextInt(jobs.size()));
		List<Job> toldOfChosen = new CopyOnWriteArrayList<>();
		chosen.onEvent(toldOfChosen::add);
		await(() -> assertThat(told).hasSize(12)
			.allSatisfy((id, pictures) -> assertThat(pictures).extracting(Job::state).contains(JobState.RUNNING)));
		await(() -> assertThat(startsOf(chosen.id())).hasSize(1));
		long pid = startsOf(chosen.id()).get(0);

		Objects.requireNonNull(byPid.get(pid)).kill9();

		for (JobHandle<Object> job : jobs) {
			assertThat(job.await(Duration.ofSeconds(30))).isNull();
		}
		Set<String> recovered = new HashSet<>(
				queue.query(JobQuery.all()).filter((job) -> job.recoveries() == 1).map(Job::id).toList());
		assertThat(recovered).contains(chosen.id());
		await(() -> assertThat(told).allSatisfy((id, pictures) -> {
			assertThat(pictures).last().extracting(Job::state).isEqualTo(JobState.SUCCEEDED);
			assertThat(pictures).filteredOn((job) -> job.state().isEnd()).hasSize(1);
			assertThat(pictures).extracting(Job::recoveries).isSorted().endsWith(recovered.contains(id) ? 1 : 0);
		}));
		// that it is run again, before it has ended
		assertThat(toldOfChosen).filteredOn((job) -> !job.state().isEnd()).extracting(Job::recoveries).contains(0, 1);
		await(() -> assertThat(toldOfChosen).last().extracting(Job::state).isEqualTo(JobState.SUCCEEDED));
	}

	private List<Long> startsOf(String job) {
		return this.database.getCollection(Node.STARTS)
			.find(Filters.eq("job", job))
			.map((start) -> start.getLong("pid"))
			.into(new ArrayList<>());
	}

	private NodeProcess startNode() {
		NodeProcess node = NodeProcess.start(Node.class, "--spring.mongodb.uri=" + MongoServer.uri(this.database),
				"--taskqueue.worker.lease=2s", "--spring.main.web-application-type=none");
		this.nodes.add(node);
		node.awaitLine("NODE READY", Duration.ofSeconds(60));
		return node;
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(condition);
	}

}
