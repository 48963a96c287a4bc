package dev.taskqueue.client;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

import dev.taskqueue.Job;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobQuery;
import dev.taskqueue.OnDuplicate;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.submit.Submitter;
import dev.taskqueue.submit.Transactions;
import dev.taskqueue.testsupport.EmbeddedServer;
import dev.taskqueue.testsupport.MovableClock;
import dev.taskqueue.testsupport.Steerings;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

/** What the sample needs, on the server that it starts with. */
class EmbeddedSubmitTests {

	private final EmbeddedServer server = EmbeddedServer.start();

	private final TaskQueueDatabase database = new TaskQueueDatabase(this.server.freshDatabase(), "taskqueue_",
			"crontab_jobs", Duration.ofSeconds(10));

	private final MovableClock clock = new MovableClock(Instant.parse("2026-11-21T10:00:00Z"));

	private final JobQueries queries = new JobQueries(this.database, this.clock);

	private final DefaultTaskQueue queue = new DefaultTaskQueue(
			new Submitter(this.database, Transactions.NONE, (name) -> {
			}, (event) -> {
			}, 1_000_000, Duration.ofSeconds(10)), this.queries, FunctionRegistry.of(List.of()),
			new ArgumentMapper(new JsonMapper(), BsonValues::toPlain), this.clock, EnqueueHooks.NONE,
			Steerings.on(this.database, this.clock));

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void uniqueJobsAreUniqueUntilTheyEnd() {
		Indexes.create(this.database);
		JobHandle<Object> first = this.queue.job("bill", 1).uniqueKey("k").enqueue();
		JobHandle<Object> second = this.queue.job("bill", 2).uniqueKey("k").enqueue();
		JobHandle<Object> replacement = this.queue.job("bill", 3)
			.uniqueKey("k")
			.onDuplicate(OnDuplicate.REPLACE)
			.enqueue();
		this.database.jobs().updateOne(new Document(), Document.parse("{$set: {state: 'succeeded'}}"));
		JobHandle<Object> next = this.queue.job("bill", 4).uniqueKey("k").enqueue();

		assertThat(second.id()).isEqualTo(first.id());
		assertThat(second.isDuplicate()).isTrue();
		assertThat(replacement.id()).isEqualTo(first.id());
		assertThat(this.queue.find(first.id())).map(Job::params).contains(List.of(3));
		assertThat(next.isDuplicate()).isFalse();
		assertThat(this.queue.enqueue("bill", 5).isDuplicate()).isFalse();
		assertThat(this.queue.enqueue("bill", 6).isDuplicate()).isFalse();
	}

	@Test
	void submitsFindsListsAndCounts() {
		Indexes.create(this.database);
		String first = this.queue.enqueue("bill", 1).id();
		this.queue.job("bill", 2).id("order-7").enqueue();
		this.queue.job("bill", 2).id("order-7").enqueue();
		this.queue.job("bill", 3).queue("later").delay(Duration.ofMinutes(1)).enqueue();
		this.queue.enqueueAll(IntStream.range(0, 1500).mapToObj((i) -> this.queue.job("bulk", i).queue("z").spec()));

		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.job("bill", 3).id("order-7").enqueue())
			.withMessageContaining("'order-7'");
		assertThat(this.queue.find(first)).map(Job::params).contains(List.of(1));
		assertThat(this.queries.list(JobQuery.all().scheduled().queue("later").function("bill"), 10, null)).hasSize(1);
		List<Job> page = this.queries.list(JobQuery.all().state("pending").queue("default"), 1, null);
		assertThat(page).extracting(Job::id).containsExactly(first);
		assertThat(this.queries.list(JobQuery.all().state("pending").queue("default"), 10, first)).extracting(Job::id)
			.containsExactly("order-7");
		assertThat(this.queries.depths())
			.extracting(QueueDepth::queue, (depth) -> depth.pending().count(), (depth) -> depth.scheduled().count())
			.containsExactly(tuple("default", 2, 0), tuple("later", 0, 1), tuple("z", 1500, 0));
	}

}
