package dev.taskqueue.worker;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Accumulators;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.claim.QueueWeights;
import dev.taskqueue.finish.RetrySettings;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.AsyncJobScanner;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The order among queues and in each of them, as it is seen by what is started.
 */
class QueueWeightsIT {

	private static final QueueWeights SIX_THREE_ONE = new QueueWeights(Map.of("a", 6, "b", 3, "c", 1), 1, false);

	private static final Map<String, Double> SHARES = Map.of("a", 0.6, "b", 0.3, "c", 0.1);

	private static final QueueWeights STRICT = new QueueWeights(Map.of("a", 6, "b", 3, "c", 1), 1, true);

	private final MongoDatabase raw = MongoServer.freshDatabase();

	private final TaskQueueDatabase database = new TaskQueueDatabase(this.raw, "taskqueue_", "crontab_jobs",
			Duration.ofSeconds(10));

	private final AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(
			Functions.class);

	private final Functions functions = this.application.getBean(Functions.class);

	private final SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor();

	private final List<Worker> workers = new ArrayList<>();

	@BeforeEach
	void createIndexes() {
		this.executor.setVirtualThreads(Boolean.getBoolean("taskqueue.test.virtual-threads"));
		Indexes.create(this.database);
	}

	@AfterEach
	void stop() {
		this.workers.forEach(Worker::stop);
		this.executor.close();
		this.application.close();
		MongoServer.drop(this.raw);
	}

	@Test
	void startsFollowTheWeights() {
		insert("a", 1000, 5);
		insert("b", 550, 5);
		insert("c", 250, 5);

		start(10, SIX_THREE_ONE);

		await(() -> assertThat(this.functions.starts()).hasSize(1800));
		assertThatStartsFollow(SHARES, Map.of("a", 1000, "b", 550, "c", 250), 1000);
	}

	@Test
	void startsOfJobsThatAreQuickerThanTheirClaimsFollowTheWeightsFromClaimToClaim() {
		insert("a", 6000, 0);
		insert("b", 3300, 0);
		insert("c", 1500, 0);

		start(10, SIX_THREE_ONE);

		await(() -> assertThat(this.functions.starts()).hasSize(10_800));
		assertThatStartsFollow(SHARES, Map.of("a", 6000, "b", 3300, "c", 1500), 8000);
	}

	@Test
	void startsOfJobsThatLastFollowTheWeightsToo() {
		// so slow that none is claimed ahead
		insert("a", 30, 200);
		insert("b", 20, 200);
		insert("c", 10, 200);

		start(2, SIX_THREE_ONE);

		await(() -> assertThat(this.functions.starts()).hasSizeGreaterThanOrEqualTo(40));
		List<String> starts = this.functions.starts().subList(0, 40);
		assertThat(Collections.frequency(starts, "a")).isBetween(23, 25);
		assertThat(Collections.frequency(starts, "b")).isBetween(11, 13);
		assertThat(Collections.frequency(starts, "c")).isBetween(3, 5);
	}

	@Test
	void aQueueOfTheSmallestWeightIsNotStarved() {
		insert("a", 4000, 5);
		insert("c", 30, 5);

		start(10, new QueueWeights(Map.of("a", 200, "c", 1), 1, false));

		await(() -> assertThat(this.functions.starts()).hasSize(4030));
		List<String> starts = this.functions.starts();
		for (int from = 0; from < 3600; from += 600) {
			assertThat(starts.subList(from, from + 600)).as("starts from " + from).contains("c");
		}
		assertThat(Collections.frequency(starts.subList(0, 3600), "c")).as("of 18 in its share").isBetween(10, 29);
	}

	@Test
	void anEmptyQueueLeavesItsShareToTheOthers() {
		insert("b", 1100, 5);
		insert("c", 500, 5);

		start(10, SIX_THREE_ONE);

		await(() -> assertThat(this.functions.starts()).hasSize(1600));
		assertThatStartsFollow(Map.of("b", 0.75, "c", 0.25), Map.of("b", 1100, "c", 500), 1200);
	}

	@Test
	void aDrainByWeightIsNotManyMoreClaimsThanOneInTurns() {
		int inTurns = claimsOfADrain(QueueWeights.EQUAL);

		assertThat(claimsOfADrain(SIX_THREE_ONE)).as("claims for 6,000 jobs, of which %d in turns", inTurns)
			.isLessThan(5 * inTurns);
	}

