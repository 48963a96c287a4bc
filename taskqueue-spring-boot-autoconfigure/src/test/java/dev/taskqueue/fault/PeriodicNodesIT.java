package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.Sorts;
import dev.taskqueue.history.Checker;
import dev.taskqueue.history.Entry;
import dev.taskqueue.history.Entry.InsertingRow;
import dev.taskqueue.history.Entry.Listed;
import dev.taskqueue.history.Entry.Stored;
import dev.taskqueue.history.Entry.StoredPeriodic;
import dev.taskqueue.history.History;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Real processes that all ask for the same periodic jobs.
 */
@Tag("outage")
class PeriodicNodesIT {

	private static final Duration SOON = Duration.ofSeconds(60);

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final List<NodeProcess> nodes = new ArrayList<>();

	@AfterEach
	void end() {
		this.nodes.forEach(NodeProcess::close);
		MongoServer.drop(this.database);
	}

	/**
	 * With {@code misfire: all} each second must become one job, whoever is killed and
	 * whoever leads.
	 */
	@Test
	void eachSlotBecomesOneJobThoughNodesStartAtOnceAndTheirLeaderIsKilled() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		start(PeriodicNode.class, PeriodicNode.class, PeriodicNode.class);
		Awaitility.await().atMost(SOON).until(() -> slots().size() > 2);
		this.database.getCollection("crontab_jobs")
			.updateOne(Filters.eq("_id", "periodic:tick"), new Document("$set", new Document("misfire", "all")));
		int then = slots().size();
		Awaitility.await().atMost(SOON).until(() -> slots().size() > then);
		Instant from = lastSlot();
		int more = 1 + random.nextInt(3);
		Awaitility.await().atMost(SOON).until(() -> slots().size() > then + more);

		NodeProcess killed = leader();
		killed.kill9();

