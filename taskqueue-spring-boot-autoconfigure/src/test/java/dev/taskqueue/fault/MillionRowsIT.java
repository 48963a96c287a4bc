package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.CreateCollectionOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.InsertManyOptions;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import org.awaitility.Awaitility;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.data.mongodb.core.MongoTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A million rows of one minute, and a node in a heap of 256 MB. The bounds are wide,
 * since the machine may be busy with other things; what was measured is printed.
 */
@Tag("slow")
class MillionRowsIT {

	private static final int MILLION = 1_000_000;

	/** So many of the million are waited for: all of them by hand. */
	private static final int ENOUGH = Integer.getInteger("taskqueue.million.dispatched", 30_000);

	private static final long HEAP_MB = 256;

	private static final Duration START = Duration.ofSeconds(60);

	private static final String NODE_READY = "NODE READY";

	private static final Duration SOON = Duration.ofSeconds(30);

	private final OwnMongoServer server = MongoServer.startOwn(true);

	private final MongoClient client = MongoClients.create(this.server.uri());

	private final MongoDatabase database = this.client.getDatabase("million");

	private final MongoCollection<Document> rows = this.database.getCollection("crontab_jobs");

	private final MongoCollection<Document> jobs = this.database.getCollection("taskqueue_jobs");

	private final List<NodeProcess> nodes = new ArrayList<>();

	@AfterEach
	void end() {
		this.nodes.forEach(NodeProcess::close);
		this.client.close();
		this.server.close();
	}

	@Test
	void aMillionRowsThatFallDueTogetherStartAtOnceAndKeepNothingElseWaiting() {
		NodeProcess node = startNode();
		Duration aTenth = insertRows(MILLION / 10, Instant.now().plus(Duration.ofDays(1)));
		Instant due = Instant.now().plus(aTenth.multipliedBy(13)).plusSeconds(15).truncatedTo(ChronoUnit.SECONDS);
		insertRow("date", Date.from(due));
		insertRow("later", due.getEpochSecond() + 5);
		figure("inserting a million rows beside the node, s", insertRows(MILLION, due).toSeconds());
		long heapAhead = figure("heap in use with rows ahead, MB", usedHeap() >> 20);

		await(aTenth.multipliedBy(13).plus(SOON), () -> noted("first"));
		long first = figure("a million due rows: until the first job starts, ms", millisTo(due, "first"));
		List<Long> latencies = new ArrayList<>();
		long before = this.jobs.estimatedDocumentCount();
		long began = System.nanoTime();
		while (this.jobs.estimatedDocumentCount() < before + ENOUGH || latencies.size() < 100) {
			latencies.add(latencyOfAJobFromOutside("other " + latencies.size()));
			assertThat(Duration.ofNanos(System.nanoTime() - began)).as("time for %s rows", ENOUGH)
				.isLessThan(Duration.ofMillis(3L * ENOUGH));
		}
		figure("rows dispatched, rows/s",
				(this.jobs.estimatedDocumentCount() - before) * 1_000_000_000 / (System.nanoTime() - began));
		await(SOON, () -> noted("date") && noted("later"));
		latencies.sort(null);
		figure("another queue's jobs, from insert to start, p50, ms", latencies.get(latencies.size() / 2));
		long p95 = figure("another queue's jobs, from insert to start, p95, ms",
				latencies.get(latencies.size() * 95 / 100));
		long date = figure("a row of that minute whose time is a date: until it starts, ms", millisTo(due, "date"));
		long later = figure("a row due 5 s later: until it starts, ms", millisTo(due.plusSeconds(5), "later"));
		long heapAmid = figure("heap in use amid due rows, MB", usedHeap() >> 20);

		assertThat(first).isBetween(0L, 5000L);
		assertThat(p95).isLessThan(2000);
		assertThat(List.of(date, later)).allSatisfy((millis) -> assertThat(millis).isBetween(0L, 10_000L));
		assertThat(Math.max(heapAhead, heapAmid)).as("MB of heap").isLessThan(HEAP_MB / 2);
		assertThatIsWell(node);
	}

