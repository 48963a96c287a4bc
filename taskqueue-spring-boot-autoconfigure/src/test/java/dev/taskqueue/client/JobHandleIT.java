package dev.taskqueue.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.Job;
import dev.taskqueue.JobError;
import dev.taskqueue.JobEvent;
import dev.taskqueue.JobFailedException;
import dev.taskqueue.JobGoneException;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobProgress;
import dev.taskqueue.JobResult;
import dev.taskqueue.JobState;
import dev.taskqueue.JobWatch;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.function.InvalidArgumentException;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.submit.Submitter;
import dev.taskqueue.submit.Transactions;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.Steerings;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

@ExtendWith(MongoServer.class)
@Timeout(60)
class JobHandleIT {

	private final TaskQueueDatabase database;

	private final JobWaits waits;

	private final DefaultTaskQueue queue;

	JobHandleIT(MongoDatabase database) {
		this.database = new TaskQueueDatabase(database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(10));
		JobQueries queries = new JobQueries(this.database, Clock.systemUTC());
		this.waits = new JobWaits(queries);
		this.queue = new DefaultTaskQueue(new Submitter(this.database, Transactions.NONE, (name) -> {
		}, (event) -> {
		}, 1_000_000, Duration.ofSeconds(10)), queries, () -> FunctionRegistry.of(List.of()),
				new ArgumentMapper(JsonMapper.builder().build(), BsonValues::toPlain), Clock.systemUTC(),
				EnqueueHooks.NONE, this.waits, Steerings.on(this.database, Clock.systemUTC()));
	}

	@BeforeEach
	void startEmpty() {
		this.database.jobs().drop();
		Indexes.create(this.database);
	}

	@AfterEach
	void stopWaiting() {
		this.waits.close();
	}

	@Test
	void tellsTheState() {
		JobHandle<Object> handle = submit();

		assertThat(handle.state()).isEqualTo(JobState.PENDING);
		set(handle, new Document("state", "running"));
		assertThat(handle.state()).isEqualTo(JobState.RUNNING);
	}

	@Test
	void tellsTheStateOfAJobWhoseIdIsANumber() {
		this.database.jobs().insertOne(new Document("_id", 42).append("state", "cancelled"));

		assertThat(this.queue.handle("42").state()).isEqualTo(JobState.CANCELLED);
	}

	@Test
	void tellsHowFarTheJobHasCome() {
		JobHandle<Object> handle = submit();

		assertThat(handle.progress()).isEmpty();
		set(handle, new Document("progress", new Document("percent", 40).append("message", "of 100 mails")));
		assertThat(handle.progress()).contains(new JobProgress(40, "of 100 mails"));
		assertThatExceptionOfType(JobGoneException.class).isThrownBy(() -> this.queue.handle("none").progress());
	}

	@Test
	void listenerIsToldOfTheJobAsItIsAndOfItsEndUntilItIsClosed() {
		JobHandle<Object> handle = submit();
		List<Job> told = new CopyOnWriteArrayList<>();

		try (JobWatch watch = handle.onEvent(told::add)) {
			await().until(() -> !told.isEmpty());
			set(handle, new Document("progress", new Document("percent", 40)));
			await().untilAsserted(
					() -> assertThat(told).last().extracting(Job::progress).isEqualTo(new JobProgress(40, null)));
			succeed(handle, 1);
			await().untilAsserted(() -> assertThat(told).last().extracting(Job::state).isEqualTo(JobState.SUCCEEDED));
			assertThat(watch).isNotNull();
		}

		assertThat(told).first().extracting(Job::state).isEqualTo(JobState.PENDING);
		assertThat(told).extracting(Job::id).containsOnly(handle.id());
	}

	@Test
	void resultOfAJobThatHasNotEndedIsEmpty() {
		assertThat(submit().result()).isEmpty();
	}

	@Test
	void resultIsConvertedToTheTypeThatIsAskedFor() {
		JobHandle<Object> handle = submit();
		succeed(handle, new Document("sent", 3));

		assertThat(handle.as(Receipt.class).result()).contains(new JobResult<>(new Receipt(3)));
	}

