package dev.taskqueue.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import dev.taskqueue.testsupport.TcpProxy;
import org.bson.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@ExtendWith({ MongoServer.class, OutputCaptureExtension.class })
class WorkerLeaseIT {

	private final MongoDatabase database;

	private final Store store;

	private final Node node;

	WorkerLeaseIT(MongoDatabase database) {
		this.database = database;
		this.store = new Store(database);
		this.node = new Node(database);
	}

	@BeforeEach
	void clear() {
		this.store.clear();
	}

	@Test
	void firstIdentityIsADocumentWithBeatLeaseAndFacts() {
		this.node.facts = () -> new Document("host", "somewhere").append("fenced", true);

		WorkerLease lease = this.node.begin();

		assertThat(lease.isFresh()).isTrue();
		assertThat(worker(lease)).containsEntry("host", "somewhere")
			.containsEntry("lease_ms", 30_000L)
			.containsKeys("beat_at", "started_at")
			.doesNotContainKey("fenced");
	}

	@Test
	void idTellsHostAndProcessAndIsShort() {
		String id = this.node.begin().workerId();

		assertThat(id).matches("[A-Za-z0-9_-]{1,32}-" + ProcessHandle.current().pid() + "-[0-9a-f]{8}");
		assertThat(WorkerId.shortened("mail-7d9f8b6c5d-x2x9z.jobs.svc")).isEqualTo("mail-7d9f8b6c5d-x2x9z");
		assertThat(WorkerId.shortened("...")).isEqualTo("host");
	}

	@Test
	void beatRenewsTheServersDateAndTheFacts() {
		AtomicInteger running = new AtomicInteger();
		this.node.facts = () -> new Document("running", running.get());
		WorkerLease lease = this.node.begin();
		this.store.silence(lease.workerId(), Duration.ofSeconds(20));
		running.set(3);

		lease.beat();

		assertThat(worker(lease)).containsEntry("running", 3);
		assertThat(worker(lease).getDate("beat_at").toInstant())
			.isAfter(this.store.database.hello().getDate("localTime").toInstant().minusSeconds(5));
	}

	@Test
	void freshnessCountsFromBeforeTheBeatWasSent() {
		this.node.facts = () -> {
			this.node.elapse(Duration.ofSeconds(10)); // the server is slow
			return new Document();
		};

		WorkerLease lease = this.node.begin();

		assertThat(lease.sinceLastBeat()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(15));
	}

	@Test
	void stoppedProcessIsNotFreshBeforeItsNextBeatIsAcknowledged() {
		WorkerLease lease = this.node.begin();

		this.node.elapse(Node.LEASE);
		assertThat(lease.isFresh()).isFalse();

		lease.beat();
		assertThat(lease.isFresh()).isTrue();
	}

	@Test
	void fencedWorkerInterruptsUnderItsOldNameAndGoesOnUnderANewOne() {
		List<String> seen = new ArrayList<>();
		WorkerLease[] leases = new WorkerLease[1];
		this.node.onFenced = (old) -> seen.add(old + " " + leases[0].workerId() + " " + leases[0].isFresh());
		WorkerLease lease = this.node.begin();
		leases[0] = lease;
		String old = lease.workerId();
		this.store.setWorker(old, "fenced", true);

		lease.beat();
		lease.beat();

		assertThat(seen).containsExactly(old + " " + old + " false");
		assertThat(lease.workerId()).isNotEqualTo(old);
		assertThat(lease.isFresh()).isTrue();
		assertThat(worker(lease)).doesNotContainKey("fenced");
		assertThat(this.store.worker(old)).containsEntry("fenced", true);
	}

	@Test
	void beatNeverBringsARemovedDocumentBack() {
		WorkerLease lease = this.node.begin();
		String old = lease.workerId();
		this.store.clear();

		lease.beat();

		assertThat(this.store.worker(old)).isNull();
		assertThat(this.node.fenced).containsExactly(old);
		assertThat(worker(lease)).isNotNull();
	}

	@Test
	@SuppressWarnings("try") // closing the client is what takes the server away
	void fencedIsToldOnceEvenIfThereIsNoNewIdentityYet() {
		try (MongoClient client = MongoClients.create(MongoServer.uri())) {
			Node own = new Node(client.getDatabase(this.database.getName()));
			own.onFenced = (old) -> {
				own.fenced.add(old);
				client.close();
			};
			WorkerLease lease = own.begin();
			this.store.setWorker(lease.workerId(), "fenced", true);

			assertThatExceptionOfType(IllegalStateException.class).isThrownBy(lease::beat);
			assertThatExceptionOfType(IllegalStateException.class).isThrownBy(lease::beat);

			assertThat(own.fenced).hasSize(1);
			assertThat(lease.isFresh()).isFalse();
		}
	}

