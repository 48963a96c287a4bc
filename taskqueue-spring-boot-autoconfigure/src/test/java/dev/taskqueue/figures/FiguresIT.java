package dev.taskqueue.figures;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

import com.mongodb.WriteConcern;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.IndexOptions;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Measures and writes {@code target/figures.md}. Three rounds, of which the median and
 * the range are told.
 */
class FiguresIT {

	private static final int ROUNDS = 3;

	private static final int ALONE = 2000;

	private static final int THREADS = 16;

	private static final int MANY = 100_000;

	private static final int SAMPLES = 500;

	private final List<String> lines = new ArrayList<>(
			List.of("| figure | median | range | beside it |", "|---|---|---|---|"));

	@Test
	void measure() throws IOException {
		double[][] figures = new double[9][ROUNDS];
		double[][] latencies = new double[2][ROUNDS];
		for (int round = 0; round < ROUNDS; round++) {
			measure(round, figures, latencies);
		}
		line("bare `insertOne`, 1 thread, jobs/s", figures[0], null);
		line("`enqueue`, 1 thread, jobs/s", figures[1], figures[0]);
		line("bare `insertOne`, 16 threads, jobs/s", figures[2], null);
		line("`enqueue`, 16 threads, jobs/s", figures[3], figures[2]);
		line("bare `insertMany` by 1,000, jobs/s", figures[4], null);
		line("`enqueueAll`, jobs/s", figures[5], figures[4]);
		line("drain of 100,000 no-op jobs, 10 slots, jobs/s", figures[6], null);
		line("enqueue to start on an idle node, p50, ms", latencies[0], null);
		line("enqueue to start on an idle node, p99, ms", latencies[1], null);
		line("100,000 due rows: rows dispatched, rows/s", figures[7], null);
		line("100,000 due rows: until the first job starts, ms", figures[8], null);
		Files.write(Path.of("target", "figures.md"), this.lines);
		this.lines.forEach(System.out::println);
	}

	private void measure(int round, double[][] figures, double[][] latencies) {
		MongoDatabase database = MongoServer.freshDatabase();
		try {
			MongoCollection<Document> bare = database.getCollection("bare").withWriteConcern(WriteConcern.MAJORITY);
			index(bare);
			figures[0][round] = rate(ALONE, () -> repeat(ALONE, (i) -> bare.insertOne(job())));
			figures[2][round] = rate(ALONE * 4, () -> parallel(ALONE * 4, (i) -> bare.insertOne(job())));
			figures[4][round] = rate(MANY, () -> repeat(MANY / 1000,
					(i) -> bare.insertMany(IntStream.range(0, 1000).mapToObj((j) -> job()).toList())));
			try (ConfigurableApplicationContext submitting = start(database, "--taskqueue.worker.enabled=false")) {
				TaskQueue queue = submitting.getBean(TaskQueue.class);
				repeat(200, (i) -> queue.enqueue("noop", i));
				figures[1][round] = rate(ALONE, () -> repeat(ALONE, (i) -> queue.enqueue("noop", i)));
				figures[3][round] = rate(ALONE * 4, () -> parallel(ALONE * 4, (i) -> queue.enqueue("noop", i)));
				database.getCollection("taskqueue_jobs").deleteMany(Filters.empty());
				figures[5][round] = rate(MANY,
						() -> queue.enqueueAll(IntStream.range(0, MANY).mapToObj((i) -> queue.job("noop", i).spec())));
			}
			drain(round, figures, latencies, database);
			database.getCollection("taskqueue_jobs").deleteMany(Filters.empty());
			rows(round, figures, database);
		}
		finally {
			MongoServer.drop(database);
		}
	}