	@Test
	void resultThatIsNullIsNoMissingResult() {
		JobHandle<Object> handle = submit();
		succeed(handle, null);

		assertThat(handle.result()).contains(new JobResult<>(null));
	}

	@Test
	void resultOfAJobThatEndedOtherwiseThrowsWhatItSays() {
		JobHandle<Object> failed = submit();
		fail(failed);
		JobHandle<Object> cancelled = submit();
		set(cancelled, new Document("state", "cancelled"));

		assertThatExceptionOfType(JobFailedException.class).isThrownBy(failed::result)
			.satisfies((ex) -> assertThat(ex.getError()).extracting(JobError::message).isEqualTo("no route"));
		assertThatExceptionOfType(JobFailedException.class).isThrownBy(cancelled::result)
			.withMessageContaining("cancelled");
	}

	@Test
	void jobThatRetentionRemovedIsToldApartFromOneThatFailed() {
		JobHandle<Object> handle = submit();
		succeed(handle, 1);
		this.database.jobs().deleteOne(Filters.in("_id", JobDocument.idsOf(handle.id())));

		assertThatExceptionOfType(JobGoneException.class).isThrownBy(handle::state).withMessageContaining("retention");
		assertThatExceptionOfType(JobGoneException.class).isThrownBy(handle::result);
		assertThatExceptionOfType(JobGoneException.class).isThrownBy(() -> handle.await(Duration.ofSeconds(30)))
			.satisfies((ex) -> assertThat(ex.getJobId()).isEqualTo(handle.id()));
		assertThat(handle.find()).isEmpty();
	}

	@Test
	void laterAttemptOfAFailedJobIsSeenThroughTheSameHandle() throws Exception {
		JobHandle<Object> handle = submit();
		fail(handle);
		assertThatExceptionOfType(JobFailedException.class).isThrownBy(handle::result);
		assertThatExceptionOfType(JobFailedException.class).isThrownBy(() -> handle.await(Duration.ofSeconds(5)));
		assertThatExceptionOfType(ExecutionException.class)
			.isThrownBy(() -> handle.completion().get(10, TimeUnit.SECONDS))
			.withCauseInstanceOf(JobFailedException.class);

		set(handle, new Document("state", "pending"));

		assertThat(handle.state()).isEqualTo(JobState.PENDING);
		assertThat(handle.result()).isEmpty();
		CompletableFuture<@Nullable Object> completion = handle.completion();
		succeed(handle, "at last");
		assertThat(handle.await(Duration.ofSeconds(5))).isEqualTo("at last");
		assertThat(handle.result()).contains(new JobResult<>("at last"));
		assertThat(completion.get(10, TimeUnit.SECONDS)).isEqualTo("at last");
	}

	@Test
	void completionGivesTheResultInTheTypeThatIsAskedFor() throws Exception {
		JobHandle<Object> handle = submit();
		CompletableFuture<@Nullable Receipt> completion = handle.as(Receipt.class).completion();
		assertThat(completion).isNotDone();

		succeed(handle, new Document("sent", 3));

		assertThat(completion.get(10, TimeUnit.SECONDS)).isEqualTo(new Receipt(3));
		await().until(() -> this.waits.completions().size() == 0);
	}

	@Test
	void completionGivesNullWhereTheFunctionGaveNothing() throws Exception {
		JobHandle<Object> handle = submit();
		succeed(handle, null);

		assertThat(handle.completion().get(10, TimeUnit.SECONDS)).isNull();
	}

	@Test
	void completionFailsAsTheJobDidOrWhereItIsGone() {
		JobHandle<Object> failed = submit();
		fail(failed);

		assertThat(failed.completion()).failsWithin(Duration.ofSeconds(10))
			.withThrowableOfType(ExecutionException.class)
			.withCauseInstanceOf(JobFailedException.class)
			.withMessageContaining("no route");
		assertThat(this.queue.handle("none").completion()).failsWithin(Duration.ofSeconds(10))
			.withThrowableOfType(ExecutionException.class)
			.withCauseInstanceOf(JobGoneException.class);
	}

