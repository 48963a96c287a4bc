package dev.taskqueue.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import com.mongodb.client.model.Filters;
import dev.taskqueue.Job;
import dev.taskqueue.JobError;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobProgress;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobState;
import dev.taskqueue.JobWatch;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.submit.Submitter;
import dev.taskqueue.submit.Transactions;
import dev.taskqueue.testsupport.Steerings;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What holds of watching on each kind of server. */
@ExtendWith(OutputCaptureExtension.class)
abstract class WatchContract {

	private final TaskQueueDatabase database;

	private final JobWaits waits;

	private final DefaultTaskQueue queue;

	private final List<String> told = new CopyOnWriteArrayList<>();

	WatchContract(TaskQueueDatabase database) {
		this.database = database;
		Clock clock = new ServerClock(database::hello);
		JobQueries queries = new JobQueries(database, clock);
		this.waits = new JobWaits(queries);
		this.queue = new DefaultTaskQueue(new Submitter(database, Transactions.NONE, (name) -> {
		}, (event) -> {
		}, 1_000_000, Duration.ofSeconds(10)), queries, () -> FunctionRegistry.of(List.of()),
				new ArgumentMapper(JsonMapper.builder().build(), BsonValues::toPlain), clock, EnqueueHooks.NONE,
				this.waits, Steerings.on(database, clock));
	}

	@BeforeEach
	void createIndexes() {
		Indexes.create(this.database);
	}

	@AfterEach
	void drop() {
		this.waits.close();
		this.database.database().drop();
	}

	TaskQueueDatabase database() {
		return this.database;
	}

	DefaultTaskQueue queue() {
		return this.queue;
	}

	List<String> told() {
		return this.told;
	}

	@Test
	void watchOfAJobTellsHowItIsAndEachLaterStateAndProgress() {
		JobHandle<Object> job = this.queue.enqueue("f", 1);
		List<Job> jobs = new CopyOnWriteArrayList<>();

		this.queue.watch(job.id(), jobs::add);

		await(() -> assertThat(last(jobs).state()).isEqualTo(JobState.PENDING));
		claim(job.id());
		await(() -> assertThat(last(jobs).state()).isEqualTo(JobState.RUNNING));
		set(job.id(), new Document("progress", new Document("percent", 40)));
		await(() -> assertThat(last(jobs).progress()).isEqualTo(new JobProgress(40, null)));
		end(job.id(), "succeeded");
		await(() -> assertThat(last(jobs).state()).isEqualTo(JobState.SUCCEEDED));
		assertThat(last(jobs).result()).isEqualTo("done");
		assertThat(last(jobs).params()).containsExactly(1);
		assertThat(jobs).hasSize(4);
	}

	@Test
	void watchOfAJobThatHasEndedTellsTheEndOnce() {
		JobHandle<Object> job = this.queue.enqueue("f");
		end(job.id(), "failed");

		watch(job.id());

		await(() -> assertThat(this.told).containsExactly(job.id() + " FAILED"));
		stays(() -> assertThat(this.told).hasSize(1));
	}

	@Test
	void watchOfAJobThatIsNotThereYetTellsItWhenItIs() {
		watch("to-come");
		watch("42");

		this.queue.job("f").id("to-come").enqueue();
		this.database.jobs().insertOne(new Document("_id", 42).append("state", "pending"));

		await(() -> assertThat(this.told).containsExactlyInAnyOrder("to-come PENDING", "42 PENDING"));
	}

	@Test
	void laterAttemptOfAFailedJobIsTold() {
		JobHandle<Object> job = this.queue.enqueue("f");
		end(job.id(), "failed");
		watch(job.id());
		await(() -> assertThat(this.told).containsExactly(job.id() + " FAILED"));

		set(job.id(), new Document("state", "pending"));
		await(() -> assertThat(this.told).contains(job.id() + " PENDING"));
		end(job.id(), "succeeded");

		await(() -> assertThat(this.told).containsExactly(job.id() + " FAILED", job.id() + " PENDING",
				job.id() + " SUCCEEDED"));
	}

	@Test
	void watchOfAPrefixTellsTheJobsWhoseIdBeginsSo() {
		this.queue.job("f").id("order-old").enqueue();
		Awaitility.await().pollDelay(Duration.ofMillis(1100)).until(() -> true);
		this.queue.watchPrefix("order-", this::tell);

		for (String id : List.of("order-1", "order-\uD83D\uDE00", "order", "border-1", "Order-1")) {
			this.queue.job("f").id(id).enqueue();
		}
		JobHandle<Object> other = this.queue.enqueue("f");
		await(() -> assertThat(this.told).contains("order-1 PENDING", "order-\uD83D\uDE00 PENDING"));
		List.of("order-1", "border-1", "order-old", other.id()).forEach((id) -> end(id, "succeeded"));

		await(() -> assertThat(this.told).containsExactlyInAnyOrder("order-1 PENDING", "order-\uD83D\uDE00 PENDING",
				"order-1 SUCCEEDED", "order-old SUCCEEDED"));
	}

	@Test
	void watchOfAQueryTellsTheJobsThatFitAndNoneThatEndedBefore() {
		JobHandle<Object> before = this.queue.enqueue("mail", 0);
		end(before.id(), "succeeded");
		Awaitility.await().pollDelay(Duration.ofMillis(1100)).until(() -> true);
		this.queue.watch(JobQuery.all().function("mail"), (job) -> this.told.add("mail " + job.state()));
		this.queue.watch(JobQuery.all().queue("slow").state(JobState.FAILED),
				(job) -> this.told.add("slow " + job.state()));
		this.queue.watch(JobQuery.all().reason(JobError.Reason.TIMEOUT), (job) -> this.told.add("late " + job.id()));

		String mail = this.queue.job("mail").queue("slow").enqueue().id();
		String other = this.queue.job("other").queue("slow").enqueue().id();
		end(mail, "succeeded");
		end(other, "failed");
		set(other, new Document("error", new Document("reason", "timeout").append("at", now())));

		await(() -> assertThat(this.told).contains("mail SUCCEEDED", "slow FAILED", "late " + other));
		assertThat(this.told.stream().filter((line) -> !line.equals("mail PENDING") && !line.equals("slow FAILED")))
			.containsExactlyInAnyOrder("mail SUCCEEDED", "late " + other);
	}

