package dev.taskqueue.crontab;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import dev.taskqueue.PeriodicJobBuilder;
import dev.taskqueue.PeriodicJobProvider;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import org.bson.BsonUndefined;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Nodes of one or several versions of an application, each with what it asks for, on one
 * crontab. Live is what the test says.
 */
class PeriodicSyncIT {

	private final Crontab crontab = new Crontab(MongoServer.freshDatabase());

	private final ServerClock clock = new ServerClock(this.crontab.database::hello);

	private final Outage outage = new Outage();

	@AfterEach
	void drop() {
		MongoServer.drop(this.crontab.database.database());
	}

	@Test
	void declaredJobIsPutOnceAndLeftAloneByEachFurtherStart() {
		node("a", code(hourly("report"))).turn();
		Document first = this.crontab.row("periodic:report");

		node("b", code(hourly("report"))).turn();

		assertThat(first).containsEntry("source", "code").containsEntry("every", "1h");
		assertThat(withoutStart(this.crontab.row("periodic:report"))).isEqualTo(withoutStart(first));
		assertThat(this.crontab.database.crontab().countDocuments()).isEqualTo(1);
	}

	@Test
	void newVersionChangesWhatItSaysOtherwiseAndKeepsWhatAHandHasChanged() {
		node("a", code(hourly("report"))).turn();
		this.crontab.update("periodic:report", "{$set: {queue: 'slow', enabled: false}}");

		node("b", code(job("report").every("2h").build())).turn();

		assertThat(this.crontab.row("periodic:report")).containsEntry("every", "2h")
			.containsEntry("queue", "slow")
			.containsEntry("enabled", false)
			.doesNotContainKey("removed");
	}

	@Test
	void jobThatNoLiveWorkerDeclaresIsDisabledByTheNodeThatStarts() {
		node("a", code(hourly("old"), hourly("kept"))).turn();
		this.crontab.liveSchedules.clear();

		node("b", code(hourly("kept"))).turn();

		assertThat(this.crontab.row("periodic:old")).containsEntry("enabled", false).containsKey("removed");
		assertThat(this.crontab.row("periodic:kept")).doesNotContainKeys("enabled", "removed");
	}

