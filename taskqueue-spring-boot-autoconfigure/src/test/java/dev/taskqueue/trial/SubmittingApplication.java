package dev.taskqueue.trial;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import com.mongodb.MongoException;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoDatabase;
import dev.taskqueue.JobBuilder;
import dev.taskqueue.OnDuplicate;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.history.Entry.Answer;
import dev.taskqueue.history.Entry.Answered;
import dev.taskqueue.history.Entry.InsertingRow;
import dev.taskqueue.history.Entry.Keyed;
import dev.taskqueue.history.Entry.Submitting;
import dev.taskqueue.history.HistoryFile;
import dev.taskqueue.testsupport.TcpProxy;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.mongodb.autoconfigure.MongoClientSettingsBuilderCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * A program that submits jobs of all kinds, in all ways there are, until it is told to
 * stop, and writes down what it asked for and what it was told.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class SubmittingApplication {

	/** Tells it to end when the submits that are under way were answered. */
	static final String STOP = "stop";

	static final String STOPPED = "SUBMITTED ALL";

	/** What the unique keys of all processes begin with; a number follows. */
	static final String KEY = "key-";

	static final int KEYS = 4;

	/** What one thread submits at most, so that an answer that is late holds up few. */
	private static final int RATE_OF_A_THREAD = 20;

	/** Behind by so much, it does not try to catch up: there was an outage. */
	private static final long BEHIND_NANOS = TimeUnit.SECONDS.toNanos(1);

	public static void main(String[] args) throws InterruptedException {
		ConfigurableApplicationContext application = SpringApplication.run(SubmittingApplication.class, args);
		Submits submits = application.getBean(Submits.class);
		Orders.obey((order) -> submits.stopped |= order.equals(STOP));
		System.out.println(WorkerApplication.READY);
		submits.run();
		System.out.println(STOPPED);
		application.close();
	}

	@Bean
	HistoryFile history(@Value("${trial.directory}") Path directory, @Value("${trial.process}") String process) {
		return new HistoryFile(directory, process);
	}

	@Bean
	Submits submits(HistoryFile history, TaskQueue queue, MongoTemplate mongo, @Value("${trial.seed}") long seed,
			@Value("${trial.rate}") int rate) {
		return new Submits(history, queue, mongo.getDb(), seed, rate);
	}

	@Bean
	MongoClientSettingsBuilderCustomizer throughProxies(@Value("${trial.via}") String host) {
		return (settings) -> settings.inetAddressResolver(TcpProxy.leadingTo(host));
	}

	/** What the queue says of a submit that it did not acknowledge. */
	static Answer answer(String message) {
		return message.contains("It is not known whether") ? Answer.UNKNOWN : Answer.REFUSED;
	}

	/** The submits, from some threads. */
	static class Submits {

		private final HistoryFile history;

		private final TaskQueue queue;

		private final MongoDatabase database;

		private final long seed;

		private final int rate;

		private final int threads;

		private final long pauseNanos;

		private final AtomicLong count = new AtomicLong();

		private volatile boolean stopped;

		Submits(HistoryFile history, TaskQueue queue, MongoDatabase database, long seed, int rate) {
			this.history = history;
			this.queue = queue;
			this.database = database.withWriteConcern(WriteConcern.MAJORITY);
			this.seed = seed;
			this.rate = rate;
			this.threads = 1 + rate / RATE_OF_A_THREAD;
			this.pauseNanos = TimeUnit.SECONDS.toNanos(this.threads) / rate;
		}

		void run() throws InterruptedException {
			List<Thread> all = new ArrayList<>();
			for (int i = 0; i < this.threads; i++) {
				Random random = new Random(this.seed + i);
				all.add(new Thread(() -> submitUntilStopped(random), "submitting-" + i));
			}
			all.add(new Thread(this::insertRowsUntilStopped, "inserting-rows"));
			all.forEach(Thread::start);
			for (Thread thread : all) {
				thread.join();
			}
		}

		private void submitUntilStopped(Random random) {
			long next = System.nanoTime();
			while (!this.stopped) {
				submitOne(random);
				next = Math.max(next + this.pauseNanos, System.nanoTime() - BEHIND_NANOS);
				LockSupport.parkNanos(this, next - System.nanoTime());
			}
		}

		private void submitOne(Random random) {
			int kind = random.nextInt(100);
			int millis = random.nextInt(20);
			// these hold a slot for long, so there is one a second, whatever the rate
			int rare = random.nextInt(2 * this.rate);
			if (rare == 0) {
				submit(Functions.DEAF, 1500, 1, 0, null, Duration.ofMillis(300));
			}
			else if (rare < 3) {
				// longer than a lease
				submit(Functions.WORK, 2500, 0, 0, "long", null);
			}
			else if (kind < 2) {
				submit(Functions.LOCKED, millis, 0, 0, null, null);
			}
			else if (kind < 50) {
				submit(Functions.WORK, millis, 0, 0, null, null);
			}
			else if (kind < 60) {
				submit(Functions.WORK, millis, 1 + random.nextInt(2), 0, null, null);
			}
			else if (kind < 70) {
				submit(Functions.WORK, millis, 0, 200L + random.nextInt(3000), null, null);
			}
			else if (kind < 80) {
				submit(Functions.WORK, millis, 0, 0, WorkerApplication.BOUNDED_QUEUE, null);
			}
			else if (kind < 82) {
				submitMany(20, millis);
			}
			else if (kind < 86) {
				submit(Functions.REVOCABLE, millis, 0, 0, null, null);
			}
			else if (kind < 90) {
				submit(Functions.WORK, millis, 0, 0, WorkerApplication.PAUSABLE_QUEUE, null);
			}
			else if (kind < 94) {
				submitUnique(millis, random);
			}
			else {
				insert(millis);
			}
		}

		private void submitUnique(int millis, Random random) {
			String id = nextId("u");
			String key = KEY + random.nextInt(KEYS);
			int failures = random.nextInt(2);
			JobBuilder job = builder(id, Functions.WORK, millis, failures).uniqueKey(key)
				.onDuplicate(OnDuplicate.THROW);
			long periodMs = (random.nextInt(4) == 0) ? 1500 : 0;
			if (periodMs > 0) {
				job.uniqueFor(Duration.ofMillis(periodMs));
			}
			submitting(id, Functions.WORK, 0, failures);
			this.history.append(new Keyed(HistoryFile.now(), this.history.process(), id, key, periodMs));
			answered(id, job::enqueue);
		}

		private void submit(String function, int millis, int failures, long delayMs, @Nullable String queue,
				@Nullable Duration timeout) {
			String id = nextId("j");
			JobBuilder job = builder(id, function, millis, failures);
			if (delayMs > 0) {
				job.delay(Duration.ofMillis(delayMs));
			}
			if (queue != null) {
				job.queue(queue);
			}
			if (timeout != null) {
				job.timeout(timeout);
			}
			submitting(id, function, delayMs, failures);
			answered(id, job::enqueue);
		}

		private void submitMany(int jobs, int millis) {
			List<String> ids = new ArrayList<>();
			for (int i = 0; i < jobs; i++) {
				ids.add(nextId("m"));
			}
			ids.forEach((id) -> submitting(id, Functions.WORK, 0, 0));
			Answer answer = Answer.UNKNOWN;
			@Nullable String message = null;
			try {
				this.queue.enqueueAll(ids.stream().map((id) -> builder(id, Functions.WORK, millis, 0).spec()));
				answer = Answer.ACKNOWLEDGED;
			}
			catch (TaskQueueException ex) {
				// some of them may be there
				message = ex.getMessage();
			}
			for (String id : ids) {
				this.history.append(new Answered(HistoryFile.now(), this.history.process(), id, answer, message));
			}
		}

		private JobBuilder builder(String id, String function, int millis, int failures) {
			return this.queue.job(function, millis, failures).id(id);
		}

		/** As a program does that is written in another language. */
		private void insert(int millis) {
			String id = nextId("d");
			Date now = Date.from(Instant.now());
			Document job = new Document("_id", id).append("function", Functions.WORK)
				.append("params", List.of(millis, 0))
				.append("queue", "default")
				.append("priority", 0)
				.append("state", "pending")
				.append("run_at", now)
				.append("created_at", now);
			submitting(id, Functions.WORK, 0, 0);
			answered(id, () -> this.database.getCollection("taskqueue_jobs").insertOne(job));
		}

		private void insertRowsUntilStopped() {
			for (int i = 0; !this.stopped; i++) {
				insertRow((i % 15 == 0) ? 2 : 0);
				LockSupport.parkNanos(this, TimeUnit.SECONDS.toNanos(1));
			}
		}

		private void insertRow(long everySeconds) {
			String id = nextId("row");
			long time = Instant.now().getEpochSecond() + 2;
			Document row = new Document("_id", id).append("name", id)
				.append("function", Functions.ROW)
				.append("params", List.of())
				.append("time", time)
				.append("is_done", false);
			if (everySeconds > 0) {
				row.append("every", everySeconds + "s").append("misfire", "all");
			}
			this.history.append(new InsertingRow(HistoryFile.now(), this.history.process(), id, time, everySeconds));
			answered(id, () -> this.database.getCollection("crontab_jobs").insertOne(row));
		}

		private String nextId(String kind) {
			return this.history.process() + "-" + kind + this.count.incrementAndGet();
		}

		private void submitting(String id, String function, long delayMs, int failures) {
			this.history
				.append(new Submitting(HistoryFile.now(), this.history.process(), id, function, delayMs, failures));
		}

		private void answered(String id, Runnable submit) {
			Answer answer;
			@Nullable String message = null;
			try {
				submit.run();
				answer = Answer.ACKNOWLEDGED;
			}
			catch (TaskQueueException ex) {
				message = String.valueOf(ex.getMessage());
				answer = answer(message);
			}
			catch (MongoException ex) {
				answer = Answer.UNKNOWN;
				message = ex.getMessage();
			}
			this.history.append(new Answered(HistoryFile.now(), this.history.process(), id, answer, message));
		}

	}

}
