package dev.taskqueue.fault.input;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Indexes;
import dev.taskqueue.fault.NodeProcess;
import dev.taskqueue.testsupport.BsonBytes;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A node with little memory among documents of any shape, of which one in ten is good.
 * The documents are made again from the seed to be compared with what became of them. Set
 * {@code -Dtaskqueue.fault.seed} to repeat a run, {@code -Dtaskqueue.fault.documents} for
 * another number of documents in the slow test.
 */
class BadInputIT {

	private static final int WAVE = 500;

	/** The most that one command takes. */
	private static final int PORTION_BYTES = 8 * 1024 * 1024;

	private static final Duration SOON = Duration.ofSeconds(60);

	/** All that is not in order is looked through once a minute. */
	private static final Duration LOOKED_THROUGH = Duration.ofSeconds(90);

	private static final Set<String> THREADS = Set.of("taskqueue-claimer", "taskqueue-heartbeat", "taskqueue-recovery",
			"taskqueue-expiry", "taskqueue-finisher", "taskqueue-timeouts", "taskqueue-stream", "taskqueue-crontab",
			"taskqueue-crontab-watch");

	private final long seed = Long.getLong("taskqueue.fault.seed", System.nanoTime());

	private final long start = Instant.now().getEpochSecond() - 5;

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final MongoCollection<RawBsonDocument> rows = this.database.getCollection("crontab_jobs",
			RawBsonDocument.class);

	private final MongoCollection<RawBsonDocument> jobs = this.database.getCollection("taskqueue_jobs",
			RawBsonDocument.class);

	private final Map<String, Integer> refused = new TreeMap<>();

	private final Set<Long> refusedRows = new HashSet<>();

	private final Set<Long> refusedJobs = new HashSet<>();

	private @Nullable NodeProcess node;

	private Duration slowest = Duration.ZERO;

	@BeforeEach
	void createIndexes() {
		System.out.println("FIGURE bad input: -Dtaskqueue.fault.seed=" + this.seed);
		this.rows.createIndex(Indexes.ascending(BadDocuments.NUMBER));
		this.jobs.createIndex(Indexes.ascending(BadDocuments.NUMBER));
	}

	@AfterEach
	void end() {
		if (this.node != null) {
			this.node.close();
		}
		MongoServer.drop(this.database);
	}

	@Test
	@Tag("outage")
	void noDocumentKillsTheNodeHoldsUpAGoodOneOrVanishes() throws Exception {
		run(3000);
	}

	/** {@code scripts/faults input} says how many. */
	@Test
	@Tag("faults")
	void noneOfManyDocumentsDoes() throws Exception {
		NodeProcess node = run(Integer.getInteger("taskqueue.fault.documents", 100_000));
		int lines = node.lines().size();
		Awaitility.await().atMost(LOOKED_THROUGH).pollDelay(Duration.ofSeconds(70)).until(() -> true);
		assertThat(node.lines().size() - lines).isLessThan(3);
	}

	private NodeProcess run(int documents) throws Exception {
		NodeProcess node = start();
		Answers answers = new Answers(portOf(node));
		Map<String, Long> threads = answers.ownThreads();
		assertThat(threads.keySet()).containsAll(THREADS);
		long each = documents / 2;
		BadDocuments rows = newRows(each);
		BadDocuments jobs = newJobs(each);
		for (long from = 0; from < each; from += WAVE) {
			insert(this.rows, rows, this.refusedRows);
			insert(this.jobs, jobs, this.refusedJobs);
			awaitGood(from);
		}
		System.out
			.println("FIGURE bad input: refused by the server " + this.refused + ", slowest wave " + this.slowest);
		Awaitility.await()
			.atMost(LOOKED_THROUGH)
			.pollInterval(Duration.ofSeconds(1))
			.untilAsserted(() -> assertThat(complaints(each)).isEmpty());
		assertThat(answers.ownThreads()).containsAllEntriesOf(onlyOwn(threads));
		assertThatTheEndpointAnswers(answers);
		assertThatTheLogIsShort(node);
		return node;
	}

	private NodeProcess start() {
		NodeProcess started = this.node;
		if (started == null) {
			started = NodeProcess.start(InputNode.class, "--spring.mongodb.uri=" + MongoServer.uri(this.database),
					"--server.port=0", "--management.endpoints.web.exposure.include=taskqueue,threaddump,health",
					"--management.endpoint.taskqueue.show-values=always", "--taskqueue.worker.lease=2s",
					"--spring.main.banner-mode=off");
			this.node = started;
			started.awaitLine(InputNode.READY, SOON);
			Answers answers = new Answers(portOf(started));
			Awaitility.await()
				.atMost(SOON)
				.untilAsserted(() -> assertThat(answers.ownThreads().keySet()).containsAll(THREADS));
		}
		return started;
	}

	private static String portOf(NodeProcess node) {
		return node.awaitLine(InputNode.READY, SOON).substring(InputNode.READY.length());
	}

	private BadDocuments newRows(long count) {
		return new BadRows(new Random(this.seed), largeOneIn(count), this.start);
	}

	private BadDocuments newJobs(long count) {
		return new BadJobs(new Random(this.seed + 1), largeOneIn(count), this.start);
	}

	/** A few, and not more than the disk takes. */
	private static int largeOneIn(long count) {
		return (int) Math.max(300, count / 50);
	}

