package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.function.Function;
import java.util.stream.IntStream;

import dev.taskqueue.DuplicateJobException;
import dev.taskqueue.JobHandle;
import dev.taskqueue.Misfire;
import dev.taskqueue.PeriodicJob;
import dev.taskqueue.PeriodicJobBuilder;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.PeriodicJobs;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

class PeriodicJobsIT {

	static final ArgumentMapper MAPPER = new ArgumentMapper(JsonMapper.builder().build(), BsonValues::toPlain);

	private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

	private final Crontab crontab = new Crontab(MongoServer.freshDatabase());

	private final MovableClock clock = new MovableClock(NOON.plusMillis(40));

	private final PeriodicJobs jobs = jobs();

	private final CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

	@AfterEach
	void drop() {
		MongoServer.drop(this.crontab.database.database());
	}

	@Test
	void addedJobIsARowThatRunsAtItsTimes() {
		PeriodicJob added = this.jobs.add(PeriodicJobSpec.named("nightly")
			.function("sql_execute_now", "app", "42")
			.kwarg("count", 3)
			.cron("*/5 * * * *")
			.zone(ZoneId.of("Europe/Berlin"))
			.misfire(Misfire.SKIP)
			.queue("reports")
			.priority(2)
			.maxAttempts(4)
			.timeout(Duration.ofSeconds(90))
			.expiresIn(Duration.ofMinutes(10))
			.uniqueKey("nightly-42")
			.endTime(NOON.plusSeconds(3600))
			.build());

		Crontab.rounds(this.scheduler);
		assertThat(added.source()).isEqualTo("api");
		assertThat(this.crontab.row("periodic:nightly")).containsEntry("name", "nightly")
			.containsEntry("source", "api")
			.containsEntry("params", List.of("app", "42"))
			.containsEntry("kwargs", new Document("count", 3))
			.containsEntry("zone", "Europe/Berlin")
			.containsEntry("misfire", "skip")
			.containsEntry("timeout", "PT1M30S")
			.containsEntry("is_done", false)
			.containsEntry("time", Date.from(NOON.plusSeconds(300)))
			.doesNotContainKeys("every", "enabled", "start_time", "error");
		this.clock.set(NOON.plusSeconds(300));
		Crontab.rounds(this.scheduler);

		assertThat(this.crontab.jobs()).singleElement()
			.satisfies((job) -> assertThat(job).containsEntry("queue", "reports")
				.containsEntry("priority", 2)
				.containsEntry("max_attempts", 4)
				.containsEntry("timeout_ms", 90_000L)
				.containsEntry("unique_key", "nightly-42")
				.containsEntry("expires_at", Date.from(NOON.plusSeconds(900))));
		PeriodicJob ran = this.jobs.find("nightly").orElseThrow();
		assertThat(ran.lastTime()).isEqualTo(NOON.plusSeconds(300));
		assertThat(ran.lastJobId()).isEqualTo(this.crontab.jobs().get(0).getString("_id"));
		assertThat(ran.nextTimes()).startsWith(NOON.plusSeconds(600)).hasSize(5);
		assertThat(ran.kwargs()).isEqualTo(Map.of("count", 3));
		assertThat(ran.error()).isNull();
	}

	@Test
	void jobThatIsAddedAgainIsLeftAsItIs() {
		PeriodicJobSpec job = sql("again").every("1m").build();
		this.jobs.add(job);
		Crontab.rounds(this.scheduler);
		this.clock.set(NOON.plusSeconds(60));
		Crontab.rounds(this.scheduler);
		Document before = this.crontab.row("periodic:again");
		assertThat(before).containsKeys("last_time", "job_id");
		this.clock.advance(Duration.ofSeconds(7));

		this.jobs.add(job);

		assertThat(this.crontab.row("periodic:again")).isEqualTo(before);
	}

	@Test
	void onlyWhatIsDifferentIsReplaced() {
		this.jobs.add(sql("report").cron("@hourly").queue("slow").build());
		Crontab.rounds(this.scheduler);
		Document before = this.crontab.row("periodic:report");
		this.crontab.update("periodic:report", "{$set: {priority: 9}}");

		this.jobs.add(sql("report").cron("@hourly").maxAttempts(3).build());
		Crontab.rounds(this.scheduler);

		assertThat(this.crontab.row("periodic:report")).containsEntry("max_attempts", 3)
			.containsEntry("priority", 9)
			.containsEntry("time", before.get("time"))
			.containsEntry("next", before.get("next"))
			.doesNotContainKey("queue");
	}

	@Test
	void shorterIntervalOfAJobThatHasNotRunCountsAtOnce() {
		this.jobs.add(sql("beat").every("30d").build());
		Crontab.rounds(this.scheduler);

		this.jobs.change("beat", (job) -> job.every("30s"));
		this.clock.advance(Duration.ofSeconds(5));
		Crontab.rounds(this.scheduler);

		assertThat(this.crontab.row("periodic:beat")).containsEntry("time", Date.from(NOON.plusSeconds(30)));
	}

