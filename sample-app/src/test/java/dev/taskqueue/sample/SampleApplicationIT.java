package dev.taskqueue.sample;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import dev.taskqueue.Job;
import dev.taskqueue.JobLogLine;
import dev.taskqueue.JobProgress;
import dev.taskqueue.JobResult;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueue;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.data.mongodb.core.MongoTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The way of the README's first command, on the embedded server.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class SampleApplicationIT {

	private static final Duration LONG = Duration.ofSeconds(90);

	@Autowired
	private MongoTemplate mongo;

	@Autowired
	private TaskQueue taskQueue;

	@Autowired
	private SampleRows rows;

	@Autowired
	private SampleJobs jobs;

	@Autowired
	private ReportJobs reports;

	@Autowired
	private ImportJobs imports;

	@Autowired
	private DigestJobs digests;

	@Test
	void rowThatIsDueRunsOnceAndKeepsTheRest() {
		ObjectId id = this.rows.ids().get(0);

		Document row = await().atMost(LONG)
			.until(() -> this.mongo.findById(id, Document.class, SampleRows.COLLECTION),
					(found) -> found != null && found.getBoolean("is_done"));

		assertThat(row).containsEntry("name", "SQL run").containsEntry("x_id", "42");
		assertThat(row.getLong("update_at")).isGreaterThanOrEqualTo(row.getLong("create_at"));
		String jobId = row.getString("job_id");
		await().atMost(LONG)
			.untilAsserted(() -> assertThat(this.taskQueue.find(jobId)).get()
				.satisfies((job) -> assertThat(job.state()).isEqualTo(JobState.SUCCEEDED)));
	}

	@Test
	void rowThatIsInsertedLateRunsAtOnce() {
		long time = Instant.now().getEpochSecond() - 60;
		Document late = new Document("name", "late").append("function", "sql_execute_now")
			.append("params", List.of("app", "42", 3))
			.append("time", time)
			.append("is_done", false);
		ObjectId id = this.mongo.insert(late, SampleRows.COLLECTION).getObjectId("_id");

		await().atMost(LONG)
			.untilAsserted(() -> assertThat(this.mongo.findById(id, Document.class, SampleRows.COLLECTION))
				.containsEntry("is_done", true));
	}

	@Test
	void recurringRowRunsAgainAndTellsItsNextTimes() {
		ObjectId id = this.rows.ids().get(3);

		Document row = await().atMost(LONG)
			.until(() -> this.mongo.findById(id, Document.class, SampleRows.COLLECTION),
					(found) -> found != null && found.containsKey("last_time"));

		assertThat(row).containsEntry("is_done", false);
		assertThat(row.getLong("time")).isGreaterThan(row.getLong("last_time"));
		assertThat(row.get("next", Document.class).getList("times", Object.class)).isNotEmpty();
	}

	@Test
	void rowWithAMistakeSaysSo() {
		ObjectId id = this.rows.ids().get(2);

		Document row = await().atMost(LONG)
			.until(() -> this.mongo.findById(id, Document.class, SampleRows.COLLECTION),
					(found) -> found != null && found.containsKey("error"));

		assertThat(row).containsEntry("is_done", false);
		assertThat(row.get("error", Document.class).getString("message")).contains("three");
	}

	@Test
	void reportTellsItsProgressAndKeepsItsLog() {
		await().atMost(LONG)
			.untilAsserted(() -> assertThat(this.taskQueue.handle(this.reports.reportId()).result())
				.contains(new JobResult<>("5 pages")));

		assertThat(this.taskQueue.find(this.reports.reportId())).get().satisfies((job) -> {
			assertThat(job.progress()).isEqualTo(new JobProgress(100, "5 of 5 pages"));
			assertThat(job.log()).extracting(JobLogLine::message).containsExactly("the report has 5 pages");
			// as the interceptor of submits made it
			assertThat(job.priority()).isEqualTo(-1);
		});
	}

	@Test
	void oneReportIsMadeAtATime() {
		Instant large = finished(this.reports.reportId());
		Instant small = finished(this.reports.nextReportId());

		// each begins when the other has ended, whichever came first: 2 s and 0.4 s
		assertThat(small.isAfter(large.plusMillis(390)) || large.isAfter(small.plusMillis(1990))).isTrue();
	}

	private Instant finished(String id) {
		return await().atMost(LONG)
			.until(() -> this.taskQueue.find(id).map(Job::finishedAt).orElse(null), (at) -> at != null);
	}

	@Test
	void methodThatSaysWhenItRunsIsARowAndRuns() {
		Document row = await().atMost(LONG)
			.until(() -> this.mongo.findById("periodic:count_rows", Document.class, SampleRows.COLLECTION),
					(found) -> found != null && found.containsKey("job_id"));

		assertThat(row).containsEntry("source", "code").containsEntry("every", "10s");
		await().atMost(LONG)
			.untilAsserted(() -> assertThat(this.taskQueue.find(row.getString("job_id"))).get()
				.satisfies((job) -> assertThat(job.state()).isEqualTo(JobState.SUCCEEDED)));
	}

	@Test
	void jobIsCancelledWhileItRunsOneIsHeldAndOneIsRevoked() {
		await().atMost(LONG)
			.untilAsserted(() -> assertThat(this.taskQueue.handle(this.imports.heldId()).result())
				.contains(new JobResult<>("held.csv")));

		await().atMost(LONG).untilAsserted(() -> {
			assertThat(this.taskQueue.handle(this.imports.cancelledId()).state()).isEqualTo(JobState.CANCELLED);
			assertThat(this.taskQueue.handle(this.imports.revokedId()).state()).isEqualTo(JobState.CANCELLED);
		});
		assertThat(this.taskQueue.find(this.imports.cancelledId())).get()
			.satisfies((job) -> assertThat(job.attempt()).isOne());
		assertThat(this.taskQueue.isRevoked("import_old_file")).isTrue();
	}

	@Test
	void jobOfThePropertiesIsARowThatWaitsForItsTime() {
		await().atMost(LONG)
			.untilAsserted(() -> assertThat(
					this.mongo.findById("periodic:morning-mail", Document.class, SampleRows.COLLECTION))
				.containsEntry("source", "properties")
				.containsEntry("function", "send_mail")
				.containsEntry("params", List.of("you@example.com", "good morning"))
				.containsKey("next"));
	}

	@Test
	void periodicJobsOfABeanOfTheFileAndThoseAddedAtRunTimeAreRowsToo() throws Exception {
		Map<String, String> sources = Map.of("digest-news", "api", "digest-sport", "provider:subscriptions",
				"digest-music", "provider:subscriptions", "digest-weather", "file", "send_digest", "file");

		await().atMost(LONG)
			.untilAsserted(() -> assertThat(sources).allSatisfy((name,
					source) -> assertThat(
							this.mongo.findById("periodic:" + name, Document.class, SampleRows.COLLECTION))
						.containsEntry("source", source)
						.containsEntry("function", "send_digest")
						.containsKey("next")));
		assertThat(this.taskQueue.handle(this.digests.newsId()).await(LONG)).isEqualTo("digest of news");
	}

	@Test
	void submittedJobsRunTheRetriedOneToo() {
		assertThat(this.jobs.handles()).hasSize(8).allSatisfy((handle) -> {
			assertThat(handle.await(LONG)).isInstanceOf(String.class);
		});
	}

}
