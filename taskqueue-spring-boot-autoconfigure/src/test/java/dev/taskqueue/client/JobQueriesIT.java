package dev.taskqueue.client;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.Job;
import dev.taskqueue.JobQuery;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import org.bson.BsonBinary;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.bson.types.Symbol;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@ExtendWith(MongoServer.class)
class JobQueriesIT {

	private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

	private final TaskQueueDatabase database;

	private final JobQueries queries;

	JobQueriesIT(MongoDatabase database) {
		this.database = new TaskQueueDatabase(database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(20));
		this.queries = new JobQueries(this.database, new MovableClock(NOW));
	}

	@BeforeEach
	void startEmpty() {
		this.database.jobs().drop();
		Indexes.create(this.database);
	}

	@Test
	void listsTheLatestFirstAndPageByPage() {
		List<String> ids = IntStream.range(0, 25).mapToObj((i) -> insert("pending", "a", 0)).toList();

		assertThat(read(10, all()))
			.containsExactlyElementsOf(IntStream.range(0, 25).mapToObj((i) -> ids.get(24 - i)).toList());
	}

	@Test
	void countsAndListsBesideDocumentsOfOddShape() {
		for (Object queue : List.of(List.of("a", "z"), new Symbol("b"), 5)) {
			this.database.jobs()
				.insertOne(new Document("queue", queue).append("function", "f")
					.append("state", "pending")
					.append("run_at", Date.from(NOW)));
		}
		Document nameless = new Document("_id", null).append("state", "pending");
		this.database.jobs().insertOne(nameless);
		insert("pending", "a", 0);

		assertThat(this.queries.depths()).extracting(QueueDepth::queue).containsExactly("a");
		assertThat(this.queries.list(all(), 100, null)).hasSize(5);
	}

	@Test
	void pagesRunOverIdsOfAllTypesEachOnce() {
		List<Object> ids = List.of(new ObjectId(), new ObjectId(), new BsonBinary(UUID.randomUUID()),
				new BsonBinary(UUID.randomUUID()), "a", "b", "x17", 17, 18L, 3.5, "0123456789abcdef01234567");
		ids.forEach((id) -> this.database.jobs().insertOne(new Document("_id", id).append("state", "pending")));

		assertThat(read(2, all())).hasSize(11).doesNotHaveDuplicates().last().isEqualTo("3.5");
	}

	@Test
	void pageGoesOnAfterAJobThatIsGone() {
		insert("pending", "a", 0);
		String last = insert("pending", "a", 0);
		this.database.jobs().deleteOne(new Document("_id", new ObjectId(last)));

		assertThat(this.queries.list(all(), 10, last)).hasSize(1);
	}

	@Test
	void filtersByStateQueueAndFunction() {
		insert("pending", "a", 0);
		String scheduled = insert("pending", "a", 60);
		insert("pending", "b", 0);
		String running = insert("running", "a", 0);
		String failed = insert("failed", "b", 0);

		assertThat(read(10, JobQuery.all().state("pending"))).hasSize(3);
		assertThat(read(10, JobQuery.all().state("Scheduled"))).containsExactly(scheduled);
		assertThat(read(10, JobQuery.all().state("pending").queue("a"))).hasSize(2);
		assertThat(read(10, JobQuery.all().state("running").queue("a"))).containsExactly(running);
		assertThat(read(10, JobQuery.all().state("failed").queue("b").function("bill"))).containsExactly(failed);
		assertThat(read(10, JobQuery.all().function("mail"))).isEmpty();
	}

	@Test
	void refusesAStateAndALimitThatCannotBeMeant() {
		assertThatIllegalArgumentException().isThrownBy(() -> JobQuery.all().state("done"))
			.withMessageContaining("'done'")
			.withMessageContaining("scheduled");
		assertThatIllegalArgumentException().isThrownBy(() -> this.queries.list(all(), 0, null))
			.withMessageContaining("limit is '0'");
	}

	@Test
	void showsAJobThatNobodyCouldRun() {
		this.database.jobs().insertOne(new Document("_id", "odd").append("function", 7).append("params", "none"));

		assertThat(this.queries.list(all(), 10, null)).extracting(Job::id).containsExactly("odd");
	}

	@Test
	void countsWhatEachQueueHolds() {
		insert("pending", "a", 0);
		insert("pending", "a", -5);
		insert("pending", "a", 60);
		insert("running", "a", 0);
		insert("running", "only-running", 0);
		insert("pending", "z", 60);
		insert("succeeded", "ended", 0);

		assertThat(this.queries.depths()).containsExactly(depth("a", 2, 1, 1), depth("only-running", 0, 0, 1),
				depth("z", 0, 1, 0));
	}

	@Test
	void countsTenThousandAndSaysThatThereAreMore() {
		insertMany(10_001, "big");
		insertMany(10_000, "exact");

		assertThat(this.queries.depths()).extracting(QueueDepth::pending)
			.containsExactly(new BoundedCount(10_000, true), new BoundedCount(10_000, false));
		assertThat(this.queries.depths().get(0).pending()).hasToString("10000+");
	}

	@Test
	void looksAtOneKeyForEachQueue() {
		insertMany(20_000, "big");
		insertMany(1, "small");
		this.database.database().runCommand(new Document("profile", 2));

		this.queries.depths();

		this.database.database().runCommand(new Document("profile", 0));
		List<Document> lookups = this.database.database()
			.getCollection("system.profile")
			.find(new Document("command.find", "taskqueue_jobs"))
			.into(new ArrayList<>());
		assertThat(lookups).hasSize(3)
			.allSatisfy((lookup) -> assertThat(lookup.getInteger("keysExamined")).isLessThanOrEqualTo(2));
	}

	private List<String> read(int pageSize, JobQuery query) {
		List<String> ids = new ArrayList<>();
		String after = null;
		while (true) {
			List<Job> page = this.queries.list(query, pageSize, after);
			page.forEach((job) -> ids.add(job.id()));
			if (page.size() < pageSize || ids.size() > 1000) {
				return ids;
			}
			after = lastOf(ids);
		}
	}

	private static @Nullable String lastOf(List<String> ids) {
		return ids.get(ids.size() - 1);
	}

	private static JobQuery all() {
		return JobQuery.all();
	}

	private static QueueDepth depth(String queue, int pending, int scheduled, int running) {
		return new QueueDepth(queue, new BoundedCount(pending, false), new BoundedCount(scheduled, false),
				new BoundedCount(running, false), false);
	}

	private String insert(String state, String queue, int secondsFromNow) {
		Document job = job(state, queue, secondsFromNow);
		this.database.jobs().insertOne(job);
		return job.getObjectId("_id").toHexString();
	}

	private void insertMany(int count, String queue) {
		this.database.jobs().insertMany(IntStream.range(0, count).mapToObj((i) -> job("pending", queue, 0)).toList());
	}

	private static Document job(String state, String queue, int secondsFromNow) {
		Document job = new Document("_id", new ObjectId()).append("function", "bill")
			.append("params", List.of())
			.append("queue", queue)
			.append("priority", 0)
			.append("state", state)
			.append("run_at", Date.from(NOW.plusSeconds(secondsFromNow)))
			.append("created_at", Date.from(NOW));
		return state.equals("running") ? job.append("worker", "w1") : job;
	}

}
