package dev.taskqueue.lease;

import java.time.Duration;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.testsupport.EmbeddedServer;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The main ways of the lease on the server that the sample uses.
 */
class EmbeddedServerLeaseTests {

	private static final EmbeddedServer server = EmbeddedServer.start();

	private final MongoDatabase database = server.freshDatabase();

	private final Store store = new Store(this.database);

	private final Node node = new Node(this.database);

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void beginsBeatsAndEnds() {
		this.node.facts = () -> new Document("host", "somewhere");
		WorkerLease lease = this.node.begin();
		this.store.silence(lease.workerId(), Duration.ofSeconds(20));

		lease.beat();

		Document worker = this.store.worker(lease.workerId());
		assertThat(worker).isNotNull().containsEntry("host", "somewhere").containsKeys("beat_at", "started_at");
		assertThat(this.node.fenced).isEmpty();
		assertThat(lease.end()).isTrue();
		assertThat(this.store.worker(lease.workerId())).isNull();
	}

	@Test
	void fencedWorkerGoesOnUnderANewName() {
		WorkerLease lease = this.node.begin();
		String old = lease.workerId();
		this.store.setWorker(old, "fenced", true);

		lease.beat();

		assertThat(this.node.fenced).containsExactly(old);
		assertThat(lease.workerId()).isNotEqualTo(old);
		assertThat(lease.isFresh()).isTrue();
	}

	@Test
	void jobsOfLostWorkersAreRecoveredAndThoseOfLiveOnesStay() {
		this.store.insertWorker("dead", Node.LEASE.plusSeconds(5));
		this.store.insertWorker("alive", Duration.ofSeconds(5));
		this.store.insertRunning("a", "dead", "token-a");
		this.store.insertRunning("b", "alive", "token-b");
		this.store.insertRunning("c", "gone", "token-c");
		this.store.database.jobs().insertOne(this.store.running("d", null, "token-d"));

		this.node.begin().recoverOnce();

		assertThat(this.store.job("a")).containsEntry("state", "pending")
			.containsEntry("attempt", 0)
			.containsEntry("recoveries", 1);
		assertThat(this.store.state("b")).isEqualTo("running");
		assertThat(this.store.state("c")).isEqualTo("pending");
		assertThat(this.store.state("d")).isEqualTo("pending");
		assertThat(this.node.events).hasSize(3);
		assertThat(this.store.worker("dead")).isNull();
	}

	@Test
	void orphanedClaimsAreGivenBack() {
		WorkerLease lease = this.node.begin();
		this.store.insertRunning("a", lease.workerId(), "unknown");

		assertThat(lease.giveBackOrphans()).isEqualTo(1);

		assertThat(this.store.state("a")).isEqualTo("pending");
	}

}