	private int claimsOfADrain(QueueWeights weights) {
		MongoCollection<Document> jobs = this.raw.getCollection("taskqueue_jobs");
		jobs.deleteMany(new Document());
		insert("a", 2000, 0);
		insert("b", 2000, 0);
		insert("c", 2000, 0);
		start(10, weights);
		await(() -> assertThat(jobs.countDocuments(Filters.eq("state", "succeeded"))).isEqualTo(6000));
		this.workers.forEach(Worker::stop);
		this.workers.clear();
		return jobs.distinct("claim", String.class).into(new ArrayList<>()).size();
	}

	@Test
	void strictlyAQueueWaitsForThoseBeforeIt() {
		insert("c", 400, 0);
		insert("b", 400, 0);
		insert("a", 400, 0);

		start(1, STRICT);

		await(() -> assertThat(this.functions.starts()).hasSize(1200));
		assertThat(this.functions.starts().subList(0, 400)).containsOnly("a");
		assertThat(this.functions.starts().subList(400, 800)).containsOnly("b");
	}

	@Test
	void strictlyWhatComesLaterIsStartedFirst() {
		insert("c", 40, 100);
		start(2, STRICT);
		await(() -> assertThat(this.functions.starts()).hasSizeGreaterThan(4));

		insert("a", 10, 100);

		await(() -> assertThat(Collections.frequency(this.functions.starts(), "a")).isEqualTo(10));
		List<String> starts = this.functions.starts();
		int first = starts.indexOf("a");
		assertThat(starts.subList(first, starts.lastIndexOf("a"))).as("starts from the first of 'a' to its last")
			.filteredOn("c"::equals)
			.hasSizeLessThanOrEqualTo(2);
		await(() -> assertThat(this.functions.starts()).hasSize(50));
	}

	@Test
	void strictlyWhatWasClaimedAheadAndIsPassedIsGivenBack() {
		// quick ones, so that some are claimed ahead, then one that lasts
		insert("c", 3000, 1);
		start(4, STRICT);
		await(() -> assertThat(this.functions.starts()).hasSizeGreaterThan(100));

		insert("a", 100, 200);

		await(() -> assertThat(this.functions.starts()).contains("a"));
		await(() -> assertThat(this.raw.getCollection("taskqueue_jobs")
			.countDocuments(Filters.and(Filters.eq("queue", "c"), Filters.eq("state", "running")))).isZero());
		assertThat(Collections.frequency(this.functions.starts(), "a")).isLessThan(100);
	}

	@Test
	void eachQueueKeepsPriorityAndTimeBesideTheWeights() {
		for (String queue : List.of("a", "b", "c")) {
			insert(IntStream.range(0, 100)
				.mapToObj((i) -> job(queue, 0).append("priority", i % 2)
					.append("params", List.of("%s %d %03d".formatted(queue, i % 2, i), 0))
					.append("run_at", ago(1000 - i)))
				.toList());
		}

		start(1, SIX_THREE_ONE);

		await(() -> assertThat(this.functions.starts()).hasSize(300));
		for (String queue : List.of("a", "b", "c")) {
			List<String> expected = new ArrayList<>();
			IntStream.range(0, 100)
				.filter((i) -> i % 2 == 1)
				.forEach((i) -> expected.add("%s 1 %03d".formatted(queue, i)));
			IntStream.range(0, 100)
				.filter((i) -> i % 2 == 0)
				.forEach((i) -> expected.add("%s 0 %03d".formatted(queue, i)));
			assertThat(this.functions.starts()).filteredOn((label) -> label.startsWith(queue))
				.containsExactlyElementsOf(expected);
		}
	}

	@Test
	void priorityAndTimeHoldOverSeveralNodesButForWhatEachHasClaimed() {
		insert(IntStream.range(0, 240)
			.mapToObj((i) -> job("a", 0).append("priority", (i < 120) ? 0 : 1)
				.append("params", List.of("%d %03d".formatted((i < 120) ? 0 : 1, i), 50))
				.append("run_at", ago(1000 - i)))
			.toList());

		start(2, SIX_THREE_ONE);
		start(2, SIX_THREE_ONE);
		start(2, SIX_THREE_ONE);

		await(() -> assertThat(this.functions.starts()).hasSize(240));
		List<String> starts = this.functions.starts();
		// each has two slots and, of jobs of 50 ms, four claimed ahead; one of them may
		// still start those while others are at the next ones
		assertThat(starts.subList(0, 120)).filteredOn((label) -> label.startsWith("0")).hasSizeLessThanOrEqualTo(18);
		// who loses to others reads up to 16 times as far
		List<String> sorted = new ArrayList<>(starts);
		sorted.sort(null);
		Collections.rotate(sorted, 120);
		for (int i = 0; i < 240; i++) {
			assertThat(Math.abs(starts.indexOf(sorted.get(i)) - i)).as("places that %s moved", sorted.get(i))
				.isLessThan(16 * 6);
		}
	}

