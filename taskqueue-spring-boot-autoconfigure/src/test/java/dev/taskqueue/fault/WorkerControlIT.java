package dev.taskqueue.fault;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import com.mongodb.client.model.Filters;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandSucceededEvent;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.testsupport.OneServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * A worker that is changed while it runs.
 */
class WorkerControlIT {

	@RegisterExtension
	private static final OneServer server = new OneServer();

	@SuppressWarnings("NullAway.Init")
	private LocalNode node;

	/** Done once the node has found a job, before it claims it. */
	private volatile @Nullable Runnable onFound;

	@BeforeEach
	void start() {
		this.node = LocalNode.start(server.uri(), new CommandListener() {

			@Override
			public void commandSucceeded(CommandSucceededEvent event) {
				Runnable action = WorkerControlIT.this.onFound;
				if (action != null && event.getCommandName().equals("find")
						&& event.getResponse().toJson().contains("\"params\": [\"found\"]")) {
					WorkerControlIT.this.onFound = null;
					action.run();
				}
			}

		}, "taskqueue.worker.concurrency=2");
	}

	@AfterEach
	void close() {
		this.node.functions().release();
		this.node.database().database().drop();
		this.node.close();
	}

	@Test
	void moreSlotsAreUsedAtOnce() {
		enqueue(6);
		await(() -> assertThat(this.node.functions().held()).isEqualTo(2));

		assertThat(this.node.worker().concurrency(5)).isTrue();

		await(() -> assertThat(this.node.functions().held()).isEqualTo(5));
		during(() -> assertThat(this.node.functions().held()).isEqualTo(5));
		assertThat(this.node.worker().concurrency()).isEqualTo(5);
	}

	@Test
	void withFewerSlotsAsManyAttemptsEndFirst() {
		this.node.worker().concurrency(4);
		List<JobHandle<Object>> first = enqueue(4);
		await(() -> assertThat(this.node.functions().held()).isEqualTo(4));
		enqueue(2);

		this.node.worker().concurrency(1);
		first.subList(0, 3).forEach(JobHandle::cancel);

		await(() -> assertThat(running()).isEqualTo(1));
		during(() -> assertThat(this.node.functions().held()).isEqualTo(4));
		first.get(3).cancel();
		await(() -> assertThat(this.node.functions().held()).isEqualTo(5));
		during(() -> assertThat(this.node.functions().held()).isEqualTo(5));
	}

	@Test
	void quietWorkerEndsWhatItRunsAndTakesNothing() {
		JobHandle<Object> running = this.node.queue().enqueue("hold");
		await(() -> assertThat(this.node.functions().held()).isOne());

		assertThat(this.node.worker().quiet(true)).isTrue();
		JobHandle<Object> waits = this.node.queue().enqueue("count");

		during(() -> assertThat(this.node.functions().ends(waits.id())).isZero());
		this.node.functions().release();
		await(() -> assertThat(this.node.functions().ends(running.id())).isOne());
		this.node.worker().quiet(false);
		await(() -> assertThat(this.node.functions().ends(waits.id())).isOne());
	}

	@Test
	void workerThatIsMadeQuietWhileItLooksForJobsDoesNotClaimWhatItFound() {
		this.onFound = () -> this.node.worker().quiet(true);
		// not due when the node is told of it, so that it looks for it later
		JobHandle<Object> job = this.node.queue().job("echo", "found").delay(Duration.ofMillis(500)).enqueue();
		await(() -> assertThat(this.onFound).isNull());

		during(() -> assertThat(job.state()).isEqualTo(JobState.PENDING));
		this.node.worker().quiet(false);
		await(() -> assertThat(job.state()).isEqualTo(JobState.SUCCEEDED));
	}

	@Test
	void numberThatCannotBeMeantIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.node.worker().concurrency(0))
			.withMessageContaining("concurrency is '0'");
	}

	private List<JobHandle<Object>> enqueue(int count) {
		return IntStream.range(0, count).mapToObj((i) -> this.node.queue().enqueue("hold")).toList();
	}

	private long running() {
		return this.node.database().jobs().countDocuments(Filters.eq("state", "running"));
	}

	private static void during(ThrowingRunnable condition) {
		Awaitility.await()
			.during(Duration.ofSeconds(1))
			.atMost(Duration.ofSeconds(5))
			.pollInterval(Duration.ofMillis(50))
			.untilAsserted(condition);
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20)).untilAsserted(condition);
	}

}
