package dev.taskqueue.fault;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import dev.taskqueue.JobHandle;
import dev.taskqueue.steer.Steering;
import dev.taskqueue.testsupport.OneServer;
import dev.taskqueue.testsupport.Steerings;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.BsonString;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A paused queue on two nodes.
 */
class PauseIT {

	@RegisterExtension
	private static final OneServer server = new OneServer();

	private final List<LocalNode> nodes = new ArrayList<>();

	/** The commands on what is said about queues. */
	private final List<String> commands = new CopyOnWriteArrayList<>();

	@AfterEach
	void close() {
		this.nodes.forEach((node) -> node.functions().release());
		this.nodes.get(0).database().database().drop();
		this.nodes.forEach(LocalNode::close);
	}

	@Test
	void pausedQueueIsServedByNoNodeUntilItIsResumed() {
		LocalNode here = start();
		LocalNode there = start();

		here.queue().pause("default");
		learned();
		List<JobHandle<Object>> jobs = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			jobs.add(here.queue().enqueue("count"));
			jobs.add(there.queue().enqueue("count"));
		}
		JobHandle<Object> other = there.queue().job("count").queue("other").enqueue();

		await(() -> assertThat(ends(other)).isOne());
		assertThat(here.queue().isPaused("default")).isTrue();
		during(Duration.ofSeconds(2), () -> assertThat(jobs).allMatch((job) -> ends(job) == 0));
		await(() -> assertThat(here.database().jobs().countDocuments(Filters.eq("state", "pending"))).isEqualTo(40));

		there.queue().resume("default");

		await(() -> assertThat(jobs).allMatch((job) -> ends(job) == 1));
		assertThat(here.queue().isPaused("default")).isFalse();
	}

	@Test
	void busyNodeLearnsOfAPauseWithinASecondOrSo() {
		LocalNode node = start("taskqueue.worker.concurrency=2");
		insert(20_000);
		await(() -> assertThat(count("succeeded")).isPositive());

		elsewhere().pause("default");

		Instant paused = node.database().hello().getDate("localTime").toInstant();
		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.during(Duration.ofMillis(500))
			.until(() -> count("running") == 0);
		assertThat(count("pending")).isPositive();
		assertThat(lastClaim()).isBefore(paused.plusSeconds(2));
		assertThat(node.endpoint().taskQueue().queues()).anySatisfy((queue) -> {
			assertThat(queue.name()).isEqualTo("default");
			assertThat(queue.paused()).isTrue();
		});
	}

	@Test
	void nodeThatLearnsOfPausesAtOneQueueTakesNothingOfTheOthers() {
		LocalNode node = start();
		node.worker().quiet(true);
		List<String> paused = List.of("a", "b", "c", "d");
		paused.forEach((queue) -> elsewhere().pause(queue));
		List<JobHandle<Object>> jobs = new ArrayList<>();
		paused.forEach((queue) -> jobs.add(node.queue().job("count").queue(queue).enqueue()));
		JobHandle<Object> other = node.queue().job("count").queue("other").enqueue();
		learned();

		node.worker().quiet(false);

		await(() -> assertThat(ends(other)).isOne());
		during(Duration.ofSeconds(1), () -> assertThat(jobs).allMatch((job) -> ends(job) == 0));
	}

	@Test
	void idleNodeHearsOfAResumeByItsStream() {
		start("taskqueue.worker.poll-interval=30s");
		elsewhere().pause("default");
		learned();
		insert(5);
		during(Duration.ofSeconds(2), () -> assertThat(count("pending")).isEqualTo(5));

		elsewhere().resume("default");

		await(() -> assertThat(count("succeeded")).isEqualTo(5));
	}

	@Test
	void nodeThatStartsLaterKeepsThePause() {
		start();
		elsewhere().pause("default");
		learned();
		insert(5);
		LocalNode later = start();

		JobHandle<Object> job = later.queue().enqueue("count");

		during(Duration.ofSeconds(2), () -> assertThat(ends(job)).isZero());
		assertThat(count("pending")).isEqualTo(6);
	}

	@Test
	void idleNodeAsksNothingAndOneWithJobsOnceASecond() {
		LocalNode node = start();
		await(() -> assertThat(count("running")).isZero());
		this.commands.clear();

		during(Duration.ofSeconds(3), () -> assertThat(this.commands).isEmpty());
		Instant end = Instant.now().plusSeconds(3);
		Awaitility.await().pollInterval(Duration.ofMillis(20)).until(() -> {
			node.queue().enqueue("count");
			return Instant.now().isAfter(end);
		});

		assertThat(this.commands).hasSizeBetween(2, 5).containsOnly("find");
	}

	@Test
	void purgeDeletesWhatIsPendingAndLeavesTheRest() {
		LocalNode node = start("taskqueue.worker.concurrency=1");
		JobHandle<Object> running = node.queue().enqueue("hold");
		await(() -> assertThat(node.functions().held()).isOne());
		insert(1500);
		node.queue().job("count").queue("other").delay(Duration.ofHours(1)).enqueue();

		assertThat(node.queue().purge("default")).isEqualTo(1500);

		assertThat(count("pending")).isOne();
		node.functions().release();
		await(() -> assertThat(ends(running)).isOne());
	}

	private LocalNode start(String... properties) {
		LocalNode node = LocalNode.start(server.uri(), new CommandListener() {

			@Override
			public void commandStarted(CommandStartedEvent event) {
				String name = event.getCommandName();
				if (event.getCommand().get(name) instanceof BsonString collection
						&& collection.getValue().equals("taskqueue_queues")) {
					PauseIT.this.commands.add(name);
				}
			}

		}, properties);
		this.nodes.add(node);
		return node;
	}

	private Steering elsewhere() {
		return Steerings.on(this.nodes.get(0).database(), Clock.systemUTC());
	}

	private int ends(JobHandle<Object> job) {
		return this.nodes.stream().mapToInt((node) -> node.functions().ends(job.id())).sum();
	}

	private long count(String state) {
		return this.nodes.get(0).database().jobs().countDocuments(Filters.eq("state", state));
	}

	private Instant lastClaim() {
		return Objects
			.requireNonNull(
					this.nodes.get(0).database().jobs().find().sort(Sorts.descending("claimed_at")).limit(1).first())
			.getDate("claimed_at")
			.toInstant();
	}

	private void insert(int count) {
		Date now = Date.from(Instant.now().minusSeconds(1));
		this.nodes.get(0)
			.database()
			.jobs()
			.insertMany(IntStream.range(0, count).mapToObj((i) -> PendingJob.of(new ObjectId(), now)).toList());
	}

	/** What a node knows is believed for a second. */
	private static void learned() {
		Awaitility.await().pollDelay(Duration.ofMillis(1100)).until(() -> true);
	}

	private static void during(Duration time, ThrowingRunnable condition) {
		Awaitility.await()
			.during(time)
			.atMost(time.plusSeconds(5))
			.pollInterval(Duration.ofMillis(100))
			.untilAsserted(condition);
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20)).untilAsserted(condition);
	}

}