	/**
	 * What was claimed of a queue together may begin before the others are claimed, so a
	 * queue may be ahead by its claim, and behind by those of the others. How large they
	 * are is not the weights' to say: the longer a claim takes, the more is claimed
	 * ahead.
	 */
	private void assertThatStartsFollow(Map<String, Double> shares, Map<String, Integer> jobs, int atLeast) {
		List<String> starts = whileAllWait(jobs);
		assertThat(starts).hasSizeGreaterThan(atLeast);
		Map<String, Integer> claims = largestClaimsWhileAllWait(jobs);
		int together = claims.values().stream().mapToInt(Integer::intValue).sum();
		shares.forEach((queue, share) -> {
			int own = claims.getOrDefault(queue, 0);
			double expected = starts.size() * share;
			assertThat((double) Collections.frequency(starts, queue)).as("starts of " + queue)
				.isBetween(expected - (together - own) * share - 10, expected + own * (1 - share) + 10);
		});
	}

	private Map<String, Integer> largestClaimsWhileAllWait(Map<String, Integer> jobs) {
		Map<String, Integer> left = new HashMap<>(jobs);
		Map<String, Integer> largest = new HashMap<>();
		// the tokens of one process are in the order of its claims
		for (Document claim : this.raw.getCollection("taskqueue_jobs")
			.aggregate(List.of(
					Aggregates.group("$claim", Accumulators.first("queue", "$queue"), Accumulators.sum("jobs", 1)),
					Aggregates.sort(Sorts.ascending("_id"))))) {
			String queue = claim.getString("queue");
			int size = claim.getInteger("jobs");
			largest.merge(queue, size, Math::max);
			if (left.merge(queue, -size, Integer::sum) == 0) {
				break;
			}
		}
		return largest;
	}

	/** The starts until one of the queues has none left. */
	private List<String> whileAllWait(Map<String, Integer> jobs) {
		List<String> starts = this.functions.starts();
		int end = jobs.entrySet().stream().mapToInt((queue) -> {
			int last = -1;
			for (int i = 0; i < queue.getValue(); i++) {
				last += 1 + starts.subList(last + 1, starts.size()).indexOf(queue.getKey());
			}
			return last;
		}).min().orElseThrow();
		return starts.subList(0, end);
	}

	private void insert(String queue, int count, int millis) {
		insert(IntStream.range(0, count).mapToObj((i) -> job(queue, millis)).toList());
	}

	private void insert(List<Document> jobs) {
		this.raw.getCollection("taskqueue_jobs").insertMany(jobs);
	}

	private static Document job(String queue, int millis) {
		return new Document("function", "note").append("params", List.of(queue, millis))
			.append("queue", queue)
			.append("priority", 0)
			.append("state", "pending")
			.append("run_at", ago(2))
			.append("created_at", ago(2));
	}

	private void start(int concurrency, QueueWeights weights) {
		ServerClock clock = new ServerClock(this.database::hello, Clock.systemUTC());
		FunctionRegistry registry = new AsyncJobScanner(this.application,
				new ArgumentMapper(JsonMapper.builder().build(), BsonValues::toPlain), DurationStyle::detectAndParse)
			.scan();
		WorkerSettings settings = new WorkerSettings(concurrency,
				Map.of("a", concurrency, "b", concurrency, "c", concurrency), true, weights, Duration.ofSeconds(30),
				Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ZERO, 3, 100_000,
				new RetrySettings(Duration.ofMillis(20), 2, Duration.ofHours(1), 0.2),
				new Retention(Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1)));
		Worker worker = new Worker(this.database, registry, clock, new Outage(), settings, this.executor, () -> {
		}, (event) -> {
		});
		this.workers.add(worker);
		worker.start();
	}

	private static Date ago(long seconds) {
		return Date.from(Instant.now().minusSeconds(seconds));
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20)).untilAsserted(condition);
	}

	static class Functions {

		private final List<String> starts = Collections.synchronizedList(new ArrayList<>());

		@AsyncJob("note")
		public void note(String label, int millis) throws InterruptedException {
			this.starts.add(label);
			if (millis > 0) {
				new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
			}
		}

		List<String> starts() {
			synchronized (this.starts) {
				return new ArrayList<>(this.starts);
			}
		}

	}

}
