package dev.taskqueue.worker;

import java.time.Clock;
import java.time.Duration;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobState;
import dev.taskqueue.client.JobQueries;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** On a server of its own, which removes what is over each second. */
class RetentionIT {

	@SuppressWarnings("NullAway.Init")
	private static OwnMongoServer server;

	private final TestWorker<Functions> worker = new TestWorker<>(server.uri(), Functions.class);

	@BeforeAll
	static void startServer() {
		server = MongoServer.startOwn("--setParameter", "ttlMonitorSleepSecs=1");
	}

	@AfterAll
	static void stopServer() {
		server.close();
	}

	@AfterEach
	void stop() {
		this.worker.close();
	}

	@Test
	void resultIsKeptForTheTimeOfItsFunctionAndGoesByItself() {
		this.worker.insert("short", "keep_short");
		this.worker.insert("long", "keep_long");

		await(() -> assertThat(this.worker.job("long").state()).isEqualTo(JobState.SUCCEEDED));
		assertThat(kept("long")).isEqualTo(Duration.ofDays(7));
		JobQueries queries = new JobQueries(this.worker.database(), Clock.systemUTC());
		await(() -> assertThat(queries.find("short")).isEmpty());
		assertThat(this.worker.job("long").result()).isEqualTo("long");
	}

	@Test
	void jobThatFailedIsKeptAsAllThatFailed() {
		this.worker.insert("a", "fail");

		await(() -> assertThat(this.worker.job("a").state()).isEqualTo(JobState.FAILED));
		assertThat(kept("a")).isEqualTo(Duration.ofDays(2));
	}

	private Duration kept(String id) {
		Document job = this.worker.document(id);
		return Duration.between(job.getDate("finished_at").toInstant(), job.getDate("delete_at").toInstant());
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20)).untilAsserted(condition);
	}

	static class Functions {

		@AsyncJob(name = "keep_short", retention = "1s")
		public String keepShort() {
			return "short";
		}

		@AsyncJob(name = "keep_long", retention = "7d")
		public String keepLong() {
			return "long";
		}

		@AsyncJob(name = "fail", maxAttempts = 1, retention = "1s")
		public String fail() {
			throw new IllegalStateException("no");
		}

	}

}