		Instant killedAt = lastSlot();
		Awaitility.await().atMost(SOON).until(() -> lastSlot().isAfter(killedAt.plusSeconds(3)));
		List<Instant> slots = slots().stream().filter((slot) -> slot.isAfter(from)).toList();
		for (int i = 0; i < slots.size(); i++) {
			assertThat(slots.get(i)).as("slot %d after %s, seed %d", i, from, seed).isEqualTo(from.plusSeconds(i + 1L));
		}
		assertThat(this.database.getCollection("crontab_jobs").countDocuments()).isEqualTo(1);
		// what the killed node ran is run again, all else once
		Awaitility.await()
			.atMost(SOON)
			.untilAsserted(() -> assertThat(this.database.getCollection("taskqueue_jobs")
				.countDocuments(
						Filters.and(Filters.ne("state", "succeeded"), Filters.lt("created_at", Date.from(killedAt)))))
				.isZero());
	}

	/**
	 * The node that asks the provider is killed between two of many lists; a job that is
	 * in all of them becomes one job a slot all the while.
	 */
	@Test
	void listOfAProviderIsFollowedThoughTheNodeThatAsksForItIsKilled() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		List<Entry> entries = new ArrayList<>();
		list(entries, List.of("steady", "n0", "n1"));
		start(ListNode.class, ListNode.class, ListNode.class);
		awaitList(List.of("n0", "n1", "steady"));
		int killedAt = random.nextInt(6);
		List<String> names = List.of();
		for (int i = 0; i < 6; i++) {
			names = Stream
				.concat(Stream.of("steady"),
						IntStream.range(0, 6).filter((name) -> random.nextBoolean()).mapToObj((name) -> "n" + name))
				.toList();
			list(entries, names);
			int then = slotsOf("steady").size();
			if (i == killedAt) {
				holder("crontab-provider:listed").kill9();
			}
			Awaitility.await().atMost(SOON).until(() -> slotsOf("steady").size() > then);
		}

		awaitList(names.stream().sorted().toList());
		List<Instant> slots = slotsOf("steady");
		assertThat(slots).hasSizeGreaterThanOrEqualTo(6);
		entries.add(new InsertingRow(0, "nodes", "periodic:steady", slots.get(0).getEpochSecond(), 1));
		for (int i = 0; i < slots.size(); i++) {
			entries.add(new Stored(System.nanoTime(), "store", "steady" + i, "succeeded", 1, 0, null, null,
					"periodic:steady", slots.get(i).getEpochSecond()));
		}
		this.database.getCollection("crontab_jobs")
			.find()
			.forEach((row) -> entries.add(new StoredPeriodic(System.nanoTime(), "store", row.getString("_id"),
					row.getString("source"), !Boolean.FALSE.equals(row.get("enabled")))));
		assertThat(Checker.check(new History(entries))).as("seed %d", seed).hasToString("All promises were kept");
	}

	/**
	 * A deployment rolls, and the last node of the old version is killed: what only that
	 * asked for went on until then, and is disabled.
	 */
	@Test
	void jobOfTheOldVersionGoesOnUntilItsLastNodeIsGone() {
		list(new ArrayList<>(), List.of("steady"));
		start(PeriodicNode.class, ListNode.class);
		int before = slots().size();
		Awaitility.await().atMost(SOON).until(() -> slots().size() > before + 2);
		assertThat(row("tick")).doesNotContainKeys("enabled", "removed");

		this.nodes.get(0).kill9();

		Awaitility.await()
			.atMost(SOON)
			.untilAsserted(() -> assertThat(row("tick")).containsEntry("enabled", false).containsKey("removed"));
		int last = slots().size();
		int steady = slotsOf("steady").size();
		Awaitility.await().atMost(SOON).until(() -> slotsOf("steady").size() > steady + 2);
		assertThat(slots()).hasSize(last);
	}

	private void start(Class<?>... applications) {
		for (Class<?> application : applications) {
			this.nodes.add(NodeProcess.start(application, "--spring.mongodb.uri=" + MongoServer.uri(this.database),
					"--spring.main.web-application-type=none", "--taskqueue.worker.lease=2s",
					"--taskqueue.crontab.sync-interval=1s"));
		}
		this.nodes.forEach((node) -> node.awaitLine("NODE READY", SOON));
	}

	private Document row(String name) {
		return Objects.requireNonNull(
				this.database.getCollection("crontab_jobs").find(Filters.eq("_id", "periodic:" + name)).first());
	}

	private void list(List<Entry> entries, List<String> names) {
		this.database.getCollection(ListNode.LIST)
			.replaceOne(Filters.eq("list"), new Document("names", names), new ReplaceOptions().upsert(true));
		entries.add(new Listed(System.nanoTime(), "test", "provider:listed",
				names.stream().map((name) -> "periodic:" + name).toList()));
	}

	private void awaitList(List<String> names) {
		Awaitility.await()
			.atMost(SOON)
			.untilAsserted(() -> assertThat(this.database.getCollection("crontab_jobs")
				.find(Filters.ne("enabled", false))
				.map((row) -> row.getString("name"))
				.into(new ArrayList<>())).containsExactlyInAnyOrderElementsOf(names));
	}

	private NodeProcess leader() {
		return holder("crontab");
	}

	private NodeProcess holder(String lock) {
		String holder = Objects
			.requireNonNull(this.database.getCollection("taskqueue_locks").find(Filters.eq("_id", lock)).first())
			.getString("holder");
		return this.nodes.stream()
			.filter((node) -> holder.contains("-" + node.pid() + "-"))
			.findFirst()
			.orElseThrow(() -> new AssertionError("no node is " + holder));
	}

	private List<Instant> slots() {
		return slotsOf("tick");
	}

	private Instant lastSlot() {
		List<Instant> slots = slots();
		return slots.get(slots.size() - 1);
	}

	private List<Instant> slotsOf(String name) {
		return this.database.getCollection("taskqueue_jobs")
			.find(Filters.eq("origin.row", "periodic:" + name))
			.sort(Sorts.ascending("origin.time"))
			.map((job) -> job.get("origin", Document.class).getDate("time").toInstant())
			.into(new ArrayList<>());
	}

}
