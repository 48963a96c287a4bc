package dev.taskqueue.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobChange;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.JobStateException;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.AsyncJobScanner;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.submit.Submitter;
import dev.taskqueue.submit.Transactions;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import dev.taskqueue.testsupport.Steerings;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** What becomes of the unique key of a job whose arguments are changed. */
@ExtendWith(MongoServer.class)
class ChangedKeyIT {

	private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

	private final TaskQueueDatabase database;

	private final DefaultTaskQueue queue;

	/** Of an application that has no functions. */
	private final DefaultTaskQueue other;

	ChangedKeyIT(MongoDatabase database) {
		this.database = new TaskQueueDatabase(database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(10));
		ArgumentMapper mapper = new ArgumentMapper(JsonMapper.builder().build(), BsonValues::toPlain);
		AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(Bills.class);
		this.queue = queue(mapper, new AsyncJobScanner(application, mapper, Duration::parse).scan());
		this.other = queue(mapper, FunctionRegistry.of(List.of()));
	}

	private DefaultTaskQueue queue(ArgumentMapper mapper, FunctionRegistry functions) {
		MovableClock clock = new MovableClock(NOW);
		Submitter submitter = new Submitter(this.database, Transactions.NONE, (name) -> {
		}, (event) -> {
		}, 1_000_000, Duration.ofSeconds(10));
		return new DefaultTaskQueue(submitter, new JobQueries(this.database, clock), functions, mapper, clock,
				EnqueueHooks.NONE, Steerings.on(this.database, clock));
	}

	@BeforeEach
	void startEmpty() {
		this.database.jobs().drop();
		Indexes.create(this.database);
	}

	@Test
	void keyThatTheFunctionMadeFollowsTheArguments() {
		JobHandle<Object> job = this.queue.enqueue("bill", 7);

		assertThat(this.queue.edit(job.id(), JobChange.none().args(8))).isTrue();

		assertThat(stored(job)).containsEntry("params", List.of(8))
			.containsEntry("unique_key", "bill:8")
			.containsEntry("unique_until", Date.from(NOW.plusSeconds(600)));
		assertThat(this.queue.enqueue("bill", 8).id()).isEqualTo(job.id());
		assertThat(this.queue.enqueue("bill", 7).isDuplicate()).isFalse();
	}

	@Test
	void keyIsMadeOfWhatIsChangedAndOfWhatStays() {
		JobHandle<Object> job = this.queue.job("ship", "a").kwarg("times", 1).enqueue();
		assertThat(stored(job)).containsEntry("unique_key", "ship:a-1");

		this.queue.edit(job.id(), JobChange.none().kwargs(Map.of("times", 2)));
		assertThat(stored(job)).containsEntry("unique_key", "ship:a-2");
		this.queue.edit(job.id(), JobChange.none().args("b").priority(3));

		assertThat(stored(job)).containsEntry("unique_key", "ship:b-2").containsEntry("priority", 3);
	}

	@Test
	void changeToTheKeyOfAnotherJobIsRefusedAndChangesNothing() {
		JobHandle<Object> job = this.queue.enqueue("bill", 7);
		JobHandle<Object> holder = this.queue.enqueue("bill", 8);
		Document before = stored(job);

		assertThatExceptionOfType(JobStateException.class)
			.isThrownBy(() -> this.queue.edit(job.id(), JobChange.none().args(8).priority(9)))
			.withMessage("Job " + job.id() + " is pending, and cannot be edited while job " + holder.id()
					+ " has the unique key 'bill:8'. Wait until that is free, or cancel that job.")
			.satisfies((ex) -> assertThat(ex.getState()).isEqualTo(JobState.PENDING));

		assertThat(stored(job)).isEqualTo(before);
		this.database.jobs().deleteOne(Filters.eq(new ObjectId(holder.id())));
		assertThat(this.queue.edit(job.id(), JobChange.none().args(8))).isTrue();
	}

