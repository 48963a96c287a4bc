package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.CrashPoints;
import dev.taskqueue.testsupport.OneServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.BsonString;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Jobs that the stream tells of are claimed as they were told: what becomes of them when
 * somebody else has them, or changed them, before the claim is written.
 */
@Tag("outage")
class ToldJobsIT {

	@RegisterExtension
	private static final OneServer server = new OneServer();

	private final List<String> looks = new CopyOnWriteArrayList<>();

	private volatile ObjectId told = new ObjectId();

	@SuppressWarnings("NullAway.Init")
	private LocalNode node;

	@BeforeEach
	void start() {
		this.node = LocalNode.start(server.uri(), new CommandListener() {

			@Override
			public void commandStarted(CommandStartedEvent event) {
				if (event.getCommand().get("find") instanceof BsonString collection
						&& collection.getValue().equals("taskqueue_jobs")
						&& event.getCommand().toJson().contains("\"priority\": -1")) {
					ToldJobsIT.this.looks.add(event.getCommand().toJson());
				}
			}

		}, "taskqueue.crontab.enabled=false", "taskqueue.worker.lease=30s");
	}

	@AfterEach
	void close() {
		CrashPoints.clear();
		this.node.client().getDatabase("outages").drop();
		this.node.close();
	}

	@Test
	void toldJobThatAnotherRanIsNotRunAgain() {
		ObjectId id = insertAndBeforeItIsClaimed((job) -> jobs().updateOne(Filters.eq("_id", job),
				Updates.combine(Updates.set("state", "succeeded"), Updates.set("claim", "of-another"))));

		runOneMore();
		assertThat(this.node.functions().ends(id.toHexString())).isZero();
		assertThat(find(id)).containsEntry("claim", "of-another");
	}

	@Test
	void toldJobThatWasDeletedIsNotRun() {
		ObjectId id = insertAndBeforeItIsClaimed((job) -> jobs().deleteOne(Filters.eq("_id", job)));

		runOneMore();
		assertThat(this.node.functions().ends(id.toHexString())).isZero();
	}

	@Test
	void toldJobThatWasChangedRunsAsItIsNow() {
		ObjectId id = insertAndBeforeItIsClaimed((job) -> jobs().updateOne(Filters.eq("_id", job),
				Updates.combine(Updates.set("priority", 7), Updates.set("claim", new ObjectId().toHexString()))));

		await(() -> assertThat(find(id)).containsEntry("state", "succeeded"));
		assertThat(find(id)).containsEntry("priority", 7).containsEntry("attempt", 1);
		assertThat(this.node.functions().ends(id.toHexString())).isOne();
	}

	@Test
	void toldJobThatWasPutOffWaitsForItsTime() {
		Date later = Date.from(Instant.now().plus(Duration.ofHours(1)));
		ObjectId id = insertAndBeforeItIsClaimed((job) -> jobs().updateOne(Filters.eq("_id", job),
				Updates.combine(Updates.set("run_at", later), Updates.set("claim", new ObjectId().toHexString()))));

		runOneMore();
		assertThat(find(id)).containsEntry("state", "pending").containsEntry("run_at", later);
		assertThat(this.node.functions().ends(id.toHexString())).isZero();
	}

	@Test
	void toldJobOfAQueueThatIsPausedWaits() {
		this.node.queue().pause("default");
		ObjectId id = new ObjectId();
		jobs().insertOne(job(id, "default"));

		runOneMore("other");
		assertThat(find(id)).containsEntry("state", "pending");
		this.node.queue().resume("default");
		await(() -> assertThat(find(id)).containsEntry("state", "succeeded"));
	}

	/** The first claims of a node follow a look; then nobody looks. */
	private ObjectId insertAndBeforeItIsClaimed(Consumer<ObjectId> change) {
		await(() -> {
			List<Integer> looksBefore = new CopyOnWriteArrayList<>();
			CrashPoints.set((point) -> {
				if (point == CrashPoint.CLAIM_REGISTERED && looksBefore.isEmpty()) {
					if (this.looks.isEmpty()) {
						change.accept(this.told);
					}
					looksBefore.add(this.looks.size());
				}
			});
			this.looks.clear();
			this.told = new ObjectId();
			jobs().insertOne(job(this.told, "default"));
			await(() -> assertThat(looksBefore).isNotEmpty());
			CrashPoints.clear();
			assertThat(looksBefore).containsExactly(0);
		});
		return this.told;
	}

	private void runOneMore() {
		runOneMore("default");
	}

	private void runOneMore(String queue) {
		ObjectId id = new ObjectId();
		jobs().insertOne(job(id, queue));
		await(() -> assertThat(find(id)).containsEntry("state", "succeeded"));
	}

	private MongoCollection<Document> jobs() {
		return this.node.client().getDatabase("outages").getCollection("taskqueue_jobs");
	}

	private Document find(ObjectId id) {
		Document job = jobs().find(Filters.eq("_id", id)).first();
		return (job != null) ? job : new Document();
	}

	private static Document job(ObjectId id, String queue) {
		return PendingJob.of(id, Date.from(Instant.now().minusSeconds(1))).append("queue", queue);
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(condition);
	}

}
