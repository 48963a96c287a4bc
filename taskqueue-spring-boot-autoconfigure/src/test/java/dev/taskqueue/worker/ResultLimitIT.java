package dev.taskqueue.worker;

import java.time.Duration;
import java.util.List;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.Job;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobError;
import dev.taskqueue.JobLogLine;
import dev.taskqueue.JobState;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The limit is 100,000 bytes here. */
class ResultLimitIT {

	private final TestWorker<Functions> worker = new TestWorker<>(MongoServer.uri(), Functions.class);

	@AfterEach
	void stop() {
		this.worker.close();
	}

	@Test
	void largerResultFailsTheJobAtOnceAndSaysWhatToDo() {
		this.worker.insert(new Document("_id", "a").append("function", "give").append("params", List.of(150_000)));

		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.FAILED));
		Job job = this.worker.job("a");
		JobError error = job.error();
		assertThat(error).isNotNull();
		assertThat(job.error()).extracting(JobError::reason).isEqualTo(JobError.Reason.UNREADABLE);
		assertThat(job.error()).extracting(JobError::message)
			.asString()
			.contains("The result takes 1500", "100000", "taskqueue.job.max-result-size", "return a reference");
		assertThat(job.attempt()).as("no attempt follows: it would give the same").isEqualTo(1);
	}

	@Test
	void nothingOfTheJobIsLostWithTheResult() {
		this.worker.insert(new Document("_id", "a").append("function", "give").append("params", List.of(150_000)));

		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.FAILED));
		Job job = this.worker.job("a");
		assertThat(job.result()).as("not a part of it").isNull();
		assertThat(job.params()).containsExactly(150_000);
		assertThat(job.log()).extracting(JobLogLine::message).containsExactly("made 150000");
		assertThat(this.worker.document("a")).containsKeys("finished_at", "delete_at");
	}

	@Test
	void resultWithinTheLimitIsStoredWhole() {
		this.worker.insert(new Document("_id", "a").append("function", "give").append("params", List.of(99_900)));

		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.SUCCEEDED));
		assertThat(this.worker.job("a").result()).asString().hasSize(99_900);
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20)).untilAsserted(condition);
	}

	static class Functions {

		@AsyncJob("give")
		public String give(int size, JobContext job) {
			job.log("made " + size);
			return "x".repeat(size);
		}

	}

}
