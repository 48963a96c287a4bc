package dev.taskqueue.worker;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobProgress;
import dev.taskqueue.JobState;
import dev.taskqueue.testsupport.OneServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * On a server of its own, which is told to fail; the driver does not try again itself.
 */
@ExtendWith(OutputCaptureExtension.class)
class ProgressIT {

	@RegisterExtension
	private static final OneServer server = new OneServer();

	private final TestWorker<Functions> worker = new TestWorker<>(
			server.uri() + (server.uri().contains("?") ? "&" : "?") + "retryWrites=false", Functions.class);

	private final Functions functions = this.worker.functions();

	@AfterEach
	void stop() {
		this.functions.gate.countDown();
		this.worker.close();
	}

	@Test
	void isShownWhileTheJobRuns() {
		this.worker.insert("a", "report");

		await(() -> assertThat(this.worker.job("a").progress()).isEqualTo(new JobProgress(40, "of 100 mails")));
		assertThat(this.worker.document("a")).containsEntry("state", "running")
			.containsEntry("progress", new Document("percent", 40).append("message", "of 100 mails"));
	}

	@Test
	void isCappedAndKeepsItsMessageUntilAnotherIsGiven() {
		this.worker.insert("a", "run_over");

		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.SUCCEEDED));
		assertThat(this.worker.job("a").progress()).isEqualTo(new JobProgress(100, "x".repeat(499) + "…"));
		assertThat(this.functions.seen).isTrue();
	}

	@Test
	void lastValueIsThereWithTheOutcomeAndCostsNoWriteOfItsOwn() {
		this.worker.insert("a", "report_and_return");
		this.worker.insert("b", "report_and_fail");

		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.SUCCEEDED));
		assertThat(this.worker.job("a").progress()).isEqualTo(new JobProgress(99, "nearly"));
		await(() -> assertThat(this.worker.job("b").state()).isEqualTo(JobState.FAILED));
		assertThat(this.worker.job("b").progress()).isEqualTo(new JobProgress(7, null));
	}

	@Test
	void tightLoopCostsAFewWritesASecondAndItsLastValueIsStored() {
		this.worker.insert("a", "count_to_a_million");

		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.SUCCEEDED));
		assertThat(this.worker.job("a").progress()).isEqualTo(new JobProgress(100, "999999"));
		long seconds = Duration.ofNanos(this.functions.took).toSeconds() + 1;
		assertThat(this.worker.updates.stream().filter((update) -> update.contains("\"progress\"")))
			.hasSizeLessThanOrEqualTo((int) (4 * seconds + 2));
	}

	@Test
	void nextAttemptBeginsAtZero() {
		this.worker.insert("a", "report_and_fail_once");

		await(() -> assertThat(this.worker.document("a")).containsEntry("attempt", 2)
			.containsEntry("state", "running")
			.containsEntry("progress", new Document("percent", 0)));
		this.functions.gate.countDown();
		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.SUCCEEDED));
		assertThat(this.worker.job("a").progress()).isEqualTo(new JobProgress(0, null));
	}

	@Test
	void isNotWrittenAfterTheOutcome() {
		this.worker.insert("a", "report_and_return");
		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.SUCCEEDED));
		JobContext ended = this.functions.context();
		this.worker.updates.clear();

		ended.progress(50, "too late");
		ended.log("too late");

		stays(() -> {
			assertThat(this.worker.job("a").progress()).isEqualTo(new JobProgress(99, "nearly"));
			assertThat(this.worker.job("a").log()).isEmpty();
			assertThat(this.worker.updates).noneMatch((update) -> update.contains("too late"));
		});
	}

	@Test
	void isNotWrittenWhereAnotherHoldsTheJob() {
		this.worker.insert("a", "report");
		await(() -> assertThat(this.worker.job("a").progress()).isNotNull());
		this.worker.update("a", new Document("$set", new Document("claim", "another")));

		this.functions.context().progress(90, "fenced");

		await(() -> assertThat(this.worker.updates).anyMatch((update) -> update.contains("fenced")));
		stays(() -> assertThat(this.worker.job("a").progress()).isEqualTo(new JobProgress(40, "of 100 mails")));
	}

	@Test
	void isTriedAgainAfterAnOutageWhichIsSaidOnce(CapturedOutput output) {
		this.worker.insert("a", "report");
		await(() -> assertThat(this.worker.job("a").progress()).isNotNull());
		fail(this.worker.database().jobs().getNamespace().getFullName(), 2);

		this.functions.context().progress(60, "after the outage");

		await(() -> assertThat(this.worker.job("a").progress()).isEqualTo(new JobProgress(60, "after the outage")));
		assertThat(output.toString().split("Progress and log lines of running jobs cannot be written", -1)).hasSize(2);
		this.functions.gate.countDown();
		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.SUCCEEDED));
	}

	@Test
	void refusalByTheServerFailsNoJobAndIsSaidOnce(CapturedOutput output) {
		this.worker.database()
			.database()
			.runCommand(new Document("collMod", "taskqueue_jobs").append("validator",
					Document.parse("{progress: {$exists: false}, log: {$exists: false}}")));

		this.worker.insert("a", "report");
		this.worker.insert("b", "report_and_return");

		await(() -> assertThat(output.toString()).contains("Progress and log lines of running jobs cannot be written"));
		this.functions.context().progress(70);
		this.functions.gate.countDown();
		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.SUCCEEDED));
		await(() -> assertThat(this.worker.job("b").state()).isEqualTo(JobState.SUCCEEDED));
		assertThat(output.toString().split("Progress and log lines of running jobs cannot be written", -1)).hasSize(2);
	}

	@Test
	void jobThatSaysNothingHasNoneAndIsWrittenAsBefore() {
		this.worker.insert("a", "silent");

		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.SUCCEEDED));
		assertThat(this.worker.document("a")).doesNotContainKeys("progress", "log");
		assertThat(this.worker.job("a").progress()).isNull();
	}

	private static void fail(String namespace, int times) {
		try (MongoClient client = MongoClients.create(server.uri())) {
			client.getDatabase("admin")
				.runCommand(new Document("configureFailPoint", "failCommand")
					.append("mode", new Document("times", times))
					.append("data", new Document("failCommands", List.of("update")).append("namespace", namespace)
						.append("closeConnection", true)));
		}
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20)).untilAsserted(condition);
	}

	private static void stays(ThrowingRunnable condition) {
		Awaitility.await()
			.during(Duration.ofMillis(700))
			.atMost(Duration.ofSeconds(5))
			.pollInterval(Duration.ofMillis(50))
			.untilAsserted(condition);
	}

	static class Functions {

		final CountDownLatch gate = new CountDownLatch(1);

		private volatile @Nullable JobContext context;

		volatile boolean seen;

		volatile long took;

		JobContext context() {
			JobContext known = this.context;
			assertThat(known).isNotNull();
			return Objects.requireNonNull(known);
		}

		@AsyncJob("report")
		public void report(JobContext job) throws InterruptedException {
			job.progress(40, "of 100 mails");
			this.context = job;
			assertThat(this.gate.await(20, TimeUnit.SECONDS)).isTrue();
		}

		@AsyncJob("run_over")
		public void runOver(JobContext job) {
			job.progress(-5, "x".repeat(1000));
			job.advance(60);
			job.progress(70);
			job.advance(Integer.MAX_VALUE);
			this.seen = true;
		}

		@AsyncJob("report_and_return")
		public void reportAndReturn(JobContext job) {
			job.progress(98, "nearly");
			job.progress(99);
			if (this.context == null) {
				this.context = job;
			}
		}

		@AsyncJob(name = "report_and_fail", maxAttempts = 1)
		public void reportAndFail(JobContext job) {
			job.progress(7);
			throw new IllegalStateException("no");
		}

		@AsyncJob("report_and_fail_once")
		public void reportAndFailOnce(JobContext job) throws InterruptedException {
			if (job.attempt() == 1) {
				job.progress(80, "nearly");
				throw new IllegalStateException("no");
			}
			assertThat(this.gate.await(20, TimeUnit.SECONDS)).isTrue();
		}

		@AsyncJob("count_to_a_million")
		public void countToAMillion(JobContext job) {
			long start = System.nanoTime();
			for (int i = 0; i < 1_000_000; i++) {
				job.progress(i / 9999, String.valueOf(i));
			}
			this.took = System.nanoTime() - start;
		}

		@AsyncJob("silent")
		public void silent(JobContext job) {
			this.seen = !job.isCancelled();
		}

	}

}