	@Test
	void aMillionRowsAheadCostTheLooksForDueRowsNothing() {
		insertRows(MILLION, Instant.now().plus(Duration.ofDays(1)));
		this.rows
			.insertOne(row("note", "recurring").append("time", Instant.now().getEpochSecond()).append("every", "1h"));
		profile();
		NodeProcess node = startNode();
		// the indexes of a million rows are built first
		await(START, () -> noted("recurring"));

		List<Long> latencies = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			Instant time = Instant.now();
			String name = "row " + i;
			insertRow(name, Date.from(time));
			await(SOON, () -> noted(name));
			latencies.add(millisTo(time, name));
		}
		Instant due = Instant.now().plusSeconds(3);
		insertRow("ahead", Date.from(due));
		await(SOON, () -> noted("ahead"));

		latencies.sort(null);
		figure("a million rows ahead: a due row, from insert to start, p50, ms", latencies.get(25));
		long p95 = figure("a million rows ahead: a due row, from insert to start, p95, ms", latencies.get(47));
		assertThat(p95).isLessThan(2000);
		assertThat(millisTo(due, "ahead")).isBetween(0L, 2000L);
		List<Document> all = readsOfRows();
		List<Document> reads = all.stream().filter((read) -> !isOfAll(read)).toList();
		assertThat(all.size() - reads.size()).as("portions of the one look through all, after the start")
			.isLessThanOrEqualTo(MILLION / 1000 + 2);
		figure("a million rows ahead: the most documents that a look examined",
				reads.stream().mapToInt((read) -> read.getInteger("docsExamined", 0)).max().orElseThrow());
		assertThat(reads).extracting((read) -> read.get("command", Document.class).get("hint", Document.class).keySet())
			.as("indexes that were walked")
			.contains(Indexes.DUE_ROWS.toBsonDocument().keySet(), Indexes.ERROR_ROWS.toBsonDocument().keySet(),
					Indexes.RECURRING_ROWS.toBsonDocument().keySet());
		assertThat(reads).allSatisfy((read) -> {
			assertThat(read.getInteger("docsExamined", 0)).as("documents of %s", read).isLessThan(20);
			assertThat(read.getInteger("keysExamined", 0)).as("keys of %s", read).isLessThan(20);
		});
		assertThat(figure("a million rows ahead: heap in use, MB", usedHeap() >> 20)).isLessThan(HEAP_MB / 2);
		assertThatIsWell(node);
	}

	private static void assertThatIsWell(NodeProcess node) {
		assertThat(node.isAlive()).isTrue();
		assertThat(node.lines()).hasSizeLessThan(100).noneMatch((line) -> line.contains("Error"));
	}

	/** Has the server write down what this database is asked. */
	private void profile() {
		this.database.createCollection("system.profile",
				new CreateCollectionOptions().capped(true).sizeInBytes(64 * 1024 * 1024));
		this.database.runCommand(new Document("profile", 2));
	}

	/** What the node read of the rows, all of it with a hint. */
	/** What was inserted before anybody listened is looked through once (0023). */
	private static boolean isOfAll(Document read) {
		return read.get("command", Document.class)
			.get("filter", new Document())
			.keySet()
			.equals(Set.of("is_done", "error"));
	}

	private List<Document> readsOfRows() {
		this.database.runCommand(new Document("profile", 0));
		return this.database.getCollection("system.profile")
			.find(Filters.and(Filters.eq("ns", this.rows.getNamespace().getFullName()), Filters.exists("command.hint")))
			.into(new ArrayList<>());
	}

	private NodeProcess startNode() {
		NodeProcess node = NodeProcess.start(Application.class, List.of("-XX:+ExitOnOutOfMemoryError"),
				"--spring.mongodb.uri=" + this.server.uri().replace("/?", "/million?"),
				"--spring.main.web-application-type=none");
		this.nodes.add(node);
		node.awaitLine(NODE_READY, START);
		return node;
	}

	private Duration insertRows(int count, Instant time) {
		long began = System.nanoTime();
		MongoCollection<BsonDocument> raw = this.rows.withDocumentClass(BsonDocument.class);
		BsonInt64 seconds = new BsonInt64(time.getEpochSecond());
		for (int from = 0; from < count; from += 10_000) {
			raw.insertMany(IntStream.range(from, from + 10_000)
				.mapToObj((i) -> new BsonDocument("_id", new BsonObjectId(new ObjectId()))
					.append("name", new BsonString("row"))
					.append("function", new BsonString("count"))
					.append("params", new BsonArray(List.of(new BsonInt32(i))))
					.append("time", seconds)
					.append("is_done", BsonBoolean.FALSE))
				.toList(), new InsertManyOptions().ordered(false));
		}
		return Duration.ofNanos(System.nanoTime() - began);
	}

	private void insertRow(String note, Object time) {
		this.rows.insertOne(row("note", note).append("time", time).append("queue", "rows of others"));
	}

	private static Document row(String function, String note) {
		return new Document("name", "row").append("function", function)
			.append("params", List.of(note))
			.append("is_done", false);
	}

	private long latencyOfAJobFromOutside(String name) {
		Instant before = Instant.now();
		insertJob("note", "other", name);
		await(SOON, () -> noted(name));
		return millisTo(before, name);
	}

	private void insertJob(String function, String queue, String name) {
		Date now = Date.from(Instant.now());
		this.jobs.insertOne(new Document("function", function).append("params", List.of(name))
			.append("queue", queue)
			.append("priority", 0)
			.append("state", "pending")
			.append("run_at", now)
			.append("created_at", now));
	}

	private long usedHeap() {
		String name = "heap " + new ObjectId();
		insertJob("measure_heap", "other", name);
		await(SOON, () -> noted(name));
		return note(name).getLong("used");
	}

	private boolean noted(String name) {
		return notes().countDocuments(Filters.eq(name)) > 0;
	}

	private Document note(String name) {
		return Objects.requireNonNull(notes().find(Filters.eq(name)).first(), name);
	}

	private long millisTo(Instant since, String name) {
		return note(name).getDate("at").getTime() - since.toEpochMilli();
	}

	private MongoCollection<Document> notes() {
		return this.database.getCollection("notes");
	}

	private static long figure(String what, long value) {
		System.out.printf("FIGURE %s: %,d%n", what, value);
		return value;
	}

	private static void await(Duration timeout, Callable<Boolean> condition) {
		Awaitility.await()
			.atMost(timeout)
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(10))
			.until(condition);
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		public static void main(String[] args) {
			SpringApplication.run(Application.class, args);
			System.out.println(NODE_READY);
		}

		@Bean
		Functions functions(MongoTemplate mongo) {
			return new Functions(mongo);
		}

	}

	static class Functions {

		private final MongoTemplate mongo;

		private final AtomicBoolean counted = new AtomicBoolean();

		Functions(MongoTemplate mongo) {
			this.mongo = mongo;
		}

		@AsyncJob("count")
		public void count(int number) {
			if (!this.counted.getAndSet(true)) {
				note(new Document("_id", "first").append("row", number));
			}
		}

		@AsyncJob("note")
		public void note(String name) {
			note(new Document("_id", name));
		}

		@AsyncJob("measure_heap")
		public void measureHeap(String name) {
			System.gc();
			Runtime runtime = Runtime.getRuntime();
			note(new Document("_id", name).append("used", runtime.totalMemory() - runtime.freeMemory()));
		}

		private void note(Document note) {
			this.mongo.getCollection("notes").insertOne(note.append("at", Date.from(Instant.now())));
		}

	}

}
