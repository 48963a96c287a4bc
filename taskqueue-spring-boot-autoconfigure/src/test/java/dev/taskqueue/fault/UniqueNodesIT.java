package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

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
 * Three real processes that submit and run unique jobs, one of which is killed: of a key
 * one job runs at a time, and all that was submitted runs.
 */
@Tag("outage")
class UniqueNodesIT {

	private static final Duration START = Duration.ofSeconds(60);

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final List<NodeProcess> nodes = new ArrayList<>();

	@AfterEach
	void end() {
		this.nodes.forEach(NodeProcess::close);
		MongoServer.drop(this.database);
	}

	@Test
	void oneJobOfAKeyRunsAtATimeThoughANodeIsKilled() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		for (int i = 0; i < 3; i++) {
			this.nodes.add(NodeProcess.start(UniqueNode.class, "--spring.mongodb.uri=" + MongoServer.uri(this.database),
					"--spring.main.web-application-type=none", "--taskqueue.worker.lease=2s"));
		}
		this.nodes.forEach((node) -> node.awaitLine("NODE READY", START));
		awaitEnds(50);

		awaitEnds(count("ends") + random.nextInt(30));
		NodeProcess killed = this.nodes.get(random.nextInt(3));
		killed.kill9();
		// the keys that it held are free when its jobs have been taken back and run
		awaitEnds(count("ends") + 100);
		awaitEndsOfEachKey();
		this.nodes.forEach(NodeProcess::kill9);

		for (int key = 0; key < UniqueNode.KEYS; key++) {
			assertThat(overlaps(key)).as("jobs of key %d that ran beside another; seed %d", key, seed).isEmpty();
		}
		assertThat(this.database.getCollection("submits").distinct("job", String.class).into(new HashSet<>()))
			.as("what nobody holds and was submitted, seed %d", seed)
			.isSubsetOf(ran());
	}

	/** What has ended, or may yet run. */
	private Set<String> ran() {
		Set<String> ran = this.database.getCollection("ends").distinct("job", String.class).into(new HashSet<>());
		this.database.getCollection("taskqueue_jobs")
			.find(Filters.in("state", "pending", "running"))
			.forEach((job) -> ran.add(job.getObjectId("_id").toHexString()));
		return ran;
	}

	private void awaitEnds(long count) {
		Awaitility.await(count + " ends").atMost(START).until(() -> count("ends") >= count);
	}

	private void awaitEndsOfEachKey() {
		for (int key = 0; key < UniqueNode.KEYS; key++) {
			long before = this.database.getCollection("ends").countDocuments(Filters.eq("key", key));
			int number = key;
			Awaitility.await("another end of key " + key)
				.atMost(Duration.ofSeconds(20))
				.until(() -> this.database.getCollection("ends").countDocuments(Filters.eq("key", number)) > before);
		}
	}

	private long count(String collection) {
		return this.database.getCollection(collection).countDocuments();
	}

	/** Jobs whose first start lies before the last end of one that began earlier. */
	private List<String> overlaps(int key) {
		Map<String, Instant> starts = first("starts", key);
		List<String> overlaps = new ArrayList<>();
		Instant latestEnd = Instant.EPOCH;
		for (Map.Entry<String, Instant> start : starts.entrySet()) {
			if (start.getValue().isBefore(latestEnd)) {
				overlaps.add(start.getKey());
			}
			for (Document end : this.database.getCollection("ends").find(Filters.eq("job", start.getKey()))) {
				Instant at = end.getDate("at").toInstant();
				latestEnd = at.isAfter(latestEnd) ? at : latestEnd;
			}
		}
		return overlaps;
	}

	private Map<String, Instant> first(String collection, int key) {
		Map<String, Instant> first = new LinkedHashMap<>();
		this.database.getCollection(collection)
			.find(Filters.eq("key", key))
			.sort(Sorts.ascending("at"))
			.forEach((note) -> first.putIfAbsent(note.getString("job"), note.getDate("at").toInstant()));
		return first;
	}

}