	@Test
	void endOfEachOfManyJobsIsTold() {
		this.queue.watch(JobQuery.all().function("bulk"), (job) -> {
			if (job.state().isEnd()) {
				tell(job);
			}
		});
		List<String> ids = IntStream.range(0, 2000).mapToObj((i) -> "bulk-" + i).toList();

		this.queue.enqueueAll(ids.stream().map((id) -> this.queue.job("bulk").id(id).spec()));
		this.database.jobs()
			.updateMany(Filters.eq("function", "bulk"),
					new Document("$set", new Document("state", "succeeded").append("finished_at", now())));

		await(() -> assertThat(this.told).hasSize(2000));
		assertThat(this.told).containsExactlyInAnyOrderElementsOf(ids.stream().map((id) -> id + " SUCCEEDED").toList());
	}

	@Test
	void listenerThatThrowsIsLoggedAndToldOfFurtherChanges(CapturedOutput output) {
		JobHandle<Object> job = this.queue.enqueue("f");
		this.queue.watch(job.id(), (changed) -> {
			tell(changed);
			throw new IllegalStateException("a listener's own fault");
		});
		await(() -> assertThat(this.told).hasSize(1));
		List<String> others = new CopyOnWriteArrayList<>();
		this.queue.watch(job.id(), (changed) -> others.add(changed.state().name()));

		end(job.id(), "succeeded");

		await(() -> assertThat(this.told).containsExactly(job.id() + " PENDING", job.id() + " SUCCEEDED"));
		await(() -> assertThat(others).contains("SUCCEEDED"));
		assertThat(output).contains("a listener's own fault");
	}

	@Test
	void closedWatchTellsNothingMore() {
		JobHandle<Object> job = this.queue.enqueue("f");
		JobWatch watch = watch(job.id());
		List<String> others = new CopyOnWriteArrayList<>();
		this.queue.watch(job.id(), (changed) -> others.add(changed.state().name()));
		await(() -> assertThat(this.told).hasSize(1));

		watch.close();
		watch.close();
		end(job.id(), "succeeded");

		await(() -> assertThat(others).contains("SUCCEEDED"));
		assertThat(this.told).hasSize(1);
	}

	@Test
	void manyWatchesShareTheirThreadsWhichEndWithThem() {
		List<JobWatch> watches = new ArrayList<>();
		for (int i = 0; i < 200; i++) {
			String id = this.queue.enqueue("f").id();
			watches.add(watch(id));
		}
		await(() -> assertThat(this.told).hasSize(200));
		await(() -> assertThat(threads()).isBetween(1L, 2L));

		watches.forEach(JobWatch::close);

		// a question to the stream ends with the next write
		this.queue.enqueue("f");
		await(() -> assertThat(threads()).isZero());
	}

	@Test
	void endOfTheApplicationEndsAllWatches() {
		JobHandle<Object> job = this.queue.enqueue("f");
		watch(job.id());
		await(() -> assertThat(this.told).hasSize(1));

		this.waits.close();
		end(job.id(), "succeeded");

		stays(() -> assertThat(this.told).hasSize(1));
		assertThatExceptionOfType(TaskQueueException.class).isThrownBy(() -> watch(job.id()))
			.withMessageContaining("ended");
	}

	@Test
	void watchThatIsClosedByItsListenerAndBegunAgainGoesOn() {
		JobHandle<Object> job = this.queue.enqueue("f");
		List<JobWatch> own = new CopyOnWriteArrayList<>();
		own.add(this.queue.watch(job.id(), (changed) -> {
			tell(changed);
			own.forEach(JobWatch::close);
		}));
		await(() -> assertThat(this.told).hasSize(1));

		watch(job.id());
		end(job.id(), "succeeded");

		await(() -> assertThat(this.told).contains(job.id() + " SUCCEEDED"));
	}

	JobWatch watch(String id) {
		return this.queue.watch(id, this::tell);
	}

	void tell(Job job) {
		this.told.add(job.id() + " " + job.state());
	}

	void claim(String id) {
		set(id, new Document("state", "running").append("attempt", 1).append("claimed_at", now()));
	}

	void end(String id, String state) {
		set(id, new Document("state", state).append("result", "done").append("finished_at", now()));
	}

	/** As another node or program does it. */
	private void set(String id, Document fields) {
		assertThat(other().jobs()
			.updateOne(Filters.in("_id", JobDocument.idsOf(id)), new Document("$set", fields))
			.getMatchedCount()).isEqualTo(1);
	}

	/** The way of others to the same collections. */
	TaskQueueDatabase other() {
		return this.database;
	}

	private static long threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("taskqueue-watch"))
			.count();
	}

	static Date now() {
		return Date.from(Instant.now());
	}

	private static Job last(List<Job> jobs) {
		assertThat(jobs).isNotEmpty();
		return jobs.get(jobs.size() - 1);
	}

	static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20)).untilAsserted(condition);
	}

	private static void stays(ThrowingRunnable condition) {
		Awaitility.await()
			.during(Duration.ofMillis(1500))
			.atMost(Duration.ofSeconds(5))
			.pollInterval(Duration.ofMillis(50))
			.untilAsserted(condition);
	}

}