	@Test
	void completionFailsWhereTheResultDoesNotConvert() {
		JobHandle<Object> handle = submit();
		succeed(handle, "three");

		assertThat(handle.as(Integer.class).completion()).failsWithin(Duration.ofSeconds(10))
			.withThrowableOfType(ExecutionException.class)
			.withCauseInstanceOf(InvalidArgumentException.class);
	}

	@Test
	void eventOfThisNodeEndsACompletionAtOnce() {
		JobHandle<Object> handle = submit();
		CompletableFuture<@Nullable Object> completion = handle.completion();
		// after a while it looks each second or two
		await().pollDelay(Duration.ofSeconds(4)).until(() -> !completion.isDone());

		succeed(handle, 1);
		this.waits.onEvent(new JobEvent.Completed(handle.id(), "f", "default", Duration.ZERO));

		assertThat(completion).succeedsWithin(Duration.ofMillis(400));
	}

	@Test
	void thousandsOfCompletionsShareOneThreadWhichEndsWithThem() {
		List<Document> jobs = IntStream.range(0, 3000)
			.mapToObj((i) -> new Document("_id", "j" + i).append("state", "running"))
			.toList();
		this.database.jobs().insertMany(jobs);
		List<CompletableFuture<@Nullable Integer>> completions = new ArrayList<>();
		IntStream.range(0, 3000)
			.forEach((i) -> completions.add(this.queue.handle("j" + i).as(Integer.class).completion()));
		assertThat(threads()).isEqualTo(1);

		this.database.jobs()
			.updateMany(new Document(), new Document("$set", new Document("state", "succeeded").append("result", 7)));

		assertThat(completions)
			.allSatisfy((completion) -> assertThat(completion).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(7));
		await().until(() -> threads() == 0);
	}

	@Test
	void cancelledCompletionIsNotWaitedForAndTheJobGoesOn() {
		JobHandle<Object> handle = submit();
		CompletableFuture<@Nullable Object> completion = handle.completion();
		CompletableFuture<@Nullable Object> other = handle.completion();

		completion.cancel(true);

		assertThat(this.waits.completions().size()).isEqualTo(1);
		other.cancel(true);
		assertThat(this.waits.completions().size()).isZero();
		assertThat(handle.state()).isEqualTo(JobState.PENDING);
		await().until(() -> threads() == 0);
	}

	@Test
	void completionThatTakesItsTimeHoldsUpNoOther() {
		JobHandle<Object> slow = submit();
		JobHandle<Object> quick = submit();
		CompletableFuture<Optional<Object>> block = new CompletableFuture<>();
		CompletableFuture<Optional<Object>> blocked = slow.completion().thenApply((result) -> block.join());
		succeed(slow, 1);
		CompletableFuture<@Nullable Object> completion = quick.completion();
		succeed(quick, 2);

		assertThat(completion).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(2);
		block.complete(Optional.empty());
		assertThat(blocked).succeedsWithin(Duration.ofSeconds(10));
	}

	@Test
	void completionFailsWhenTheApplicationEnds() {
		CompletableFuture<@Nullable Object> completion = submit().completion();

		this.waits.close();

		assertThat(completion).failsWithin(Duration.ofSeconds(10))
			.withThrowableOfType(ExecutionException.class)
			.withCauseInstanceOf(TaskQueueException.class)
			.withMessageContaining("The job goes on");
		assertThat(submit().completion()).failsWithin(Duration.ofSeconds(10));
	}

	private static long threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals("taskqueue-completions"))
			.count();
	}

	private JobHandle<Object> submit() {
		return this.queue.enqueue("f", 1);
	}

	private void succeed(JobHandle<?> handle, @Nullable Object result) {
		set(handle, new Document("state", "succeeded").append("result", result));
	}

	private void fail(JobHandle<?> handle) {
		JobError error = new JobError(JobError.Reason.EXCEPTION, "java.io.IOException", "no route", null, 1,
				Instant.now());
		set(handle, new Document("state", "failed").append("error", JobDocument.writeError(error)));
	}

	private void set(JobHandle<?> handle, Document fields) {
		this.database.jobs().updateOne(Filters.in("_id", JobDocument.idsOf(handle.id())), new Document("$set", fields));
	}

	record Receipt(int sent) {
	}

}