	@Test
	void keyThatAnEndedJobStillHasIsTakenOverWhenItsPeriodIsOver() {
		JobHandle<Object> job = this.queue.enqueue("bill", 7);
		Document ended = new Document("_id", "ended").append("state", "succeeded").append("unique_key", "bill:8");
		this.database.jobs().insertOne(new Document(ended).append("unique_until", Date.from(NOW.plusSeconds(1))));

		assertThatExceptionOfType(JobStateException.class)
			.isThrownBy(() -> this.queue.edit(job.id(), JobChange.none().args(8)))
			.withMessageContaining("while job ended has the unique key 'bill:8'");
		this.database.jobs().replaceOne(Filters.eq("ended"), ended.append("unique_until", Date.from(NOW)));

		assertThat(this.queue.edit(job.id(), JobChange.none().args(8))).isTrue();
		assertThat(stored(job)).containsEntry("unique_key", "bill:8");
		assertThat(this.database.jobs().find(Filters.eq("ended")).first()).containsEntry("ended_key", "bill:8");
	}

	@Test
	void keyOfTheJobsOwnStays() {
		JobHandle<Object> own = this.queue.job("bill", 7).uniqueKey("mine").enqueue();
		JobHandle<Object> keyless = this.other.enqueue("bill", 9);

		this.queue.edit(own.id(), JobChange.none().args(8));
		this.queue.edit(keyless.id(), JobChange.none().args(10));

		assertThat(stored(own)).containsEntry("unique_key", "mine").containsEntry("params", List.of(8));
		assertThat(stored(keyless)).doesNotContainKey("unique_key").containsEntry("params", List.of(10));
	}

	@Test
	void argumentsThatGiveNoKeyAreRefusedAndChangeNothing() {
		JobHandle<Object> job = this.queue.enqueue("bill", 7);
		Document before = stored(job);

		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.queue.edit(job.id(), JobChange.none().args((Object) null)))
			.withMessageContaining("Function 'bill': uniqueBy '#order' is null for these arguments");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.queue.edit(job.id(), JobChange.none().args("x", "y")))
			.withMessageContaining("Function 'bill'");

		assertThat(stored(job)).isEqualTo(before);
	}

	@Test
	void applicationWithoutTheFunctionRefusesWhatItCannotTell() {
		JobHandle<Object> job = this.queue.enqueue("bill", 7);
		JobHandle<Object> own = this.queue.job("bill", 7).uniqueKey("mine").enqueue();

		assertThatIllegalArgumentException().isThrownBy(() -> this.other.edit(job.id(), JobChange.none().args(8)))
			.withMessage("The job's unique key 'bill:7' may follow from its arguments, and this application does not "
					+ "have its function 'bill' to tell. Change the arguments by an application that has it.");
		assertThat(this.other.edit(job.id(), JobChange.none().priority(4))).isTrue();
		assertThat(this.other.edit(own.id(), JobChange.none().args(8))).isTrue();

		assertThat(stored(job)).containsEntry("priority", 4).containsEntry("params", List.of(7));
		assertThat(stored(own)).containsEntry("unique_key", "mine").containsEntry("params", List.of(8));
	}

	@Test
	void keyThatWouldBeUniqueByLuckOnlyIsRefused() {
		JobHandle<Object> job = this.queue.enqueue("bill", 7);
		this.database.jobs().dropIndex(Indexes.UNIQUE);

		assertThatExceptionOfType(TaskQueueException.class)
			.isThrownBy(() -> this.queue.edit(job.id(), JobChange.none().args(8)))
			.withMessageContaining("without which no key is unique");

		assertThat(stored(job)).containsEntry("params", List.of(7)).containsEntry("unique_key", "bill:7");
	}

	@Test
	void keyIsThatOfTheArgumentsWhoeverChangesThemAtTheSameTime() {
		JobHandle<Object> job = this.queue.job("ship", "start").kwarg("times", 0).enqueue();

		for (int i = 1; i <= 30; i++) {
			int times = i;
			CompletableFuture<Void> byName = CompletableFuture
				.runAsync(() -> this.queue.edit(job.id(), JobChange.none().kwargs(Map.of("times", times))));
			this.queue.edit(job.id(), JobChange.none().args("a" + i));
			byName.join();

			assertThat(stored(job)).containsEntry("params", List.of("a" + i))
				.containsEntry("kwargs", new Document("times", i))
				.containsEntry("unique_key", "ship:a" + i + "-" + i);
		}
	}

	private Document stored(JobHandle<Object> job) {
		return Objects.requireNonNull(this.database.jobs().find(Filters.eq(new ObjectId(job.id()))).first());
	}

	static class Bills {

		@AsyncJob(uniqueBy = "#order", uniqueFor = "PT10M")
		public void bill(@Nullable Integer order) {
		}

		@AsyncJob(uniqueBy = "#order + '-' + #times")
		public void ship(String order, int times) {
		}

	}

}
