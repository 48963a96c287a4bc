package dev.taskqueue.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.Job;
import dev.taskqueue.JobHandle;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.submit.Submitter;
import dev.taskqueue.submit.Transactions;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.Steerings;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@ExtendWith(MongoServer.class)
@Timeout(60)
class EnqueueAsyncIT {

	private final TaskQueueDatabase database;

	private final Submitter submitter;

	private final DefaultTaskQueue queue;

	EnqueueAsyncIT(MongoDatabase database) {
		this.database = new TaskQueueDatabase(database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(10));
		ServerClock clock = new ServerClock(this.database::hello);
		this.submitter = new Submitter(this.database, Transactions.NONE, (name) -> {
		}, (event) -> {
		}, 1_000_000, Duration.ofSeconds(30));
		this.queue = new DefaultTaskQueue(this.submitter, new JobQueries(this.database, clock),
				FunctionRegistry.of(List.of()), new ArgumentMapper(JsonMapper.builder().build(), BsonValues::toPlain),
				clock, EnqueueHooks.NONE, Steerings.on(this.database, clock));
	}

	@BeforeEach
	void startEmpty() {
		this.database.jobs().drop();
		Indexes.create(this.database);
	}

	@AfterEach
	void mend() {
		MongoServer.client()
			.getDatabase("admin")
			.runCommand(Document.parse("{configureFailPoint: 'failCommand', mode: 'off'}"));
		this.submitter.close();
	}

	@Test
	void futureCompletesWhenTheJobIsDurable() throws Exception {
		JobHandle<Object> handle = this.queue.job("bill", 7).enqueueAsync().get(10, TimeUnit.SECONDS);

		assertThat(handle.isDuplicate()).isFalse();
		assertThat(handle.find()).map(Job::params).contains(List.of(7));
	}

	@Test
	void callerDoesNotWaitForAServerThatTakesItsTime() throws Exception {
		blockInserts(700);
		long begin = System.nanoTime();

		CompletableFuture<JobHandle<Object>> first = this.queue.job("bill", 1).enqueueAsync();
		CompletableFuture<JobHandle<Object>> second = this.queue.job("bill", 2).enqueueAsync();

		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(500));
		assertThat(first).isNotDone();
		assertThat(second).isNotDone();
		assertThat(first.get(10, TimeUnit.SECONDS).find()).isPresent();
		assertThat(second.get(10, TimeUnit.SECONDS).find()).isPresent();
	}

	@Test
	void argumentsAreThoseOfTheCall() throws Exception {
		blockInserts(300);
		List<Object> items = new ArrayList<>(List.of("a"));
		CompletableFuture<JobHandle<Object>> before = this.queue.job("bill", 0).enqueueAsync();

		CompletableFuture<JobHandle<Object>> submitted = this.queue.job("bill", items).enqueueAsync();
		items.add("b");

		assertThat(submitted.get(10, TimeUnit.SECONDS).find()).map(Job::params).contains(List.of(List.of("a")));
		assertThat(before).isCompleted();
	}

	@Test
	void whatIsTooMuchIsRefusedAtOnceAndTheRestIsTaken() {
		this.queue.job("bill", "first").enqueue();
		blockInserts(3000);
		List<CompletableFuture<JobHandle<Object>>> submits = IntStream.range(0, 10_000)
			.mapToObj((i) -> this.queue.job("bill", i).enqueueAsync())
			.toList();

		CompletableFuture<JobHandle<Object>> beyond = this.queue.job("bill", "beyond").enqueueAsync();

		assertThat(beyond).isCompletedExceptionally();
		assertThat(beyond).failsWithin(Duration.ZERO)
			.withThrowableOfType(ExecutionException.class)
			.withCauseInstanceOf(TaskQueueException.class)
			.withMessageContaining("10000 submits");
		CompletableFuture.allOf(submits.toArray(CompletableFuture[]::new)).join();
		assertThat(this.database.jobs().countDocuments()).isEqualTo(10_001);
		assertThat(this.queue.job("bill", "later").enqueueAsync()).succeedsWithin(Duration.ofSeconds(10));
	}

	@Test
	void eachSubmitHearsOfItsOwnFailureOnly() {
		this.queue.job("bill", 0).id("order-7").enqueue();

		CompletableFuture<JobHandle<Object>> good = this.queue.job("bill", 1).enqueueAsync();
		CompletableFuture<JobHandle<Object>> bad = this.queue.job("bill", 2).id("order-7").enqueueAsync();
		CompletableFuture<JobHandle<Object>> duplicate = this.queue.job("bill", 3).uniqueKey("k").enqueueAsync();
		CompletableFuture<JobHandle<Object>> ofIt = this.queue.job("bill", 4).uniqueKey("k").enqueueAsync();

		assertThat(good).succeedsWithin(Duration.ofSeconds(10));
		assertThat(bad).failsWithin(Duration.ofSeconds(10))
			.withThrowableOfType(ExecutionException.class)
			.withCauseInstanceOf(IllegalArgumentException.class)
			.withMessageContaining("'order-7'");
		assertThat(List.of(duplicate.join().isDuplicate(), ofIt.join().isDuplicate())).containsExactlyInAnyOrder(false,
				true);
		assertThat(duplicate.join().id()).isEqualTo(ofIt.join().id());
	}

	@Test
	void whatCanBeSeenWithoutTheStoreIsThrownAtOnce() {
		this.queue.job("bill", 0).enqueue();

		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.job("bill", new Object()).enqueueAsync())
			.withMessageContaining("params[0]");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.queue.job("bill", "x".repeat(2_000_000)).enqueueAsync())
			.withMessageContaining("expected at most 1000000");
	}

	@Test
	void endOfTheApplicationWaitsForWhatIsOutstandingAndTakesNoMore() {
		// before the store was reached a job counts as large as it may be
		this.queue.job("bill", "first").enqueue();
		blockInserts(300);
		List<CompletableFuture<JobHandle<Object>>> submits = IntStream.range(0, 100)
			.mapToObj((i) -> this.queue.job("bill", i).enqueueAsync())
			.toList();

		this.submitter.close();

		assertThat(this.database.jobs().countDocuments()).isEqualTo(101);
		CompletableFuture.allOf(submits.toArray(CompletableFuture[]::new)).join();
		assertThat(this.queue.job("bill", "late").enqueueAsync()).failsWithin(Duration.ofSeconds(1))
			.withThrowableOfType(ExecutionException.class)
			.withMessageContaining("the application ends");
	}

	private void blockInserts(int millis) {
		MongoServer.client()
			.getDatabase("admin")
			.runCommand(new Document("configureFailPoint", "failCommand").append("mode", new Document("times", 1))
				.append("data",
						new Document("failCommands", List.of("insert"))
							.append("namespace", this.database.jobs().getNamespace().getFullName())
							.append("blockConnection", true)
							.append("blockTimeMS", millis)));
	}

}
