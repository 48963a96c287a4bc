package dev.taskqueue.fault;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import com.mongodb.client.model.Filters;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import dev.taskqueue.CancelResult;
import dev.taskqueue.Job;
import dev.taskqueue.JobFailedException;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.steer.Steering;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OneServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import dev.taskqueue.testsupport.Steerings;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A cancellation is never lost, whatever happens to the job meanwhile.
 */
class CancelIT {

	private static final Duration SOON = Duration.ofSeconds(20);

	@RegisterExtension
	private static final OneServer server = new OneServer();

	private final List<LocalNode> nodes = new ArrayList<>();

	private final List<String> looks = new CopyOnWriteArrayList<>();

	@AfterEach
	void close() {
		for (LocalNode node : this.nodes) {
			node.functions().release();
			node.database().database().drop();
			node.close();
		}
	}

	@Test
	void pendingJobIsCancelledAtOnceAndNeverRuns() {
		LocalNode node = start();
		JobHandle<Object> job = node.queue().job("count").delay(Duration.ofSeconds(2)).enqueue();

		assertThat(job.cancel()).isEqualTo(CancelResult.CANCELLED);

		assertThat(stored(node, job)).hasValueSatisfying((found) -> {
			assertThat(found.state()).isEqualTo(JobState.CANCELLED);
			assertThat(found.finishedAt()).isNotNull();
			assertThat(found.attempt()).isZero();
		});
		assertThat(job.cancel()).isEqualTo(CancelResult.ENDED);
		assertThat(node.queue().cancel("nobody")).isEqualTo(CancelResult.UNKNOWN);
		assertThat(raw(node, job)).containsKey("delete_at");
		JobHandle<Object> later = node.queue().job("count").delay(Duration.ofSeconds(2)).enqueue();
		await(() -> assertThat(node.functions().ends(later.id())).isOne());
		assertThat(node.functions().ends(job.id())).isZero();
	}

	@Test
	void runningJobIsInterruptedAtOnceAndEndsCancelled() {
		LocalNode node = start();
		JobHandle<Object> job = node.queue().enqueue("hold");
		await(() -> assertThat(node.functions().held()).isOne());

		assertThat(job.cancel()).isEqualTo(CancelResult.REQUESTED);

		assertThatExceptionOfType(JobFailedException.class).isThrownBy(() -> job.await(SOON))
			.satisfies((ex) -> assertThat(ex.getJob().state()).isEqualTo(JobState.CANCELLED));
		assertThat(stored(node, job)).hasValueSatisfying((found) -> assertThat(found.attempt()).isOne());
		assertThat(node.functions().ends(job.id())).isZero();
		assertThat(job.cancel()).isEqualTo(CancelResult.ENDED);
	}

	@Test
	void functionThatReturnsAllTheSameHasSucceeded() throws Exception {
		LocalNode node = start();
		JobHandle<Object> job = node.queue().enqueue("heed");
		await(() -> assertThat(node.functions().held()).isOne());

		job.cancel();

		assertThat(job.await(SOON)).isEqualTo("returned all the same");
	}

	@Test
	void functionThatIgnoresItsInterruptKeepsItsSlotAndItsJobEndsCancelled() {
		LocalNode node = start("taskqueue.worker.concurrency=1");
		JobHandle<Object> job = node.queue().enqueue("ignore");
		await(() -> assertThat(node.functions().held()).isOne());

		job.cancel();

		await(() -> assertThat(stored(node, job)).map(Job::state).contains(JobState.CANCELLED));
		JobHandle<Object> next = node.queue().enqueue("count");
		assertThat(stored(node, next)).map(Job::state).contains(JobState.PENDING);
		node.functions().release();
		await(() -> assertThat(node.functions().ends(next.id())).isOne());
		assertThat(stored(node, job)).map(Job::state).contains(JobState.CANCELLED);
	}

	@Test
	void anotherNodeHearsByItsChangeStream() {
		LocalNode node = start();
		JobHandle<Object> job = node.queue().enqueue("hold");
		await(() -> assertThat(node.functions().held()).isOne());

		assertThat(elsewhere(node).cancel(job.id())).isEqualTo(CancelResult.REQUESTED);

		await(() -> assertThat(stored(node, job)).map(Job::state).contains(JobState.CANCELLED));
	}

