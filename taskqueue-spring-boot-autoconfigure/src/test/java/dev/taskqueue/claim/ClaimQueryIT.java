package dev.taskqueue.claim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.BsonBytes;
import dev.taskqueue.testsupport.BsonBytes.Fields;
import dev.taskqueue.testsupport.BsonBytes.Value;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.Document;
import org.bson.types.Decimal128;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ClaimQueryIT {

	private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

	private final MongoDatabase raw = MongoServer.freshDatabase();

	private final TaskQueueDatabase database = new TaskQueueDatabase(this.raw, "taskqueue_", "crontab_jobs",
			Duration.ofSeconds(10));

	private final ClaimQuery query = new ClaimQuery(this.database.jobs(), List.of("f", "g"));

	@BeforeEach
	void createIndexes() {
		Indexes.create(this.database);
	}

	@AfterEach
	void drop() {
		MongoServer.drop(this.raw);
	}

	@Test
	void findsDueJobsByPriorityThenByTime() {
		insert(job("late").append("run_at", at(-1)), job("early").append("run_at", at(-2)),
				job("urgent").append("priority", 5).append("run_at", at(0)), job("next").append("run_at", at(1)),
				job("elsewhere").append("queue", "other"), job("taken").append("state", "running"));

		assertThat(findDue(10)).containsExactly("urgent", "early", "late");
	}

	@Test
	void givesEachJobToOneOfTwoClaimers() {
		List<Object> ids = new ArrayList<>(List.of("a", "b", "c"));
		insert(job("a"), job("b"), job("c"));

		assertThat(this.query.claim(ids.subList(0, 2), "w1", "t1", NOW, true)).isEqualTo(2);
		assertThat(this.query.claim(ids, "w2", "t2", NOW, true)).isEqualTo(1);

		assertThat(this.query.findClaimed(ids, "t2")).extracting(JobDocument::id).containsExactly("c");
		Document taken = this.raw.getCollection("taskqueue_jobs").find(new Document("_id", "a")).first();
		assertThat(taken).containsEntry("state", "running")
			.containsEntry("worker", "w1")
			.containsEntry("claim", "t1")
			.containsEntry("attempt", 1)
			.containsEntry("claimed_at", Date.from(NOW));
	}

	@Test
	void doesNotTakeAJobThatWasMovedToLaterMeanwhile() {
		insert(job("a").append("run_at", at(60)));

		assertThat(this.query.claim(List.of("a"), "w", "t", NOW, true)).isZero();
	}

	@Test
	void doesNotTakeAJobThatGotATokenSinceItWasRead() {
		insert(job("changed").append("claim", "of-the-change"), job("null").append("claim", null), job("a"));
		List<Object> ids = List.of("changed", "null", "a");

		assertThat(this.query.claim(ids, "w", "t", NOW, true)).isEqualTo(2);
		assertThat(this.query.claim(ids, "w", "t", NOW, false)).isEqualTo(1);
	}

	@Test
	void readsAClaimedJobBackAsItWasBefore() {
		insert(job("a").append("attempt", 2));
		this.query.claim(List.of("a"), "w", "t", NOW, true);

		assertThat(this.query.findClaimed(List.of("a"), "t")).extracting(JobDocument::attempt).containsExactly(2);
	}

	@Test
	void readsNoMoreThanItReturnsHoweverManyAreScheduled() {
		insert(IntStream.range(0, 2000)
			.mapToObj((i) -> job("later" + i).append("priority", i % 3).append("run_at", at(3600)))
			.toArray(Document[]::new));
		insert(IntStream.range(0, 20)
			.mapToObj((i) -> job("due" + i).append("priority", i % 3))
			.toArray(Document[]::new));

		this.raw.runCommand(new Document("profile", 2));

		assertThat(findDue(10)).hasSize(10);

		assertThat(keysReadBeyondThoseReturned()).isLessThan(20);
	}

	@Test
	void readsNothingOfABacklogOfOtherFunctions() {
		for (int i = 0; i < 10; i++) {
			String function = "other" + i;
			insert(IntStream.range(0, 1000)
				.mapToObj((j) -> job(function + j).append("function", function)
					.append("priority", j % 3)
					.append("run_at", at(-3600)))
				.toArray(Document[]::new));
		}
		insert(job("f1").append("priority", -1), job("g1").append("function", "g").append("run_at", at(-2)),
				job("f2").append("run_at", at(-3)), job("soon").append("run_at", at(5)));
		this.raw.runCommand(new Document("profile", 2));

		assertThat(findDue(10)).containsExactly("f2", "g1", "f1");
		assertThat(this.query.findNextDue("default", NOW, NOW.plusSeconds(10))).isEqualTo(NOW.plusSeconds(5));
		new Strays(this.database.jobs(), List.of("f", "g"), Duration.ofDays(1)).mend(NOW);

		assertThat(keysReadBeyondThoseReturned()).isLessThan(20);
	}

	@Test
	void seesByOneStepWhetherAnythingIsDueByATime() {
		insert(IntStream.range(0, 2000)
			.mapToObj((i) -> job("later" + i).append("priority", i % 3).append("run_at", at(3600)))
			.toArray(Document[]::new));
		insert(job("other").append("function", "other"), job("elsewhere").append("queue", "elsewhere"),
				job("taken").append("state", "running"));
		this.raw.runCommand(new Document("profile", 2));

		assertThat(this.query.isDueBy("default", NOW.plusSeconds(15), List.of())).isFalse();
		insert(job("soon").append("run_at", at(15)));
		assertThat(this.query.isDueBy("default", NOW.plusSeconds(14), List.of())).isFalse();
		assertThat(this.query.isDueBy("default", NOW.plusSeconds(15), List.of())).isTrue();
		assertThat(this.query.isDueBy("default", NOW.plusSeconds(15), List.of(new Document("_id", "soon")))).isFalse();
		insert(job("due").append("run_at", at(-1)));
		assertThat(this.query.isDueBy("default", NOW, List.of())).isTrue();

		assertThat(keysReadBeyondThoseReturned()).isLessThan(50);
	}

	@Test
	void asksForManyFunctionsInPortionsAndKeepsTheOrder() {
		List<String> functions = IntStream.range(0, 250).mapToObj((i) -> "function" + i).toList();
		ClaimQuery many = new ClaimQuery(this.database.jobs(), functions);
		insert(IntStream.range(0, 250)
			.mapToObj((i) -> job("job" + i).append("function", "function" + i)
				.append("priority", i % 2)
				.append("run_at", at(-i - 1)))
			.toArray(Document[]::new));
		insert(without(job("none").append("function", "function3"), "priority"), job("other"),
				job("text").append("function", "function140").append("priority", "high"));
		this.raw.runCommand(new Document("profile", 2));

		List<Object> first = many.findDue("default", NOW, 3, List.of()).stream().map(JobDocument::id).toList();
		List<Object> all = many.findDue("default", NOW, 1000, List.of()).stream().map(JobDocument::id).toList();

		assertThat(first).containsExactly("text", "job249", "job247");
		assertThat(all).hasSize(252).startsWith("text", "job249", "job247").endsWith("job2", "job0", "none");
		assertThat(profiled()).allSatisfy((query) -> assertThat(query).doesNotContainKey("hasSortStage"));
		assertThat(PlanCheck.problem(Objects.requireNonNull(many.explain()))).isEmpty();
	}

	@Test
	void findsNothingForAWorkerWithoutFunctions() {
		ClaimQuery none = new ClaimQuery(this.database.jobs(), List.of());
		insert(job("a"), job("b").append("run_at", at(1)));

		assertThat(none.findDue("default", NOW, 10, List.of())).isEmpty();
		assertThat(none.findNextDue("default", NOW, NOW.plusSeconds(5))).isNull();
		assertThat(none.explain()).isNull();
	}

	private long keysReadBeyondThoseReturned() {
		List<Document> queries = profiled();
		assertThat(queries).isNotEmpty();
		return queries.stream()
			.mapToLong((query) -> query.getInteger("keysExamined") - query.getInteger("nreturned"))
			.max()
			.orElseThrow();
	}

	private List<Document> profiled() {
		this.raw.runCommand(new Document("profile", 0));
		return this.raw.getCollection("system.profile")
			.find(new Document("op", "query").append("ns", this.raw.getName() + ".taskqueue_jobs"))
			.into(new ArrayList<>());
	}

	@Test
	void findsTheNextDueMomentBeforeTheHorizon() {
		insert(job("soon").append("run_at", at(3)), job("later").append("run_at", at(5)).append("priority", 9));

		assertThat(this.query.findNextDue("default", NOW, NOW.plusSeconds(10))).isEqualTo(NOW.plusSeconds(3));
		assertThat(this.query.findNextDue("default", NOW, NOW.plusSeconds(2))).isNull();
	}

	@Test
	void findsTheQueuesThatOthersUse() {
		insert(job("a").append("queue", "b"), job("b").append("queue", "a"), job("c").append("queue", "b"),
				job("d").append("queue", "aa").append("function", "other"), job("e").append("queue", ""));

		assertThat(queueAfter(null)).isEmpty();
		assertThat(queueAfter("")).isEqualTo("a");
		assertThat(queueAfter("a")).isEqualTo("b");
		assertThat(queueAfter("b")).isNull();
	}

	@Test
	void thePlanTakesTheIndexAndSaysSoWhereItCannot() {
		assertThat(PlanCheck.problem(Objects.requireNonNull(this.query.explain()))).isEmpty();
		assertThat(PlanCheck.problem(Document.parse("{plan: {stage: 'COLLSCAN'}}")))
			.contains("queue_1_function_1_priority_-1_run_at_1");
	}

	@Test
	void mendsDocumentsThatNoClaimWouldFindAndSetsAsideThoseItCannotMend() {
		insert(without(job("noqueue"), "queue"), without(job("notime"), "run_at"), job("badqueue").append("queue", 7),
				job("badtime").append("run_at", "noon"), job("badfunction").append("function", 7),
				without(job("nofunction"), "function"),
				job("decimaltime").append("run_at", Decimal128.parse("5")).append("priority", -3), job("good"));

		new Strays(this.database.jobs(), List.of("f"), Duration.ofDays(1)).mend(NOW);

		assertThat(findDue(10)).containsExactlyInAnyOrder("noqueue", "notime", "good");
		for (String id : List.of("badqueue", "badtime", "decimaltime", "badfunction", "nofunction")) {
			assertThat(stored(id)).containsEntry("state", "failed").containsKeys("finished_at", "delete_at");
			Document error = stored(id).get("error", Document.class);
			assertThat(error).containsEntry("reason", "unreadable");
			assertThat(error.getString("message"))
				.contains(id.endsWith("queue") ? "'queue'" : id.endsWith("function") ? "'function'" : "'run_at'");
		}
	}

	@Test
	void setsAsideAJobThatCannotLetGoOfItsUniqueKey() {
		insert(job("other").append("unique_key", "taken"));
		Fields twice = new Fields().add("_id", Value.text("a"))
			.add("state", Value.text("pending"))
			.add("queue", Value.text("default"))
			.add("unique_key", Value.text("free"))
			.add("unique_key", Value.text("taken"));
		BsonBytes.insert(this.raw.getCollection("taskqueue_jobs"), List.of(twice.toDocument()));

		new Strays(this.database.jobs(), List.of("f"), Duration.ofDays(1)).mend(NOW);

		assertThat(stored("a")).containsEntry("state", "failed").containsKeys("error", "finished_at", "delete_at");
	}

	private Document stored(String id) {
		Document job = this.raw.getCollection("taskqueue_jobs").find(new Document("_id", id)).first();
		return Objects.requireNonNull(job);
	}

	private List<Object> findDue(int limit) {
		return this.query.findDue("default", NOW, limit, List.of()).stream().map(JobDocument::id).toList();
	}

	private @Nullable String queueAfter(@Nullable String queue) {
		JobDocument job = this.query.findInNextQueue(queue, List.of());
		return (job != null) ? job.queue() : null;
	}

	private void insert(Document... jobs) {
		this.raw.getCollection("taskqueue_jobs").insertMany(List.of(jobs));
	}

	private static Document job(String id) {
		return new Document("_id", id).append("function", "f")
			.append("params", List.of())
			.append("queue", "default")
			.append("priority", 0)
			.append("state", "pending")
			.append("run_at", at(-1))
			.append("created_at", at(-1));
	}

	private static Document without(Document job, String field) {
		job.remove(field);
		return job;
	}

	private static Date at(long seconds) {
		return Date.from(NOW.plusSeconds(seconds));
	}

}