	@Test
	void jobBehindItsEndBeginsAgainWithALaterOne() {
		this.jobs.add(sql("campaign").every("1m").endTime(NOON.plusSeconds(60)).build());
		Crontab.rounds(this.scheduler);
		this.clock.set(NOON.plusSeconds(60));
		Crontab.rounds(this.scheduler);
		assertThat(this.crontab.row("periodic:campaign")).containsEntry("is_done", true);
		assertThat(this.jobs.find("campaign").orElseThrow().enabled()).isFalse();

		this.jobs.add(sql("campaign").every("1m").endTime(NOON.plusSeconds(180)).build());
		this.clock.advance(Duration.ofSeconds(5));
		Crontab.rounds(this.scheduler);
		this.clock.set(NOON.plusSeconds(180));
		Crontab.rounds(this.scheduler);

		assertThat(slots()).containsExactly(NOON.plusSeconds(60), NOON.plusSeconds(120));
	}

	@Test
	void pausedJobDoesNotRunAndIsNotResumedByBeingAdded() {
		PeriodicJobSpec job = sql("paused").every("1m").build();
		this.jobs.add(job);
		Crontab.rounds(this.scheduler);

		this.jobs.pause("paused");
		this.jobs.add(job);
		this.clock.set(NOON.plusSeconds(180));
		Crontab.rounds(this.scheduler);
		assertThat(this.crontab.countJobs()).isZero();
		assertThat(this.jobs.find("paused").orElseThrow().enabled()).isFalse();

		this.jobs.resume("paused");
		Crontab.rounds(this.scheduler);
		assertThat(slots()).containsExactly(NOON.plusSeconds(60));
		assertThat(this.jobs.find("paused").orElseThrow().nextTimes()).startsWith(NOON.plusSeconds(240));
	}

	@Test
	void triggerRunsTheJobOnceNowAndTheScheduleGoesOn() {
		this.jobs.add(sql("now").cron("@daily").queue("q").build());
		Crontab.rounds(this.scheduler);
		this.jobs.pause("now");
		Document before = this.crontab.row("periodic:now");

		JobHandle<Object> handle = this.jobs.trigger("now");

		assertThat(this.crontab.row("periodic:now")).isEqualTo(before);
		assertThat(this.crontab.jobs()).singleElement().satisfies((job) -> {
			assertThat(job).containsEntry("_id", handle.id())
				.containsEntry("function", "sql_execute_now")
				.containsEntry("state", "pending")
				.containsEntry("queue", "q")
				.containsEntry("max_attempts", 1)
				.containsEntry("run_at", Date.from(NOON.plusMillis(40)));
			assertThat(job.get("origin", Document.class)).containsEntry("row", "periodic:now")
				.containsEntry("triggered", true);
		});
		assertThat(this.crontab.woken).containsExactly("q");
	}

	@Test
	void triggeredJobDoesNotTakeTheSlotOfTheSchedule() {
		this.jobs.add(sql("minute").every("1m").build());
		Crontab.rounds(this.scheduler);
		this.clock.set(NOON.plusSeconds(60));

		this.jobs.trigger("minute");
		Crontab.rounds(this.scheduler);

		assertThat(this.crontab.jobs()).hasSize(2);
	}

	@Test
	void jobWhoseUniqueKeyAnotherHasIsNotTriggered() {
		this.jobs.add(sql("unique").cron("@daily").uniqueKey("k").build());
		String first = this.jobs.trigger("unique").id();

		assertThatExceptionOfType(DuplicateJobException.class).isThrownBy(() -> this.jobs.trigger("unique"))
			.withMessage("Periodic job 'unique' was not triggered: job " + first + " has its unique key 'k'. "
					+ "Wait until the key is free, or cancel that job.")
			.satisfies((ex) -> assertThat(ex.getFirstId()).isEqualTo(first));
		this.crontab.database.jobs().updateOne(new Document(), Document.parse("{$set: {state: 'succeeded'}}"));
		assertThat(this.jobs.trigger("unique").id()).isNotEqualTo(first);
	}

	@Test
	void jobThatIsNotInOrderIsNotTriggered() {
		this.jobs.add(sql("broken").every("1m").build());
		this.crontab.update("periodic:broken", "{$set: {queue: 7}}");

		assertThatIllegalArgumentException().isThrownBy(() -> this.jobs.trigger("broken"))
			.withMessageContaining("field 'queue' is '7' (int)");
		assertThatIllegalArgumentException().isThrownBy(() -> this.jobs.change("broken", (job) -> job.priority(1)))
			.withMessageStartingWith("Periodic job 'broken': field 'queue' is '7' (int)");
		assertThat(this.jobs.list()).extracting(PeriodicJob::queue).containsExactly("7");
		assertThat(this.crontab.countJobs()).isZero();
	}

	@Test
	void removedJobIsGone() {
		this.jobs.add(sql("old").every("1m").build());
		Crontab.rounds(this.scheduler);

		assertThat(this.jobs.remove("old")).isTrue();

		assertThat(this.jobs.remove("old")).isFalse();
		this.clock.advance(Duration.ofMinutes(5));
		Crontab.rounds(this.scheduler);
		assertThat(this.crontab.countJobs()).isZero();
		assertThat(this.jobs.find("old")).isEmpty();
	}

