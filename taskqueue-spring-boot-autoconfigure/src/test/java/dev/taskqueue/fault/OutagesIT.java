package dev.taskqueue.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.mongodb.client.model.Filters;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A server that stops, hangs or has no connection left, while jobs run and are submitted.
 */
@Tag("outage")
@ExtendWith(OutputCaptureExtension.class)
class OutagesIT {

	private static final Duration SOON = Duration.ofSeconds(60);

	private final OwnMongoServer server = MongoServer.startOwn(true);

	private final List<LocalNode> nodes = new ArrayList<>();

	@AfterEach
	void end() {
		this.server.thaw();
		this.server.start();
		this.nodes.forEach(LocalNode::close);
		this.server.close();
	}

	@Test
	void restartOfTheServerLosesNothing(CapturedOutput output) {
		LocalNode node = node("taskqueue.worker.lease=30s");
		List<String> acknowledged;
		try (Submitting submitting = Submitting.to(node.queue())) {
			submitting.awaitMore(100);

			this.server.stop();
			assertThat(node.isDown()).as("down within the lease").isFalse();
			this.server.start();

			submitting.awaitMore(100);
			submitting.stop();
			acknowledged = submitting.acknowledged();
			assertThat(submitting.unexpected()).isEmpty();
		}
		await(() -> assertThat(acknowledged).allMatch((job) -> node.functions().ends(job) > 0));
		await(() -> assertThat(count(node, "pending", "running")).isZero());
		assertThat(count(node, "succeeded")).isGreaterThanOrEqualTo(acknowledged.size());
		await(() -> assertThat(node.isUp()).isTrue());
		new NodeLog(output).isQuiet();
	}

	@Test
	void allGoesOnAfterATimeWithoutAServer(CapturedOutput output) {
		LocalNode node = node(LocalNode.IMPATIENT);
		outage(node, this.server::stop, Duration.ofSeconds(5), this.server::start, output);
	}

	@Test
	@Tag("slow")
	void allGoesOnAfterAMinuteWithoutAServer(CapturedOutput output) {
		LocalNode node = node("taskqueue.worker.lease=30s");
		outage(node, this.server::stop, Duration.ofSeconds(60), this.server::start, output);
	}

	@Test
	void allGoesOnAfterTheServerHung(CapturedOutput output) {
		LocalNode node = node(LocalNode.IMPATIENT);
		outage(node, this.server::freeze, Duration.ofSeconds(5), this.server::thaw, output);
	}

	@Test
	void allGoesOnAfterTheConnectionsWereExhausted(CapturedOutput output) {
		LocalNode node = LocalNode.start(this.server.uri() + "&maxPoolSize=5");
		this.nodes.add(node);
		try (BlockedConnections blocked = new BlockedConnections(this.server.uri(), node.client(), 5)) {
			outage(node, blocked::begin, Duration.ofSeconds(5), blocked::end, output);
		}
	}

