package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Random;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Real processes that all declare the same periodic job.
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
		for (int i = 0; i < 3; i++) {
			this.nodes
				.add(NodeProcess.start(PeriodicNode.class, "--spring.mongodb.uri=" + MongoServer.uri(this.database),
						"--spring.main.web-application-type=none", "--taskqueue.worker.lease=2s"));
		}
		this.nodes.forEach((node) -> node.awaitLine("NODE READY", SOON));
		Awaitility.await().atMost(SOON).until(() -> slots().size() > 2);
		this.database.getCollection("crontab_jobs")
			.updateOne(Filters.eq("_id", "periodic:tick"), new Document("$set", new Document("misfire", "all")));
		int then = slots().size();
		Awaitility.await().atMost(SOON).until(() -> slots().size() > then);
		Instant from = slots().get(slots().size() - 1);
		int more = 1 + random.nextInt(3);
		Awaitility.await().atMost(SOON).until(() -> slots().size() > then + more);

		NodeProcess killed = leader();
		killed.kill9();

		Instant killedAt = slots().get(slots().size() - 1);
		Awaitility.await().atMost(SOON).until(() -> slots().get(slots().size() - 1).isAfter(killedAt.plusSeconds(3)));
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

	private NodeProcess leader() {
		String holder = Objects
			.requireNonNull(this.database.getCollection("taskqueue_locks").find(Filters.eq("_id", "crontab")).first())
			.getString("holder");
		return this.nodes.stream()
			.filter((node) -> holder.contains("-" + node.pid() + "-"))
			.findFirst()
			.orElseThrow(() -> new AssertionError("no node is " + holder));
	}

	private List<Instant> slots() {
		return this.database.getCollection("taskqueue_jobs")
			.find()
			.sort(Sorts.ascending("origin.time"))
			.map((job) -> job.get("origin", Document.class).getDate("time").toInstant())
			.into(new ArrayList<>());
	}

}