	private static void drain(int round, double[][] figures, double[][] latencies, MongoDatabase database) {
		Functions.expect(MANY);
		try (ConfigurableApplicationContext working = start(database, "--taskqueue.crontab.enabled=false")) {
			Functions.await();
			Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> succeeded(database) == MANY);
			figures[6][round] = Functions.rate();
			TaskQueue queue = working.getBean(TaskQueue.class);
			Functions.starts = new AtomicLongArray(SAMPLES);
			long[] nanos = new long[SAMPLES];
			for (int i = 0; i < SAMPLES; i++) {
				Functions.expect(1);
				long before = System.nanoTime();
				queue.enqueue("noop", i);
				Functions.await();
				nanos[i] = Functions.starts.get(i) - before;
			}
			Arrays.sort(nanos);
			latencies[0][round] = nanos[SAMPLES / 2] / 1e6;
			latencies[1][round] = nanos[SAMPLES * 99 / 100] / 1e6;
		}
	}

	private static void rows(int round, double[][] figures, MongoDatabase database) {
		long minute = Instant.now().getEpochSecond() / 60 * 60;
		for (int i = 0; i < MANY / 1000; i++) {
			database.getCollection("crontab_jobs")
				.insertMany(IntStream.range(0, 1000)
					.mapToObj((j) -> new Document("name", "row").append("function", "noop")
						.append("params", List.of(j))
						.append("time", minute)
						.append("is_done", false))
					.toList());
		}
		Functions.expect(MANY);
		long begin = System.nanoTime();
		try (ConfigurableApplicationContext working = start(database)) {
			long started = System.nanoTime();
			assertThat(working.isRunning()).isTrue();
			Functions.await();
			Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> succeeded(database) == MANY);
			long millis = dispatchedAt(database, -1) - dispatchedAt(database, 1);
			figures[7][round] = MANY * 1000.0 / Math.max(1, millis);
			figures[8][round] = Math.max(0, Functions.first() - Math.max(begin, started)) / 1e6;
		}
	}

	private static long dispatchedAt(MongoDatabase database, int order) {
		Document row = database.getCollection("crontab_jobs").find().sort(new Document("dispatched_at", order)).first();
		return Objects.requireNonNull(row).getDate("dispatched_at").getTime();
	}

	private static long succeeded(MongoDatabase database) {
		return database.getCollection("taskqueue_jobs").countDocuments(Filters.eq("state", "succeeded"));
	}

	private static ConfigurableApplicationContext start(MongoDatabase database, String... arguments) {
		List<String> all = new ArrayList<>(List.of(arguments));
		all.add("--spring.mongodb.uri=" + MongoServer.uri(database));
		return new SpringApplicationBuilder(Functions.class).web(WebApplicationType.NONE)
			.run(all.toArray(String[]::new));
	}

	private static void index(MongoCollection<Document> bare) {
		bare.createIndex(new Document("queue", 1).append("function", 1).append("priority", -1).append("run_at", 1));
		bare.createIndex(new Document("worker", 1),
				new IndexOptions().partialFilterExpression(Filters.eq("state", "running")));
		bare.createIndex(new Document("delete_at", 1), new IndexOptions().expireAfter(0L, TimeUnit.SECONDS));
	}

	private static Document job() {
		Date now = Date.from(Instant.now());
		return new Document("_id", new ObjectId()).append("function", "noop")
			.append("params", List.of(1))
			.append("queue", "default")
			.append("priority", 0)
			.append("state", "pending")
			.append("run_at", now)
			.append("created_at", now);
	}

	private static double rate(int count, Runnable work) {
		long begin = System.nanoTime();
		work.run();
		return count * 1e9 / (System.nanoTime() - begin);
	}

	private static void repeat(int count, IntConsumer each) {
		IntStream.range(0, count).forEach(each);
	}

	private static void parallel(int count, IntConsumer each) {
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);
		try {
			List<Future<?>> futures = new ArrayList<>();
			for (int t = 0; t < THREADS; t++) {
				futures.add(threads.submit(() -> repeat(count / THREADS, each)));
			}
			for (Future<?> future : futures) {
				future.get();
			}
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		finally {
			threads.shutdown();
		}
	}

	private void line(String figure, double[] values, double @Nullable [] beside) {
		double[] sorted = values.clone();
		Arrays.sort(sorted);
		String ratio = "";
		if (beside != null) {
			double[] other = beside.clone();
			Arrays.sort(other);
			ratio = String.format(Locale.ROOT, "%.2f × bare", sorted[ROUNDS / 2] / other[ROUNDS / 2]);
		}
		String format = (sorted[ROUNDS - 1] < 100) ? "| %s | %.1f | %.1f–%.1f | %s |"
				: "| %s | %,.0f | %,.0f–%,.0f | %s |";
		this.lines
			.add(String.format(Locale.ROOT, format, figure, sorted[ROUNDS / 2], sorted[0], sorted[ROUNDS - 1], ratio));
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Functions {

		static volatile AtomicLongArray starts = new AtomicLongArray(0);

		private static volatile CountDownLatch open = new CountDownLatch(0);

		private static volatile int expected;

		private static volatile long first;

		private static volatile long last;

		@Bean
		NoOp noOp() {
			return new NoOp();
		}

		static void expect(int count) {
			first = 0;
			expected = count;
			open = new CountDownLatch(count);
		}

		static void await() {
			try {
				assertThat(open.await(120, TimeUnit.SECONDS)).isTrue();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		static long first() {
			return first;
		}

		static double rate() {
			return expected * 1e9 / (last - first);
		}

		static class NoOp {

			@AsyncJob("noop")
			public void run(int i) {
				long now = System.nanoTime();
				AtomicLongArray into = starts;
				if (i < into.length()) {
					into.set(i, now);
				}
				if (first == 0) {
					first = now;
				}
				last = now;
				open.countDown();
			}

		}

	}

}
