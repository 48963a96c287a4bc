package dev.taskqueue.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import com.mongodb.client.MongoDatabase;
import com.mongodb.event.CommandListener;
import dev.taskqueue.Job;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobState;
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