	@Test
	void jobThatAnOldNodeStillDeclaresGoesOnUntilThatIsGoneAndIsThenDisabledInsteadOfRun() {
		node("a", code(every1s("old"))).turn();
		node("b", properties(hourly("new"))).turn();
		assertThat(this.crontab.row("periodic:old")).doesNotContainKey("enabled");
		MovableClock time = new MovableClock(this.clock.instant());
		CrontabScheduler scheduler = this.crontab.scheduler(time);
		Crontab.rounds(scheduler);
		time.advance(Duration.ofSeconds(2));
		Crontab.rounds(scheduler);
		assertThat(this.crontab.countJobs()).isEqualTo(1);

		this.crontab.liveSchedules.remove("code/old");
		time.advance(Duration.ofSeconds(2));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.countJobs()).isEqualTo(1);
		assertThat(this.crontab.row("periodic:old")).containsEntry("enabled", false).containsKey("removed");
		assertThat(this.crontab.row("periodic:new")).doesNotContainKey("enabled");
	}

	@Test
	void removedJobThatComesBackGoesOn() {
		node("a", code(every1s("job"))).turn();
		this.crontab.liveSchedules.clear();
		node("b", code()).turn();
		assertThat(this.crontab.row("periodic:job")).containsEntry("enabled", false);

		node("c", code(every1s("job"))).turn();

		assertThat(this.crontab.row("periodic:job")).doesNotContainKeys("enabled", "removed");
	}

	@Test
	void jobThatWasPausedByHandIsStillPausedWhenItComesBack() {
		node("a", code(every1s("job"))).turn();
		this.crontab.update("periodic:job", "{$set: {enabled: false}}");
		this.crontab.liveSchedules.clear();
		node("b", code()).turn();
		assertThat(this.crontab.row("periodic:job")).containsKey("removed");

		node("c", code(every1s("job"))).turn();

		assertThat(this.crontab.row("periodic:job")).containsEntry("enabled", false).doesNotContainKey("removed");
	}

	@Test
	void workerThatWasTakenForLostPutsItsJobsBackAndNoOlderDefinition() {
		AtomicReference<@Nullable String> id = new AtomicReference<>("a1");
		PeriodicSync old = sync(id, code(hourly("job"), hourly("changed")));
		old.turn();
		node("b", code(job("changed").every("2h").build())).turn();
		this.crontab.liveSchedules.removeAll(List.of("code/job"));
		node("c", code(job("changed").every("2h").build())).turn();
		assertThat(this.crontab.row("periodic:job")).containsEntry("enabled", false);

		id.set("a2");
		old.turn();

		assertThat(this.crontab.row("periodic:job")).doesNotContainKeys("enabled", "removed");
		assertThat(this.crontab.row("periodic:changed")).containsEntry("every", "2h");
	}

	@Test
	void nothingIsPutBeforeTheWorkerCanTellThatItAsksForIt() {
		AtomicReference<@Nullable String> id = new AtomicReference<>();
		PeriodicSync sync = sync(id, code(hourly("job")));
		sync.turn();
		assertThat(this.crontab.database.crontab().countDocuments()).isZero();

		id.set("a");
		sync.turn();

		assertThat(this.crontab.database.crontab().countDocuments()).isEqualTo(1);
	}

	@Test
	void disablingThatComesLateDoesNotDisableWhatANodeAsksForAgain() {
		node("a", code(hourly("job"))).turn();
		PeriodicRows rows = new PeriodicRows(this.crontab.database, this.clock);
		Document asRead = this.crontab.row("periodic:job");
		MovableClock later = new MovableClock(this.clock.instant().plusSeconds(1));
		new PeriodicRows(this.crontab.database, later).put("code",
				PeriodicDefinition.of(hourly("job"), PeriodicJobsIT.MAPPER), null, true, (row) -> false);

		assertThat(rows.remove(asRead)).isFalse();

		assertThat(this.crontab.row("periodic:job")).doesNotContainKeys("enabled", "removed");
	}

	@Test
	void nameMovesFromOneSourceToAnotherWhenNoNodeAsksForTheFormer() {
		node("a", properties(hourly("job"))).turn();
		PeriodicSync next = node("b", code(job("job").every("2h").build()));
		next.turn();
		assertThat(this.crontab.row("periodic:job")).containsEntry("source", "properties").containsEntry("every", "1h");

		this.crontab.liveSchedules.remove("properties/job");
		next.turn();

		assertThat(this.crontab.row("periodic:job")).containsEntry("source", "code")
			.containsEntry("every", "2h")
			.doesNotContainKeys("enabled", "removed");
	}

	@Test
	void listOfAProviderIsAddedChangedAndDisabled() {
		List<PeriodicJobSpec> jobs = new ArrayList<>(List.of(hourly("one"), hourly("two")));
		PeriodicSync node = node("a", provider(() -> jobs));
		node.turn();
		assertThat(this.crontab.row("periodic:two")).containsEntry("source", "provider:mine");

		jobs.clear();
		jobs.addAll(List.of(job("two").every("2h").build(), hourly("three")));
		node.turn();

		assertThat(this.crontab.row("periodic:one")).containsEntry("enabled", false).containsKey("removed");
		assertThat(this.crontab.row("periodic:two")).containsEntry("every", "2h").doesNotContainKey("enabled");
		assertThat(this.crontab.row("periodic:three")).containsEntry("every", "1h");
		Document before = this.crontab.row("periodic:two");
		node.turn();
		assertThat(this.crontab.row("periodic:two")).isEqualTo(before);

		jobs.add(hourly("one"));
		node.turn();
		assertThat(this.crontab.row("periodic:one")).doesNotContainKeys("enabled", "removed");
	}

	@Test
	void providerThatFailsKeepsTheLastGoodList() {
		AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
		PeriodicSync node = node("a", provider(() -> {
			RuntimeException thrown = failure.get();
			if (thrown != null) {
				throw thrown;
			}
			return List.of(hourly("job"));
		}));
		node.turn();
		Document before = this.crontab.row("periodic:job");

		failure.set(new IllegalStateException("no answer"));
		node.turn();
		assertThat(this.crontab.row("periodic:job")).isEqualTo(before);
		assertThat(this.outage.broken()).containsExactly("asking for the periodic jobs of 'provider:mine'");

		failure.set(null);
		node.turn();
		assertThat(this.outage.broken()).isEmpty();
	}

	@Test
	void listWithOneNameTwiceIsNoGoodOne() {
		PeriodicSync node = node("a", provider(() -> List.of(hourly("job"), hourly("job"))));

		node.turn();

		assertThat(this.outage.broken()).hasSize(1);
		assertThat(this.crontab.database.crontab().countDocuments()).isZero();
	}

	@Test
	void jobThatTheStoreRefusesHoldsUpNoOtherAndIsToldOf() {
		String huge = "x".repeat(17_000_000);
		PeriodicJobSpec tooLarge = PeriodicJobSpec.named("a").function("print", huge).every("1h").build();
		PeriodicSync node = node("a", new PeriodicSources(Map.of("code", List.of(tooLarge, hourly("declared"))),
				Map.of("provider:mine", () -> List.of(tooLarge, hourly("provided")))));

		node.turn();

		assertThat(this.crontab.database.crontab().distinct("_id", String.class)).containsExactly("periodic:declared",
				"periodic:provided");
		assertThat(this.outage.broken()).containsExactly("registering periodic jobs");
	}

	@Test
	void rowThatCannotBeDisabledSaysSoAndHoldsUpNoOther() {
		Instant now = this.clock.instant();
		Document row = Rows.row(Crontab.epoch(now) - 1).append("_id", "periodic:job").append("source", "code");
		this.crontab.insert(row.append("declared", new BsonUndefined()));
		this.crontab.insert(Rows.row(Crontab.epoch(now) - 1));

		Crontab.rounds(this.crontab.scheduler(Clock.fixed(now, ZoneOffset.UTC)));

		assertThat(this.crontab.countJobs()).isEqualTo(1);
		assertThat(this.crontab.row("periodic:job").get("error", Document.class).getString("message"))
			.startsWith("no live worker asks for this periodic job")
			.endsWith("Delete the row, or set its field 'enabled' to false.");
	}

	@Test
	void oneOfTheNodesAsksItsProvider() {
		List<String> asked = new ArrayList<>();
		PeriodicSync a = node("a", provider(() -> {
			asked.add("a");
			return List.of();
		}));
		PeriodicSync b = node("b", provider(() -> {
			asked.add("b");
			return List.of();
		}));

		a.turn();
		b.turn();
		a.turn();

		assertThat(asked).containsExactly("a", "a");
	}

	@Test
	void jobOfAProviderThatNoLiveNodeHasIsDisabledInsteadOfRun() {
		node("a", provider(() -> List.of(every1s("job")))).turn();
		this.crontab.liveSchedules.clear();
		MovableClock time = new MovableClock(this.clock.instant());
		CrontabScheduler scheduler = this.crontab.scheduler(time);
		Crontab.rounds(scheduler);

		time.advance(Duration.ofSeconds(2));
		Crontab.rounds(scheduler);

		assertThat(this.crontab.countJobs()).isZero();
		assertThat(this.crontab.row("periodic:job")).containsEntry("enabled", false).containsKey("removed");
	}

	@Test
	void userRowWithASourceOfItsOwnRunsWhoeverLives() {
		Instant now = this.clock.instant();
		this.crontab.insert(Rows.row(Crontab.epoch(now) - 1).append("source", "code"));

		Crontab.rounds(this.crontab.scheduler(Clock.fixed(now, ZoneOffset.UTC)));

		assertThat(this.crontab.countJobs()).isEqualTo(1);
	}

	/** A node whose worker's document tells what it asks for. */
	private PeriodicSync node(String id, PeriodicSources sources) {
		return sync(new AtomicReference<>(id), sources);
	}

	private PeriodicSync sync(AtomicReference<@Nullable String> id, PeriodicSources sources) {
		this.crontab.liveSchedules.addAll(sources.keys());
		return new PeriodicSync(this.crontab.database, this.clock, PeriodicJobsIT.MAPPER, this.outage, sources,
				() -> this.crontab.liveSchedules, id::get, Duration.ofSeconds(10));
	}

	private static PeriodicSources code(PeriodicJobSpec... jobs) {
		return new PeriodicSources(Map.of("code", Arrays.asList(jobs)), Map.of());
	}

	private static PeriodicSources properties(PeriodicJobSpec... jobs) {
		return new PeriodicSources(Map.of("properties", Arrays.asList(jobs)), Map.of());
	}

	private static PeriodicSources provider(PeriodicJobProvider provider) {
		return new PeriodicSources(Map.of(), Map.of("provider:mine", provider));
	}

	private static PeriodicJobSpec hourly(String name) {
		return job(name).every("1h").build();
	}

	private static PeriodicJobSpec every1s(String name) {
		return job(name).every("1s").build();
	}

	private static PeriodicJobBuilder job(String name) {
		return PeriodicJobSpec.named(name).function("sql_execute_now", "app", "42", 3);
	}

	private static Document withoutStart(Document row) {
		Document rest = new Document(row);
		rest.remove("declared_at");
		rest.remove("update_at");
		return rest;
	}

}