	private void insert(MongoCollection<RawBsonDocument> collection, BadDocuments documents, Set<Long> refused) {
		List<Made> portion = new ArrayList<>();
		int bytes = 0;
		for (int i = 0; i < WAVE; i++) {
			Made made = documents.next();
			int size = made.document().getByteBuffer().remaining();
			if (bytes + size > PORTION_BYTES) {
				insert(collection, portion, refused);
				portion.clear();
				bytes = 0;
			}
			portion.add(made);
			bytes += size;
		}
		insert(collection, portion, refused);
	}

	private void insert(MongoCollection<RawBsonDocument> collection, List<Made> portion, Set<Long> refused) {
		if (portion.isEmpty()) {
			return;
		}
		BsonDocument reply = BsonBytes.insert(collection, portion.stream().map(Made::document).toList());
		for (BsonValue error : reply.getArray("writeErrors", new BsonArray())) {
			String message = error.asDocument().getString("errmsg").getValue();
			this.refused.merge(cut(message.replaceAll("[^a-zA-Z$_ ]", "")), 1, Integer::sum);
			refused.add(portion.get(error.asDocument().getInt32("index").getValue()).number());
		}
	}

	private static String cut(String text) {
		return text.substring(0, Math.min(text.length(), 60));
	}

	private void awaitGood(long from) {
		long began = System.nanoTime();
		List<String> rows = LongStream.range(from, from + WAVE)
			.filter((n) -> n % 10 == 0)
			.mapToObj((n) -> "row-" + n)
			.toList();
		List<String> jobs = rows.stream().map((id) -> id.replace("row", "job")).toList();
		Awaitility.await("the good ones from " + from).atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
			assertThat(this.rows.countDocuments(Filters.and(Filters.in("_id", rows), Filters.eq("is_done", true))))
				.isEqualTo(rows.size());
			assertThat(this.jobs.countDocuments(Filters.and(Filters.in("_id", jobs), Filters.eq("state", "succeeded"))))
				.isEqualTo(jobs.size());
		});
		Duration took = Duration.ofNanos(System.nanoTime() - began);
		this.slowest = (took.compareTo(this.slowest) > 0) ? took : this.slowest;
	}

	/** What became of documents that is not allowed. */
	private List<String> complaints(long each) {
		List<String> complaints = new ArrayList<>();
		BadDocuments rows = newRows(each);
		BadDocuments jobs = newJobs(each);
		long now = Instant.now().getEpochSecond();
		for (long from = 0; from < each; from += WAVE) {
			Map<Long, RawBsonDocument> storedRows = read(this.rows, from);
			Map<Long, RawBsonDocument> storedJobs = read(this.jobs, from);
			for (int i = 0; i < WAVE; i++) {
				Made row = rows.next();
				if (!this.refusedRows.contains(row.number())) {
					complain(row, "row", Verdict.ofRow(row.document(), storedRows.get(row.number()), now), complaints);
				}
				Made job = jobs.next();
				if (!this.refusedJobs.contains(job.number())) {
					complain(job, "job", Verdict.ofJob(job.document(), storedJobs.get(job.number()), now), complaints);
				}
			}
		}
		return complaints;
	}

	private static void complain(Made made, String sort, @Nullable String verdict, List<String> complaints) {
		if (verdict != null) {
			complaints.add(sort + " " + made.number() + " " + made.changes() + ": " + verdict);
		}
	}

	private static Map<Long, RawBsonDocument> read(MongoCollection<RawBsonDocument> collection, long from) {
		Map<Long, RawBsonDocument> found = new HashMap<>();
		collection
			.find(Filters.and(Filters.gte(BadDocuments.NUMBER, from), Filters.lt(BadDocuments.NUMBER, from + WAVE)))
			.forEach((document) -> BsonBytes.fieldsOf(document)
				.stream()
				.filter((field) -> field.name().equals(BadDocuments.NUMBER))
				.findFirst()
				.ifPresent((field) -> found.put(((BsonInt64) Objects.requireNonNull(field.value())).getValue(),
						document)));
		return found;
	}

	private static Map<String, Long> onlyOwn(Map<String, Long> threads) {
		Map<String, Long> own = new HashMap<>(threads);
		own.keySet().retainAll(THREADS);
		return own;
	}

	private void assertThatTheEndpointAnswers(Answers answers) throws Exception {
		for (String path : List.of("taskqueue", "taskqueue/queues", "taskqueue/crontab", "taskqueue/workers",
				"health")) {
			answers.get(path);
		}
		for (String state : List.of("pending", "succeeded", "failed", "cancelled", "expired")) {
			answers.get("taskqueue/jobs?limit=100&state=" + state);
		}
		for (int i = 0; i < 100; i++) {
			if (this.jobs.countDocuments(Filters.eq("job-" + i)) == 1) {
				answers.get("taskqueue/jobs/job-" + i);
			}
		}
		assertThat(answers.countJobs("", 100)).isPositive();
	}

	private static void assertThatTheLogIsShort(NodeProcess node) {
		List<String> lines = node.lines();
		assertThat(lines).noneMatch((line) -> line.contains(Canary.SONG))
			.noneMatch((line) -> line.startsWith("\tat "))
			.noneMatch((line) -> line.contains("OutOfMemoryError") || line.contains("StackOverflowError"))
			.allMatch((line) -> line.length() < 3000);
		assertThat(lines.stream().filter((line) -> line.contains(" ERROR "))).isEmpty();
		assertThat(lines.stream().filter((line) -> line.contains(" WARN "))).hasSizeLessThan(200);
	}

}
