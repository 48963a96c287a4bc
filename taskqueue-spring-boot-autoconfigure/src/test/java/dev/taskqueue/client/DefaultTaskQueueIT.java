package dev.taskqueue.client;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.Job;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobError;
import dev.taskqueue.JobEvent;
import dev.taskqueue.JobFailedException;
import dev.taskqueue.JobHandle;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.AsyncJobScanner;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.submit.Submitter;
import dev.taskqueue.submit.Transactions;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import dev.taskqueue.testsupport.Steerings;
import org.bson.BsonBinary;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

@ExtendWith(MongoServer.class)
@Timeout(60)
class DefaultTaskQueueIT {

	private static final Instant NOW = Instant.parse("2026-11-21T10:00:00.123Z");

	private final TaskQueueDatabase database;

	private final DefaultTaskQueue queue;

	DefaultTaskQueueIT(MongoDatabase database) {
		this.database = new TaskQueueDatabase(database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(10));
		MovableClock clock = new MovableClock(NOW);
		ArgumentMapper mapper = new ArgumentMapper(JsonMapper.builder().build(), BsonValues::toPlain);
		AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(MailJobs.class);
		Submitter submitter = new Submitter(this.database, Transactions.NONE, (name) -> {
		}, (event) -> {
		}, 1_000_000, Duration.ofSeconds(10));
		this.queue = new DefaultTaskQueue(submitter, new JobQueries(this.database, clock),
				new AsyncJobScanner(application, mapper, Duration::parse).scan(), mapper, clock, EnqueueHooks.NONE,
				Steerings.on(this.database, clock));
	}

	@BeforeEach
	void startEmpty() {
		this.database.jobs().drop();
		Indexes.create(this.database);
	}

	@Test
	void jobOfAForeignFunctionIsAPlainDocument() {
		JobHandle<Object> handle = this.queue.enqueue("their_function", "x", 7, null, List.of(1, 2));

		assertThat(stored(handle)).containsExactlyEntriesOf(
				new Document("_id", new ObjectId(handle.id())).append("function", "their_function")
					.append("params", Arrays.asList("x", 7, null, List.of(1, 2)))
					.append("queue", "default")
					.append("priority", 0)
					.append("state", "pending")
					.append("run_at", Date.from(NOW))
					.append("created_at", Date.from(NOW)));
	}

	@Test
	void functionsKeyIsHeldForTheFunctionsPeriodUnlessTheJobSaysAnother() {
		assertThat(stored(this.queue.enqueue("bill", 1))).containsEntry("unique_key", "bill:1")
			.containsEntry("unique_until", Date.from(NOW.plusSeconds(600)));
		assertThat(stored(this.queue.job("bill", 2).uniqueFor(Duration.ofSeconds(5)).enqueue()))
			.containsEntry("unique_key", "bill:2")
			.containsEntry("unique_until", Date.from(NOW.plusSeconds(5)));
		assertThat(stored(this.queue.job("bill", 3).uniqueKey("k").enqueue())).containsEntry("unique_key", "k")
			.doesNotContainKey("unique_until");
	}

	@Test
	void jobOfAFunctionHereHasItsQueueAndPriority() {
		assertThat(stored(this.queue.enqueue("send_mail", "you", 1))).containsEntry("queue", "mail")
			.containsEntry("priority", 5);
	}

	@Test
	void recordedCallIsTheJobOfItsFunction() {
		JobHandle<Object> handle = this.queue.enqueue(MailJobs.class, (mail) -> mail.send("you@example.com", 3, null));

		Document stored = stored(handle);
		assertThat(stored).containsEntry("function", "send_mail").containsEntry("queue", "mail");
		assertThat(stored.getList("params", Object.class)).containsExactly("you@example.com", 3, null);
		assertThat(MailJobs.ran).isFalse();
	}