	@Test
	void nameThatIsNotThereIsNamed() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.jobs.trigger("none"))
			.withMessageStartingWith("There is no periodic job 'none'.");
		assertThatIllegalArgumentException().isThrownBy(() -> this.jobs.pause("none"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.jobs.resume("none"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.jobs.change("none", (job) -> job.priority(1)));
	}

	@Test
	void rowsOfOtherProgramsAreNeitherListedNorTouched() {
		Document theirs = Rows.row(Crontab.epoch(NOON.plusSeconds(600)))
			.append("name", "same")
			.append("source", "mine");
		Object id = this.crontab.insert(theirs);
		this.crontab.insert(Rows.row(Crontab.epoch(NOON.plusSeconds(600))).append("_id", "periodic:taken"));

		this.jobs.add(sql("same").every("1h").build());
		this.jobs.pause("same");
		this.jobs.remove("same");

		assertThat(this.crontab.row(id)).isEqualTo(theirs);
		assertThat(this.jobs.list()).isEmpty();
		assertThatIllegalArgumentException().isThrownBy(() -> this.jobs.add(sql("taken").every("1h").build()))
			.withMessageContaining("another program has a row with the _id 'periodic:taken'");
		assertThatIllegalArgumentException().isThrownBy(() -> this.jobs.pause("taken"));
	}

	@Test
	void nameOfAnotherSourceIsNotTakenOverUntilThatHasGivenItUp() {
		PeriodicRows rows = new PeriodicRows(this.crontab.database, this.clock);
		Document definition = PeriodicDefinition.of(sql("report").every("1h").build(), MAPPER);
		rows.put("properties", definition, null, true, (row) -> false);

		assertThatIllegalArgumentException().isThrownBy(() -> this.jobs.add(sql("report").every("2h").build()))
			.withMessageContaining("belongs to the source 'properties'");
		assertThatIllegalArgumentException().isThrownBy(() -> this.jobs.remove("report"))
			.withMessageContaining("would come back");

		rows.remove(Objects.requireNonNull(rows.find("report")));
		assertThatIllegalArgumentException().isThrownBy(() -> this.jobs.resume("report"))
			.withMessageContaining("is not asked for any more by its source, 'properties'");
		PeriodicJob taken = this.jobs.add(sql("report").every("2h").build());
		assertThat(taken.source()).isEqualTo("api");
		assertThat(taken.enabled()).isTrue();
		assertThat(taken.every()).isEqualTo("2h");
	}

	@Test
	void jobsAreListedByName() {
		this.jobs.add(sql("b").every("1h").build());
		this.jobs.add(sql("a").cron("@daily").build());

		assertThat(this.jobs.list()).extracting(PeriodicJob::name).containsExactly("a", "b");
	}

	@Test
	void argumentThatCannotBeStoredIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.jobs.add(PeriodicJobSpec.named("x").function("f", new Object()).every("1h").build()))
			.withMessageStartingWith("params[0] is of Object");
	}

	@Test
	void manyNodesThatAddTheSameJobMakeOneRowWithOneRunASlot() throws Exception {
		int nodes = 8;
		CyclicBarrier start = new CyclicBarrier(nodes);

		CompletableFuture<?>[] all = IntStream.range(0, nodes).mapToObj((i) -> CompletableFuture.runAsync(() -> {
			try {
				start.await();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
			jobs().add(sql("shared").every("1m").priority(i % 2).build());
		}, (task) -> new Thread(task).start())).toArray(CompletableFuture[]::new);
		CompletableFuture.allOf(all).get();
		Crontab.rounds(this.scheduler);
		this.clock.set(NOON.plusSeconds(60));
		Crontab.rounds(this.scheduler);
		Crontab.rounds(this.crontab.scheduler(this.clock));

		assertThat(this.crontab.database.crontab().countDocuments()).isEqualTo(1);
		assertThat(slots()).containsExactly(NOON.plusSeconds(60));
		Document row = this.crontab.row("periodic:shared");
		assertThat(row.get("declared", Document.class)).containsEntry("priority", row.get("priority"));
	}

	private List<Instant> slots() {
		return this.crontab.jobs()
			.stream()
			.map((job) -> job.get("origin", Document.class).getDate("time").toInstant())
			.toList();
	}

	private static PeriodicJobBuilder sql(String name) {
		return PeriodicJobSpec.named(name).function("sql_execute_now", "app", "42", 3);
	}

	private PeriodicJobs jobs() {
		Function<String, JobHandle<Object>> handles = PeriodicJobsIT::handle;
		return new StoredPeriodicJobs(new CrontabRows(this.crontab.database, this.clock, MAPPER,
				() -> FunctionRegistry.of(List.of()), this.crontab.settings, this.crontab.woken::add), handles);
	}

	@SuppressWarnings("unchecked")
	private static JobHandle<Object> handle(String id) {
		JobHandle<Object> handle = mock(JobHandle.class);
		when(handle.id()).thenReturn(id);
		return handle;
	}

}