	private void outage(LocalNode node, Runnable begin, Duration lasting, Runnable end, CapturedOutput output) {
		JobHandle<Object> held = node.queue().enqueue("hold");
		await(() -> assertThat(node.functions().held()).isEqualTo(1));
		List<JobHandle<Object>> later = IntStream.range(0, 20)
			.mapToObj((i) -> node.queue().job("count").delay(Duration.ofSeconds(3)).enqueue())
			.toList();

		begin.run();
		long began = System.nanoTime();
		List<JobHandle<Object>> open = later.stream().filter((job) -> node.functions().ends(job.id()) == 0).toList();
		node.functions().release();
		assertThatExceptionOfType(TaskQueueException.class).isThrownBy(() -> node.queue().enqueue("count"))
			.withMessageContaining("'count'")
			.withMessageContaining("MongoDB did not take it within " + timeout(node) + " ms")
			.withMessageContaining("It is not known whether the job exists")
			.withMessageContaining("The last failure was: ");
		await(() -> assertThat(node.isDown()).isTrue());
		Awaitility.await().atMost(lasting.plus(SOON)).until(() -> System.nanoTime() - began > lasting.toNanos());
		assertThat(open).noneMatch((job) -> node.functions().ends(job.id()) > 0);
		assertThat(node.isDown()).isTrue();
		end.run();

		Stream.concat(Stream.of(held), later.stream())
			.forEach((job) -> await(() -> assertThat(job.find()).get()
				.satisfies((found) -> assertThat(found.state()).isEqualTo(JobState.SUCCEEDED))));
		assertThat(node.functions().ends(held.id())).isEqualTo(1);
		assertThat(job(node, held)).containsEntry("attempt", 1)
			.containsEntry("result", 2)
			.doesNotContainKey("recoveries");
		assertThat(later).allMatch((job) -> node.functions().ends(job.id()) == 1);
		JobHandle<Object> after = node.queue().enqueue("count");
		await(() -> assertThat(node.functions().ends(after.id())).isEqualTo(1));
		await(() -> assertThat(node.isUp()).isTrue());
		new NodeLog(output).saysOnceThatItBeganAndOnceThatItIsOver(1);
	}

	@Test
	void outageLongerThanTheLeaseTakesNothingFromALivingWorker(CapturedOutput output) {
		LocalNode one = node(LocalNode.IMPATIENT, "taskqueue.worker.concurrency=3");
		LocalNode other = node(LocalNode.IMPATIENT, "taskqueue.worker.concurrency=3");
		List<JobHandle<Object>> jobs = IntStream.range(0, 6).mapToObj((i) -> one.queue().enqueue("hold")).toList();
		await(() -> assertThat(one.functions().held() + other.functions().held()).isEqualTo(6));
		List<Document> workers = workers(one);

		this.server.stop();
		await(() -> assertThat(one.isDown() && other.isDown()).isTrue());
		long down = System.nanoTime();
		Awaitility.await().until(() -> System.nanoTime() - down > Duration.ofSeconds(2).toNanos());
		this.server.start();

		// nobody judges in the first lease, and in the second a lost worker would be
		// found
		await(() -> assertThat(one.isUp() && other.isUp()).isTrue());
		List<Document> back = workers(one);
		await(() -> assertThat(workers(one)).allSatisfy((worker) -> assertThat(worker.getDate("beat_at"))
			.isAfter(new Date(back.get(0).getDate("beat_at").getTime() + 4500))));
		assertThat(one.functions().held() + other.functions().held()).as("attempts begun").isEqualTo(6);
		assertThat(workers(one)).extracting((worker) -> worker.get("_id"))
			.isEqualTo(workers.stream().map((worker) -> worker.get("_id")).toList());
		one.functions().release();
		other.functions().release();
		jobs.forEach((handle) -> await(() -> assertThat(job(one, handle)).containsEntry("state", "succeeded")
			.containsEntry("attempt", 1)
			.doesNotContainKey("recoveries")));
		new NodeLog(output).saysOnceThatItBeganAndOnceThatItIsOver(2);
	}

	private LocalNode node(String... properties) {
		LocalNode node = LocalNode.start(this.server.uri(), properties);
		this.nodes.add(node);
		return node;
	}

	private static long timeout(LocalNode node) {
		return Objects.requireNonNull(node.database().database().getTimeout(TimeUnit.MILLISECONDS));
	}

	private static Document job(LocalNode node, JobHandle<Object> job) {
		return Objects.requireNonNull(node.database().jobs().find(Filters.eq("_id", new ObjectId(job.id()))).first());
	}

	private static List<Document> workers(LocalNode node) {
		return node.database().workers().find().sort(new Document("_id", 1)).into(new ArrayList<>());
	}

	private static long count(LocalNode node, String... states) {
		return node.database().jobs().countDocuments(Filters.in("state", states));
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(SOON).untilAsserted(condition);
	}

}