	@Test
	void factsThatCannotBeWrittenDoNotCostTheLease() {
		for (Object bad : List.of(new Object(), new Document("$set", 1))) {
			Node other = new Node(this.database);
			other.facts = () -> new Document("bad", bad);
			assertThat(other.begin().isFresh()).isTrue();
		}
		Node failing = new Node(this.database);
		failing.facts = () -> {
			throw new IllegalStateException("no facts");
		};
		assertThat(failing.begin().isFresh()).isTrue();
	}

	@Test
	void beatThatIsForbiddenSaysNothingOfTheFacts(CapturedOutput output) {
		try (OwnMongoServer server = MongoServer.startOwn(false);
				MongoClient client = MongoClients.create(server.uri())) {
			WorkerLease lease = new Node(client.getDatabase("forbidden")).begin();
			client.getDatabase("admin")
				.runCommand(Document.parse("{configureFailPoint: 'failCommand', mode: {times: 1}, "
						+ "data: {failCommands: ['update'], errorCode: 13}}"));

			assertThatExceptionOfType(MongoException.class).isThrownBy(lease::beat)
				.satisfies((refusal) -> assertThat(refusal.getCode()).isEqualTo(13));
			lease.beat();

			assertThat(lease.isFresh()).isTrue();
			assertThat(output).doesNotContain("cannot be written");
		}
	}

	@Test
	void endRemovesTheDocumentOnlyWhenNothingRunsUnderIt() {
		WorkerLease lease = this.node.begin();
		this.node.held.add("token");
		this.store.insertRunning("a", lease.workerId(), "token");

		assertThat(lease.end()).isFalse();
		assertThat(worker(lease)).isNotNull();
		assertThat(lease.isFresh()).isFalse();

		this.store.setJob("a", "state", "succeeded");
		assertThat(lease.end()).isTrue();
		assertThat(this.store.worker(lease.workerId())).isNull();
	}

	@Test
	void endGivesBackWhatIsNotHeld() {
		WorkerLease lease = this.node.begin();
		this.store.insertRunning("a", lease.workerId(), "lost");

		assertThat(lease.end()).isTrue();

		assertThat(this.store.job("a")).containsEntry("state", "pending").containsEntry("attempt", 0);
		assertThat(this.store.worker(lease.workerId())).isNull();
	}

	@Test
	void noBeatAfterTheEndTakesANewIdentity() {
		WorkerLease lease = this.node.begin();
		lease.end();

		lease.beat();

		assertThat(this.store.database.workers().countDocuments()).isZero();
		assertThat(this.node.fenced).isEmpty();
	}

	@Test
	void hungServerHoldsABeatForAThirdOfTheLeaseAtMost() {
		try (OwnMongoServer server = MongoServer.startOwn(false);
				MongoClient client = MongoClients.create(server.uri())) {
			Node own = new Node(client.getDatabase("hung"));
			own.lease = WorkerLease.SHORTEST;
			WorkerLease lease = own.begin();
			server.freeze();
			long began = System.nanoTime();

			assertThatExceptionOfType(MongoException.class).isThrownBy(lease::beat);

			assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(WorkerLease.SHORTEST);
			server.thaw();
			lease.beat();
			assertThat(lease.isFresh()).isTrue();
		}
	}

	@Test
	void beginSaysWhenTheServerCannotBeReached() {
		try (MongoClient client = MongoClients.create("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100")) {
			WorkerLease lease = new Node(client.getDatabase("nowhere")).build();

			assertThatExceptionOfType(MongoException.class).isThrownBy(lease::begin);

			assertThat(lease.isFresh()).isFalse();
		}
	}

	@Test
	void identityOfWhoseDocumentItDidNotHearIsNotLeftBehind() {
		try (OwnMongoServer server = MongoServer.startOwn(false);
				TcpProxy proxy = TcpProxy.start("127.0.1.8", server.port());
				MongoClient client = MongoClients.create(server.uri().replace("127.0.0.1", "127.0.1.8"))) {
			Node own = new Node(client.getDatabase("unheard"));
			own.lease = WorkerLease.SHORTEST;
			own.facts = () -> {
				if (proxy.swallowed() == 0) {
					proxy.cutToClient();
				}
				return new Document();
			};
			WorkerLease lease = own.build();
			assertThatExceptionOfType(MongoException.class).isThrownBy(lease::begin);
			assertThat(lease.isFresh()).isFalse();
			proxy.heal();
			assertThat(own.database.workers().countDocuments()).isEqualTo(1);

			lease.begin();
			lease.beat();

			assertThat(own.database.workers().distinct("_id", String.class)).containsExactly(lease.workerId());
		}
	}

	@Test
	void tooShortLeaseIsRefused() {
		this.node.lease = Duration.ofMillis(1999);

		assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(this.node::build)
			.withMessageStartingWith("taskqueue.worker.lease is 1999ms, expected at least 2s.");
	}

	private Document worker(WorkerLease lease) {
		return Objects.requireNonNull(this.store.database.workers().find(Filters.eq("_id", lease.workerId())).first());
	}

}
