package dev.taskqueue.worker;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.Job;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobLogLine;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobState;
import dev.taskqueue.client.JobQueries;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class JobLogIT {

	private final TestWorker<Functions> worker = new TestWorker<>(MongoServer.uri(), Functions.class);

	private final Functions functions = this.worker.functions();

	@AfterEach
	void stop() {
		this.functions.gate.countDown();
		this.worker.close();
	}

	@Test
	void linesAreThereWhileTheJobRuns() {
		this.worker.insert("a", "log_and_wait");

		await(() -> assertThat(lines("a")).containsExactly("first", "second"));
		assertThat(this.worker.job("a").state()).isEqualTo(JobState.RUNNING);
		assertThat(this.worker.job("a").log()).allSatisfy((line) -> {
			assertThat(line.level()).isEqualTo("info");
			assertThat(line.at()).isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
		});
		assertThat(this.worker.document("a").getList("log", Document.class).get(0)).containsOnlyKeys("at", "level",
				"message");
	}

	@Test
	void linesOfAllAttemptsAreKeptInOrder() {
		this.worker.insert("a", "log_and_fail_twice");

		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.SUCCEEDED));
		assertThat(lines("a")).containsExactly("attempt 1", "attempt 2", "attempt 3");
	}

	@Test
	void lastLineIsThereHoweverTheAttemptEnds() {
		this.worker.insert(new Document("_id", "late").append("function", "log_and_wait")
			.append("timeout_ms", 300L)
			.append("max_attempts", 1));
		this.worker.insert("dead", "log_and_fail");

		await(() -> assertThat(this.worker.job("dead").state()).isEqualTo(JobState.FAILED));
		await(() -> assertThat(this.worker.job("late").state()).isEqualTo(JobState.FAILED));
		assertThat(lines("dead")).containsExactly("going down");
		assertThat(lines("late")).containsExactly("first", "second");
	}

	@Test
	void linesOfAnAttemptThatTheWorkersEndInterruptsAreKept() {
		this.worker.insert("a", "log_when_interrupted");
		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.RUNNING));
		await(() -> assertThat(this.functions.begun.getCount()).isZero());

		this.worker.stop();

		assertThat(this.worker.job("a").state()).isEqualTo(JobState.PENDING);
		assertThat(lines("a")).containsExactly("interrupted");
	}

	@Test
	void lastHundredLinesAreKept() {
		this.worker.insert("a", "log_much");

		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.SUCCEEDED));
		assertThat(lines("a")).hasSize(100).startsWith("line 900").endsWith("line 999");
	}

	@Test
	void longLinesAreCutAndAllTogetherStaySmall() {
		this.worker.insert("a", "log_long_lines");

		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.SUCCEEDED));
		List<String> lines = lines("a");
		assertThat(lines).hasSizeBetween(5, 20).allSatisfy((line) -> assertThat(line).hasSize(2048).endsWith("…"));
		assertThat(lines.get(lines.size() - 1)).startsWith("49");
	}

	@Test
	void whatOtherProgramsCallALogIsReplacedByOurs() {
		this.worker.insert(new Document("_id", "a").append("function", "log_and_fail_twice")
			.append("max_attempts", 3)
			.append("log", List.of("theirs", new Document("message", 5),
					new Document("at", Date.from(Instant.EPOCH)).append("message", "kept"))));
		this.worker.insert(new Document("_id", "b").append("function", "log_and_fail").append("log", "a text"));

		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.SUCCEEDED));
		assertThat(lines("a")).containsExactly("kept", "attempt 1", "attempt 2", "attempt 3");
		await(() -> assertThat(lines("b")).containsExactly("going down"));
	}

	@Test
	void listsOfJobsHaveNoLines() {
		this.worker.insert("a", "log_and_fail");
		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.FAILED));
		JobQueries queries = new JobQueries(this.worker.database(), Clock.systemUTC());

		assertThat(queries.find("a")).map(Job::log).hasValueSatisfying((log) -> assertThat(log).hasSize(1));
		assertThat(queries.list(JobQuery.all(), 10, null)).hasSize(1)
			.allSatisfy((job) -> assertThat(job.log()).isEmpty());
	}

	private List<String> lines(String id) {
		return this.worker.job(id).log().stream().map(JobLogLine::message).toList();
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20)).untilAsserted(condition);
	}

	static class Functions {

		final CountDownLatch gate = new CountDownLatch(1);

		final CountDownLatch begun = new CountDownLatch(1);

		@AsyncJob("log_and_wait")
		public void logAndWait(JobContext job) throws InterruptedException {
			job.log("first");
			job.log("second");
			assertThat(this.gate.await(20, TimeUnit.SECONDS)).isTrue();
		}

		@AsyncJob("log_and_fail_twice")
		public void logAndFailTwice(JobContext job) {
			job.log("attempt " + job.attempt());
			if (job.attempt() < 3) {
				throw new IllegalStateException("no");
			}
		}

		@AsyncJob(name = "log_and_fail", maxAttempts = 1)
		public void logAndFail(JobContext job) {
			job.log("going down");
			throw new IllegalStateException("no");
		}

		@AsyncJob("log_when_interrupted")
		public void logWhenInterrupted(JobContext job) throws InterruptedException {
			try {
				this.begun.countDown();
				new CountDownLatch(1).await();
			}
			finally {
				job.log("interrupted");
			}
		}

		@AsyncJob("log_much")
		public void logMuch(JobContext job) {
			for (int i = 0; i < 1000; i++) {
				job.log("line " + i);
			}
		}

		@AsyncJob("log_long_lines")
		public void logLongLines(JobContext job) {
			for (int i = 0; i < 50; i++) {
				job.log(i + "é".repeat(5000));
			}
		}

	}

}
