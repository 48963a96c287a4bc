package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.CreateCollectionOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import dev.taskqueue.JobHandle;
import dev.taskqueue.testsupport.OneServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.BsonString;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a job costs the server: trips, documents read, keys written. Counts, and no times,
 * so that they hold on any machine. Who makes one of them larger makes the queue slower.
 */
@Tag("outage")
class JobCostIT {

	private static final int JOBS = 5000;

	@RegisterExtension
	private static final OneServer server = new OneServer();

	/** The commands on the jobs. */
	private final List<String> commands = new CopyOnWriteArrayList<>();

	/** Those of them for which the server keeps a record, in case they are repeated. */
	private final List<String> retryable = new CopyOnWriteArrayList<>();

	@SuppressWarnings("NullAway.Init")
	private LocalNode node;

	@AfterEach
	void close() {
		database().runCommand(new Document("profile", 0));
		database().drop();
		this.node.close();
	}

	@Test
	void jobOfAnIdleNodeIsTwoTripsAndFourKeysAndNoRetryableWrite() {
		start();
		await(() -> {
			this.commands.clear();
			this.retryable.clear();
			profile();
			JobHandle<Object> job = this.node.queue().enqueue("count");
			await(() -> assertThat(state(job.id())).isEqualTo("succeeded"));
			assertThat(this.commands).containsExactly("insert", "update");
			assertThat(this.retryable).isEmpty();
			// the id and the worker; the worker goes, and the end of retention comes
			assertThat(sum("keysInserted")).isEqualTo(3);
			assertThat(sum("keysDeleted")).isEqualTo(1);
		});
	}

	@Test
	void jobOfAnotherProgramIsClaimedWithoutALookForIt() {
		start();
		await(() -> {
			this.commands.clear();
			ObjectId id = new ObjectId();
			database().getCollection("taskqueue_jobs")
				.insertOne(PendingJob.of(0, Date.from(Instant.now().minusSeconds(1))).append("_id", id));
			await(() -> assertThat(state(id.toHexString())).isEqualTo("succeeded"));
			assertThat(this.commands).containsExactly("insert", "update", "update");
		});
	}

	@Test
	void burstOfAnotherProgramIsRunOnce() {
		start();
		Date due = Date.from(Instant.now().minusSeconds(1));
		for (int burst = 0; burst < 20; burst++) {
			int first = burst * 100;
			database().getCollection("taskqueue_jobs")
				.insertMany(
						IntStream.range(first, first + 1 + burst * 5).mapToObj((i) -> PendingJob.of(i, due)).toList());
			await(() -> assertThat(
					database().getCollection("taskqueue_jobs").countDocuments(Filters.ne("state", "succeeded")))
				.isZero());
		}

		assertThat(database().getCollection("taskqueue_jobs").countDocuments(Filters.ne("attempt", 1))).isZero();
	}

	@Test
	void jobThatWaitedIsSixKeysAndAFewThousandthsOfATrip() {
		start();
		this.commands.clear();
		profile();
		Date now = Date.from(Instant.now());
		database().getCollection("taskqueue_jobs")
			.insertMany(IntStream.range(0, JOBS).mapToObj((i) -> PendingJob.of(i, now)).toList());

		await(() -> assertThat(
				database().getCollection("taskqueue_jobs").countDocuments(Filters.eq("state", "succeeded")))
			.isEqualTo(JOBS));

		assertThat(sum("keysInserted")).isEqualTo(4L * JOBS);
		assertThat(sum("keysDeleted")).isEqualTo(2L * JOBS);
		assertThat(sum("docsExamined", new Document("op", "update"))).isEqualTo(2L * JOBS);
		// in batches of all that is free at first, and of hundreds soon
		assertThat(this.commands).hasSizeLessThan(JOBS / 10);
	}

	@Test
	void claimReadsNothingThatItDoesNotTake() {
		start();
		Date later = Date.from(Instant.now().plus(Duration.ofDays(1)));
		List<Document> crowd = new ArrayList<>();
		for (int i = 0; i < JOBS; i++) {
			crowd.add(PendingJob.of(i, later));
			crowd.add(PendingJob.of(JOBS + i, later).append("state", "succeeded"));
			crowd.add(PendingJob.of(2 * JOBS + i, Date.from(Instant.now())).append("function", "of-others"));
		}
		database().getCollection("taskqueue_jobs").insertMany(crowd);
		profile();
		Date now = Date.from(Instant.now());
		database().getCollection("taskqueue_jobs")
			.insertMany(IntStream.range(0, 1000)
				// too large to be told of, so they are looked for
				.mapToObj((i) -> PendingJob.of(3 * JOBS + i, now).append("note", "x".repeat(3000)))
				.toList());

		await(() -> assertThat(database().getCollection("taskqueue_jobs")
			.countDocuments(Filters.and(Filters.eq("state", "succeeded"), Filters.gte("_id", 3 * JOBS))))
			.isEqualTo(1000));

		Document claims = new Document("command.sort.priority", -1).append("command.sort.queue",
				new Document("$exists", false));
		assertThat(sum("nreturned", claims)).isGreaterThanOrEqualTo(1000);
		assertThat(sum("docsExamined", claims)).isEqualTo(sum("nreturned", claims));
	}

	private void start() {
		this.node = LocalNode.start(server.uri(), new CommandListener() {

			@Override
			public void commandStarted(CommandStartedEvent event) {
				String name = event.getCommandName();
				if (event.getCommand().get(name) instanceof BsonString collection
						&& collection.getValue().equals("taskqueue_jobs") && isOfAJob(event)) {
					JobCostIT.this.commands.add(name);
					if (event.getCommand().containsKey("txnNumber")) {
						JobCostIT.this.retryable.add(name);
					}
				}
			}

		}, "taskqueue.crontab.enabled=false", "taskqueue.worker.lease=30s");
	}

	/** Not the looks that are taken from time to time, whether there is a job or not. */
	private static boolean isOfAJob(CommandStartedEvent event) {
		return event.getCommandName().equals("insert") || event.getCommandName().equals("update")
				|| event.getCommand().toJson().contains("\"priority\": -1");
	}

	private MongoDatabase database() {
		return this.node.client().getDatabase("outages");
	}

	private void profile() {
		database().runCommand(new Document("profile", 0));
		database().getCollection("system.profile").drop();
		database().createCollection("system.profile",
				new CreateCollectionOptions().capped(true).sizeInBytes(64L * 1024 * 1024));
		// the filter counts with level 1 only: with 2 the worker's beat is recorded too
		database()
			.runCommand(new Document("profile", 1).append("filter", new Document("ns", "outages.taskqueue_jobs")));
	}

	private long sum(String figure) {
		return sum(figure, new Document());
	}

	private long sum(String figure, Document where) {
		long sum = 0;
		for (Document operation : database().getCollection("system.profile").find(where)) {
			sum += (operation.get(figure) instanceof Number number) ? number.longValue() : 0;
		}
		return sum;
	}

	private String state(String id) {
		Document job = database().getCollection("taskqueue_jobs").find(Filters.eq("_id", new ObjectId(id))).first();
		return (job != null) ? job.getString("state") : "";
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(condition);
	}

}
