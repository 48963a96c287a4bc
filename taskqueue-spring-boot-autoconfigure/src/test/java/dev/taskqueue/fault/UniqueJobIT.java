package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.mongodb.client.model.Filters;
import dev.taskqueue.JobBuilder;
import dev.taskqueue.JobHandle;
import dev.taskqueue.OnDuplicate;
import dev.taskqueue.testsupport.OneServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Unique jobs that run: one at a time whoever submits them, and a key that is free after
 * each way in which a job can end.
 */
class UniqueJobIT {

	@RegisterExtension
	private static final OneServer server = new OneServer();

	private final List<LocalNode> nodes = new ArrayList<>();

	@AfterEach
	void close() {
		LocalNode first = this.nodes.get(0);
		this.nodes.forEach((node) -> node.functions().release());
		first.database().database().drop();
		this.nodes.forEach(LocalNode::close);
	}

	@Test
	void ofWhatTwoNodesSubmitAtOnceOneRunsAndTheOthersAreItsHandles() throws Exception {
		LocalNode one = start();
		LocalNode two = start();
		CyclicBarrier together = new CyclicBarrier(8);
		List<CompletableFuture<JobHandle<Object>>> submits = new ArrayList<>();
		ExecutorService threads = Executors.newFixedThreadPool(8);
		for (int i = 0; i < 8; i++) {
			LocalNode node = (i % 2 == 0) ? one : two;
			submits.add(CompletableFuture.supplyAsync(() -> {
				try {
					together.await();
				}
				catch (Exception ex) {
					throw new IllegalStateException(ex);
				}
				return node.queue().job("hold").uniqueKey("report").enqueue();
			}, threads));
		}
		List<JobHandle<Object>> handles = submits.stream().map(CompletableFuture::join).toList();
		threads.shutdown();

		assertThat(handles).extracting(JobHandle::id).containsOnly(handles.get(0).id());
		assertThat(handles).filteredOn((handle) -> !handle.isDuplicate()).hasSize(1);
		await(() -> assertThat(one.functions().held() + two.functions().held()).isOne());
		one.functions().release();
		two.functions().release();
		await(() -> assertFree(one, handles.get(0).id(), "report", "succeeded"));
		assertThat(one.functions().ends(handles.get(0).id()) + two.functions().ends(handles.get(0).id())).isOne();
		assertThat(one.queue().job("count").uniqueKey("report").enqueue().isDuplicate()).isFalse();
	}

	@Test
	void keyIsFreeAfterEachWayInWhichAJobEnds() {
		LocalNode node = start();
		String dead = "dead-worker";
		String ownId = Objects.requireNonNull(node.database().workers().find().first()).getString("_id");
		Document lost = running("lost", dead, "t").append("recoveries", 2);
		Document cancelledLost = running("cancelled-lost", dead, "t").append("cancel_requested", true);
		Document orphan = running("orphan", ownId, "unknown-token").append("cancel_requested", true);
		Document stray = document("stray", "pending").append("run_at", "noon");
		Document cancelled = document("cancelled", "pending").append("cancel_requested", true);
		node.database().jobs().insertMany(List.of(lost, cancelledLost, orphan, stray, cancelled));

		JobHandle<Object> succeeded = node.queue().job("count").uniqueKey("succeeded").enqueue();
		JobHandle<Object> failed = node.queue().job("fail").maxAttempts(1).uniqueKey("failed").enqueue();
		JobHandle<Object> expired = node.queue()
			.job("nobody-has-it")
			.uniqueKey("expired")
			.expiresIn(Duration.ofMillis(100))
			.enqueue();

		await(() -> {
			assertFree(node, succeeded.id(), "succeeded", "succeeded");
			assertFree(node, failed.id(), "failed", "failed");
			assertFree(node, expired.id(), "expired", "expired");
			assertFree(node, "lost", "lost", "failed");
			assertFree(node, "cancelled-lost", "cancelled-lost", "cancelled");
			assertFree(node, "orphan", "orphan", "cancelled");
			assertFree(node, "stray", "stray", "failed");
			assertFree(node, "cancelled", "cancelled", "cancelled");
		});
		for (String key : List.of("succeeded", "failed", "expired", "lost", "cancelled-lost", "orphan", "stray",
				"cancelled")) {
			assertThat(node.queue().job("nobody-has-it").uniqueKey(key).enqueue().isDuplicate()).as(key).isFalse();
		}
	}