	@Test
	void anotherNodeLooksEachSecondWhereThereIsNoStream() {
		try (OwnMongoServer alone = MongoServer.startOwn(false);
				LocalNode node = LocalNode.start(alone.uri(), listener())) {
			JobHandle<Object> job = node.queue().enqueue("hold");
			await(() -> assertThat(node.functions().held()).isOne());

			elsewhere(node).cancel(job.id());

			Awaitility.await()
				.atMost(Duration.ofSeconds(5))
				.untilAsserted(() -> assertThat(stored(node, job)).map(Job::state).contains(JobState.CANCELLED));
			assertThat(this.looks).isNotEmpty();
		}
	}

	@Test
	void workerThatIsIdleOrRunsQuickJobsNeverLooks() {
		LocalNode node = start();
		Instant end = Instant.now().plusSeconds(3);

		Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(50)).until(() -> {
			node.queue().enqueue("count");
			return Instant.now().isAfter(end);
		});

		assertThat(this.looks).isEmpty();
	}

	@Test
	void claimAndCancelMeetAndOneOfThemHasTheJob() {
		LocalNode node = start();
		List<Document> jobs = IntStream.range(0, 1000).mapToObj((i) -> job("j" + i)).toList();
		Map<String, CancelResult> results = new LinkedHashMap<>();
		Steering steering = elsewhere(node);

		node.database().jobs().insertMany(jobs);
		for (int i = 999; i >= 0; i -= 4) {
			results.put("j" + i, steering.cancel("j" + i));
		}

		await(() -> assertThat(node.database().jobs().countDocuments(Filters.in("state", "pending", "running")))
			.isZero());
		assertThat(results.values()).contains(CancelResult.CANCELLED).doesNotContain(CancelResult.UNKNOWN);
		results.forEach((id, result) -> {
			int ends = node.functions().ends(id);
			String state = state(node, id);
			switch (result) {
				case CANCELLED -> assertThat(state + ends).as(id).isEqualTo("cancelled0");
				case ENDED -> assertThat(state + ends).as(id).isEqualTo("succeeded1");
				default -> assertThat(state).as(id).isIn("cancelled", "succeeded");
			}
		});
	}

	@Test
	void cancelIsNotLostAmongRetries() {
		LocalNode node = start("taskqueue.job.backoff.initial=1ms", "taskqueue.job.backoff.max=5ms");
		List<JobHandle<Object>> jobs = IntStream.range(0, 200)
			.mapToObj((i) -> node.queue().job("fail").maxAttempts(1_000_000).enqueue())
			.toList();
		await(() -> assertThat(node.database().jobs().countDocuments(Filters.gt("attempt", 3))).isEqualTo(200));

		List<CancelResult> results = new ArrayList<>();
		Steering elsewhere = elsewhere(node);
		for (int i = 0; i < jobs.size(); i++) {
			String id = jobs.get(i).id();
			results.add((i % 2 == 0) ? elsewhere.cancel(id) : node.queue().cancel(id));
		}

		assertThat(results).isSubsetOf(CancelResult.CANCELLED, CancelResult.REQUESTED);
		await(() -> assertThat(node.database().jobs().countDocuments(Filters.eq("state", "cancelled"))).isEqualTo(200));
	}

	private LocalNode start(String... properties) {
		LocalNode node = LocalNode.start(server.uri(), listener(), properties);
		this.nodes.add(node);
		return node;
	}

	private CommandListener listener() {
		return new CommandListener() {

			@Override
			public void commandStarted(CommandStartedEvent event) {
				if (event.getCommandName().equals("find")
						&& event.getCommand().toJson().contains("\"cancel_requested\": true")) {
					CancelIT.this.looks.add(event.getCommand().toJson());
				}
			}

		};
	}

	private static Steering elsewhere(LocalNode node) {
		TaskQueueDatabase database = node.database();
		return Steerings.on(database, Clock.systemUTC());
	}

	private static Optional<Job> stored(LocalNode node, JobHandle<Object> job) {
		return node.queue().find(job.id());
	}

	private static Document raw(LocalNode node, JobHandle<Object> job) {
		Document found = node.database().jobs().find(Filters.eq("_id", new ObjectId(job.id()))).first();
		return (found != null) ? found : new Document();
	}

	private static String state(LocalNode node, String id) {
		return node.queue().find(id).map((job) -> job.state().text()).orElse("");
	}

	private static Document job(String id) {
		return PendingJob.of(id, Date.from(Instant.now().minusSeconds(1)));
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(20)).untilAsserted(condition);
	}

}