	@Test
	void recordedCallOfAnotherMethodSaysWhatToDo() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.enqueue(MailJobs.class, MailJobs::other))
			.withMessageContaining("MailJobs.other()")
			.withMessageContaining("@AsyncJob");
	}

	@Test
	void builderSaysEachThing() {
		JobHandle<Object> handle = this.queue.job("send_mail", "you")
			.kwarg("times", 2)
			.queue("slow")
			.priority(-1)
			.delay(Duration.ofMinutes(1))
			.maxAttempts(3)
			.timeout(Duration.ofNanos(1))
			.id("mail-7")
			.enqueue();

		assertThat(handle.id()).isEqualTo("mail-7");
		assertThat(stored(handle)).containsEntry("_id", "mail-7")
			.containsEntry("kwargs", new Document("times", 2))
			.containsEntry("queue", "slow")
			.containsEntry("priority", -1)
			.containsEntry("run_at", Date.from(NOW.plusSeconds(60)))
			.containsEntry("created_at", Date.from(NOW))
			.containsEntry("max_attempts", 3)
			.containsEntry("timeout_ms", 1L);
	}

	@Test
	void expiryIsCountedFromTheTimeAtWhichTheJobMayStart() {
		JobHandle<Object> delayed = this.queue.job("send_mail", "you", 1)
			.delay(Duration.ofMinutes(1))
			.expiresIn(Duration.ofSeconds(30))
			.enqueue();
		JobHandle<Object> due = this.queue.job("send_mail", "you", 1).expiresIn(Duration.ofSeconds(30)).enqueue();

		assertThat(stored(delayed)).containsEntry("expires_at", Date.from(NOW.plusSeconds(90)));
		assertThat(stored(due)).containsEntry("expires_at", Date.from(NOW.plusSeconds(30)));
	}

	@Test
	void expiryOfNothingOrBeyondAllDatesIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.queue.job("send_mail").expiresIn(Duration.ZERO).enqueue())
			.withMessageContaining("expiresIn is 'PT0S'");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.queue.job("send_mail").expiresIn(Duration.ofSeconds(Long.MAX_VALUE)).enqueue())
			.withMessageContaining("expiresIn is 'PT");
	}

	@Test
	void timeThatNoDateHoldsIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.queue.job("send_mail").delay(Duration.ofSeconds(Long.MAX_VALUE)).enqueue())
			.withMessageContaining("delay is 'PT");
		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.job("send_mail").at(Instant.MAX).enqueue())
			.withMessageContaining("at is '+1000000000");
	}

	@Test
	void uuidIsStoredInTheStandardFormWhateverTheClientIsSetTo() {
		UUID uuid = UUID.randomUUID();

		JobHandle<Object> handle = this.queue.enqueue("send_mail", uuid);

		assertThat(stored(handle).toBsonDocument().getArray("params").get(0)).isEqualTo(new BsonBinary(uuid));
		assertThat(handle.find()).map(Job::params).contains(List.of(uuid));
	}

	@Test
	void argumentThatCannotBeWrittenIsNamedByItsPlace() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.queue.enqueue("send_mail", "you", new Object()))
			.withMessageContaining("params[1]");
	}

	@Test
	void allJobsOfAStreamAreSubmitted() {
		long submitted = this.queue
			.enqueueAll(IntStream.range(0, 2500).mapToObj((i) -> this.queue.job("send_mail", "you", i).spec()));

		assertThat(submitted).isEqualTo(2500);
		assertThat(this.database.jobs().countDocuments(Filters.eq("queue", "mail"))).isEqualTo(2500);
	}

	@Test
	void findsAJobByItsIdInTextForm() {
		String generated = this.queue.enqueue("send_mail", "you", 1).id();
		this.queue.job("send_mail", "me", 1).id("0123456789abcdef01234567").enqueue();

		assertThat(this.queue.find(generated)).map(Job::params).contains(List.of("you", 1));
		assertThat(this.queue.find("0123456789abcdef01234567")).map(Job::params).contains(List.of("me", 1));
		assertThat(this.queue.find("none")).isEmpty();
	}

	@Test
	void findsTheJobsOfProgramsThatCountOrUseUuids() {
		UUID uuid = UUID.randomUUID();
		this.database.jobs()
			.insertMany(List.of(new Document("_id", 42).append("state", "pending"),
					new Document("_id", new BsonBinary(uuid)).append("state", "pending")));

		assertThat(this.queue.find("42")).map(Job::id).contains("42");
		assertThat(this.queue.find(uuid.toString())).map(Job::id).contains(uuid.toString());
	}

	@Test
	void awaitGivesTheResultInTheTypeThatIsAskedFor() throws Exception {
		JobHandle<Object> handle = this.queue.enqueue("send_mail", "you", 1);
		end(handle, "succeeded", new Document("sent", 3).append("at", Date.from(NOW)));

		assertThat(handle.as(Receipt.class).await(Duration.ofSeconds(5))).isEqualTo(new Receipt(3, NOW));
		assertThat(handle.await(Duration.ofSeconds(5))).isEqualTo(Map.of("sent", 3, "at", Date.from(NOW)));
	}

	@Test
	void awaitGivesNullWhereTheFunctionGaveNothing() throws Exception {
		JobHandle<Object> handle = this.queue.enqueue("send_mail", "you", 1);
		end(handle, "succeeded", null);

		assertThat(handle.await(Duration.ofSeconds(5))).isNull();
		assertThat(handle.as(Receipt.class).await(Duration.ofSeconds(5))).isNull();
	}

	@Test
	void awaitThrowsWhatAFailedJobSays() {
		JobHandle<Object> handle = this.queue.enqueue("send_mail", "you", 1);
		JobError error = new JobError(JobError.Reason.EXCEPTION, "java.io.IOException", "no route", null, 1, NOW);
		this.database.jobs()
			.updateOne(byId(handle), new Document("$set",
					new Document("state", "failed").append("error", JobDocument.writeError(error))));

		assertThatExceptionOfType(JobFailedException.class).isThrownBy(() -> handle.await(Duration.ofSeconds(5)))
			.withMessageContaining("failed: no route")
			.satisfies((ex) -> assertThat(ex.getJob().params()).containsExactly("you", 1));
	}

	@Test
	void awaitEndsInTimeAndLeavesNoWaiterBehind() {
		JobHandle<Object> handle = this.queue.enqueue("send_mail", "you", 1);

		assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> handle.await(Duration.ofMillis(300)))
			.withMessageContaining("it goes on");
		assertThat(this.queue.waiting()).isZero();
	}

	@Test
	void awaitOfAJobThatDoesNotExistSaysSoAtOnce() {
		assertThatExceptionOfType(TaskQueueException.class)
			.isThrownBy(() -> this.queue.handle("none").await(Duration.ofSeconds(30)))
			.withMessageContaining("does not exist");
	}

	@Test
	void awaitFindsTheEndThatAnotherNodeWrites() throws Exception {
		JobHandle<Object> handle = this.queue.enqueue("send_mail", "you", 1);
		CompletableFuture<@Nullable Object> result = waitFor(handle);
		await().until(() -> this.queue.waiting() == 1);

		end(handle, "succeeded", "done");

		await().atMost(Duration.ofSeconds(30)).until(result::isDone);
		assertThat(result.get()).isEqualTo("done");
	}

	@Test
	void awaitLooksAtOnceWhenAnEventSaysThatTheJobEnded() throws Exception {
		EndWaits waits = new EndWaits();
		try (EndWaits.Wait wait = waits.begin("a")) {
			waits.onEvent(new JobEvent.Executing("a", "f", "q", 1));
			waits.onEvent(new JobEvent.Completed("b", "f", "q", Duration.ZERO));
			waits.onEvent(new JobEvent.Completed("a", "f", "q", Duration.ZERO));
			long start = System.nanoTime();

			wait.forEventAtMost(Duration.ofSeconds(20).toNanos());

			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
		}
		assertThat(waits.size()).isZero();
	}

	@Test
	void awaitIsEndedByAnInterrupt() throws Exception {
		JobHandle<Object> handle = this.queue.enqueue("send_mail", "you", 1);
		AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
		Thread thread = new Thread(() -> {
			try {
				handle.await(Duration.ofSeconds(50));
			}
			catch (Exception ex) {
				thrown.set(ex);
			}
		});
		thread.start();
		await().until(() -> this.queue.waiting() == 1);

		thread.interrupt();
		thread.join();

		assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
		assertThat(this.queue.waiting()).isZero();
	}

	private CompletableFuture<@Nullable Object> waitFor(JobHandle<Object> handle) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				return handle.await(Duration.ofSeconds(30));
			}
			catch (TimeoutException | InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	private void end(JobHandle<Object> handle, String state, @Nullable Object result) {
		Document set = new Document("state", state);
		if (result != null) {
			set.append("result", result);
		}
		this.database.jobs().updateOne(byId(handle), new Document("$set", set));
	}

	private Document stored(JobHandle<Object> handle) {
		return this.database.jobs().find(byId(handle)).into(new ArrayList<>()).get(0);
	}

	private static Bson byId(JobHandle<Object> handle) {
		return Filters.in("_id", JobDocument.idsOf(handle.id()));
	}

	record Receipt(int sent, Instant at) {
	}

	static class MailJobs {

		static boolean ran;

		@AsyncJob(name = "send_mail", queue = "mail", priority = 5)
		void send(String to, int times, @Nullable JobContext context) {
			ran = true;
		}

		@AsyncJob(uniqueBy = "#order", uniqueFor = "PT10M")
		void bill(int order) {
			ran = true;
		}

		void other() {
			ran = true;
		}

	}

}