	@Test
	void keyIsHeldForItsPeriodThoughTheJobHasEndedAndIsNotToBeKept() {
		LocalNode node = start("taskqueue.retention.succeeded=0", "taskqueue.retention.failed=0");

		JobHandle<Object> job = node.queue().job("count").uniqueKey("k").uniqueFor(Duration.ofSeconds(3)).enqueue();
		JobHandle<Object> plain = node.queue().job("count").uniqueKey("l").enqueue();

		await(() -> assertThat(stored(node, job.id())).containsEntry("state", "succeeded"));
		Document ended = stored(node, job.id());
		assertThat(ended).containsEntry("unique_key", "k").containsEntry("delete_at", ended.getDate("unique_until"));
		await(() -> assertThat(node.queue().find(plain.id())).isEmpty());
		assertThat(node.queue().job("count").uniqueKey("k").enqueue())
			.satisfies((duplicate) -> assertThat(duplicate.isDuplicate()).isTrue())
			.extracting(JobHandle::id)
			.isEqualTo(job.id());
		await(() -> assertThat(node.queue().job("count").uniqueKey("k").enqueue().isDuplicate()).isFalse());
	}

	@Test
	void whatWasReplacedMeanwhileRunsAsTheLastSubmitSaid() {
		LocalNode node = start();
		JobHandle<Object> first = replaceable(node, 0).delay(Duration.ofHours(1)).enqueue();
		assertThat(replaceable(node, 1).enqueue().id()).isEqualTo(first.id());
		await(() -> assertThat(stored(node, first.id())).containsEntry("result", 1).containsEntry("attempt", 1));

		for (int i = 2; i <= 100; i++) {
			// the claimer reads it while it is being replaced
			JobHandle<Object> claimed = replaceable(node, i).enqueue();
			JobHandle<Object> replacement = replaceable(node, 1000 + i).enqueue();

			int last = replacement.isDuplicate() ? i : 1000 + i;
			await(() -> assertThat(stored(node, replacement.id())).containsEntry("state", "succeeded")
				.containsEntry("params", List.of(last))
				.containsEntry("result", last));
			await(() -> assertThat(stored(node, claimed.id())).containsEntry("state", "succeeded"));
		}
	}

	@Test
	void functionSaysWhatMakesItsJobsUnique() {
		LocalNode node = start();

		JobHandle<Object> first = node.queue().job("unique", 7).delay(Duration.ofHours(1)).enqueue();
		JobHandle<Object> second = node.queue()
			.enqueue(LocalNode.Functions.class, (functions) -> functions.unique(7, nothing()));
		JobHandle<Object> other = node.queue().job("unique").kwarg("order", 8).delay(Duration.ofHours(1)).enqueue();
		JobHandle<Object> own = node.queue().job("unique", 7).uniqueKey("mine").delay(Duration.ofHours(1)).enqueue();

		assertThat(stored(node, first.id())).containsEntry("unique_key", "unique:7");
		assertThat(second.id()).isEqualTo(first.id());
		assertThat(second.isDuplicate()).isTrue();
		assertThat(stored(node, other.id())).containsEntry("unique_key", "unique:8");
		assertThat(stored(node, own.id())).containsEntry("unique_key", "mine");
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return null;
	}

	private static JobBuilder replaceable(LocalNode node, int number) {
		return node.queue().job("unique", number).uniqueKey("replaced").onDuplicate(OnDuplicate.REPLACE);
	}

	private LocalNode start(String... properties) {
		LocalNode node = LocalNode.start(server.uri(), properties);
		this.nodes.add(node);
		return node;
	}

	private static void assertFree(LocalNode node, String id, String key, String state) {
		assertThat(stored(node, id)).containsEntry("state", state)
			.containsEntry("ended_key", key)
			.doesNotContainKey("unique_key");
	}

	private static Document stored(LocalNode node, String id) {
		Object stored = ObjectId.isValid(id) ? new ObjectId(id) : id;
		return Objects.requireNonNullElseGet(node.database().jobs().find(Filters.eq("_id", stored)).first(),
				Document::new);
	}

	private static Document running(String id, String worker, String claim) {
		return document(id, "running").append("worker", worker)
			.append("claim", claim)
			.append("claimed_at", Date.from(Instant.now()))
			.append("attempt", 1);
	}

	private static Document document(String id, String state) {
		return PendingJob.of(id, Date.from(Instant.now())).append("state", state).append("unique_key", id);
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(10))
			.untilAsserted(condition);
	}

}
