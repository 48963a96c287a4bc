package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.CrashPoints;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An error of the JVM in each of our loops, thrown where it next talks to the server: the
 * loop goes on, says it once, and nothing that it had in its hands is lost.
 */
@Tag("outage")
@ExtendWith(OutputCaptureExtension.class)
class LoopErrorsIT {

	private static final Duration SOON = Duration.ofSeconds(30);

	private static final Bson OPEN = Filters.in("state", "pending", "running");

	private static final Errors errors = new Errors();

	@SuppressWarnings("NullAway.Init")
	private static OwnMongoServer server;

	@SuppressWarnings("NullAway.Init")
	private static MongoClient client;

	@SuppressWarnings("NullAway.Init")
	private static LocalNode node;

	@BeforeAll
	static void start() {
		server = MongoServer.startOwn(true);
		client = MongoClients.create(server.uri());
		node = LocalNode.start(server.uri(), errors);
	}

	@AfterAll
	static void stop() {
		node.close();
		client.close();
		server.close();
	}

	@ParameterizedTest
	@CsvSource({ "taskqueue-claimer, 3, claiming jobs", "taskqueue-finisher, 3, writing how jobs ended",
			"taskqueue-heartbeat, 3, the heart-beat", "taskqueue-recovery, 3, recovering jobs of lost workers",
			"taskqueue-crontab, 3, turning rows of the crontab into jobs", "taskqueue-stream, 3, watching jobs",
			"taskqueue-crontab-watch, 3, watching the crontab",
			"taskqueue-expiry, 2, ending jobs that were not started in time",
			"taskqueue-locks, 3, handing on locks of jobs" })
	void loopGoesOnAfterAnError(String thread, int times, String what, CapturedOutput output) {
		Set<String> threads = ours();
		assertThat(threads).contains(thread);

		errors.in(thread, times);
		List<JobHandle<Object>> jobs = IntStream.range(0, 50).mapToObj((i) -> node.queue().enqueue("count")).toList();
		// jobs that may expire are looked for when there is one
		JobHandle<Object> unknown = node.queue().job("nobody-has-it").expiresIn(Duration.ofMillis(1)).enqueue();
		Document row = new Document("name", thread).append("function", "count")
			.append("params", List.of())
			.append("time", Instant.now().getEpochSecond())
			.append("is_done", false);
		rows().insertOne(row);

		await().atMost(SOON).until(errors::isOver);
		await().atMost(SOON)
			.untilAsserted(() -> assertThat(jobs).allMatch((job) -> job.find().orElseThrow().state().isEnd()));
		await().atMost(SOON).until(() -> unknown.find().orElseThrow().state() == JobState.EXPIRED);
		await().atMost(SOON)
			.until(() -> rows().countDocuments(new Document("name", thread).append("is_done", true)) == 1);
		await().atMost(SOON).until(() -> node.isUp() && !node.health().getDetails().containsKey("errors"));
		assertThat(jobs).allMatch((job) -> node.functions().ends(job.id()) == 1);
		assertThat(ours()).containsAll(threads);
		NodeLog log = new NodeLog(output);
		assertThat(log.count("An error in " + what)).isOne();
		// the driver makes an exception of its own of an error in a stream that is open,
		// and of one in closing that nothing
		assertThat(log.ofOutages()).hasSizeLessThanOrEqualTo(2);
		assertThat(log.trouble()).hasSize(1);
	}

	@ParameterizedTest
	@EnumSource(names = { "CLAIM_REGISTERED", "CLAIM_WRITTEN", "CLAIM_TAKEN", "FINISH_GATHERED", "FINISH_WRITTEN",
			"ROW_READ", "ROW_JOBS_INSERTED", "ROW_MARKED" })
	void anErrorBetweenTwoWritesCostsNeitherJobNorSlot(CrashPoint struck) {
		AtomicInteger left = new AtomicInteger(2);
		CrashPoints.set((point) -> {
			if (point == struck && left.getAndDecrement() > 0) {
				throw new StackOverflowError("Made by the test at " + point);
			}
		});
		List<JobHandle<Object>> jobs = IntStream.range(0, 50).mapToObj((i) -> node.queue().enqueue("count")).toList();
		rows().insertMany(IntStream.range(0, 20)
			.mapToObj((i) -> new Document("name", struck.name()).append("function", "count")
				.append("params", List.of())
				.append("time", Instant.now().getEpochSecond())
				.append("is_done", false))
			.toList());

		await().atMost(SOON)
			.untilAsserted(() -> assertThat(jobs).allMatch((job) -> job.find().orElseThrow().state().isEnd()));
		await().atMost(SOON)
			.until(() -> rows().countDocuments(new Document("name", struck.name()).append("is_done", true)) == 20);
		await().atMost(SOON).untilAsserted(() -> assertThat(node.database().jobs().countDocuments(OPEN)).isZero());
		CrashPoints.clear();
		assertThat(left.get()).as("errors left of two").isLessThan(2);
		assertThat(jobs).allMatch((job) -> node.functions().ends(job.id()) == 1);
		await().atMost(SOON).untilAsserted(() -> assertThat(node.health().getDetails()).containsEntry("running", 0));
	}

	private static MongoCollection<Document> rows() {
		return client.getDatabase("outages").getCollection("crontab_jobs");
	}

	/** The loops; threads of attempts have the name of their queue while they run one. */
	private static Set<String> ours() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map(Thread::getName)
			.filter((name) -> name.startsWith("taskqueue-") && !name.startsWith("taskqueue-default")
					&& !name.startsWith("taskqueue-attempt"))
			.collect(Collectors.toSet());
	}

	/** The driver lets an error of a listener through to whoever sends the command. */
	private static final class Errors implements CommandListener {

		private final AtomicInteger left = new AtomicInteger();

		private volatile String thread = "";

		void in(String thread, int times) {
			this.thread = thread;
			this.left.set(times);
		}

		boolean isOver() {
			return this.left.get() <= 0;
		}

		@Override
		public void commandStarted(CommandStartedEvent event) {
			if (Thread.currentThread().getName().equals(this.thread) && this.left.getAndDecrement() > 0) {
				throw new StackOverflowError("Made by the test at " + event.getCommandName());
			}
		}

	}

}
