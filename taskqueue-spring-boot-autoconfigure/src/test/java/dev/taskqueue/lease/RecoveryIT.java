package dev.taskqueue.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.CreateCollectionOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.InsertManyOptions;
import com.mongodb.client.model.ValidationOptions;
import dev.taskqueue.JobError;
import dev.taskqueue.JobEvent;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.Retention;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.BsonRegularExpression;
import org.bson.types.Symbol;
import org.bson.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(MongoServer.class)
class RecoveryIT {

	private static final Duration LAPSED = Node.LEASE.plusSeconds(5);

	private final MongoDatabase database;

	private final Store store;

	private final Node node;

	RecoveryIT(MongoDatabase database) {
		this.database = database;
		this.store = new Store(database);
		this.node = new Node(database);
	}

	@BeforeEach
	void clear() {
		this.store.clear();
	}

	@Test
	void jobsOfALapsedWorkerArePendingAgainAndItsDocumentIsGone() {
		this.store.insertWorker("dead", LAPSED);
		this.store.insertRunning("a", "dead", "token");

		this.node.begin().recoverOnce();

		assertThat(this.store.job("a")).containsEntry("state", "pending")
			.containsEntry("attempt", 0)
			.containsEntry("recoveries", 1)
			.containsEntry("claim", "token")
			.containsEntry("run_at", Date.from(Store.RUN_AT));
		assertThat(this.node.events).containsExactly(new JobEvent.Recovered("a", "send_mail", "default", "dead", null));
		assertThat(this.store.worker("dead")).isNull();
	}

	@Test
	void whatStandsInPlaceOfATokenOrAWorkerIsNoQuery() {
		this.store.insertWorker("dead", LAPSED);
		this.store.insertRunning("a", "dead", "token");
		insertRunning("b", "dead", new Document("$gt", ""));
		insertRunning("c", "dead", new BsonRegularExpression(".*"));
		insertRunning("d", new Document("$ne", null), "token");
		insertRunning("e", 5, "token");
		insertRunning("f", new Symbol("worker"), "token");

		this.node.begin().recoverOnce();

		for (String id : List.of("a", "b", "c", "d", "e")) {
			assertThat(this.store.job(id)).as(id).containsEntry("state", "pending").containsEntry("recoveries", 1);
		}
	}

	private void insertRunning(String id, Object worker, Object claim) {
		this.store.database.jobs()
			.insertOne(this.store.running(id, null, null).append("worker", worker).append("claim", claim));
	}

	@Test
	void asksOneQuestionAboutJobsWhereNoneRuns() {
		WorkerLease lease = this.node.begin();
		this.database.getCollection("system.profile").drop();
		this.database.runCommand(new Document("profile", 2));
		try {
			lease.recoverOnce();
		}
		finally {
			this.database.runCommand(new Document("profile", 0));
		}

		assertThat(this.database.getCollection("system.profile")
			.find(Filters.eq("ns", this.store.database.jobs().getNamespace().getFullName()))).hasSize(1);
	}

	@Test
	void workerWithinItsLeaseKeepsItsJobs() {
		this.store.insertWorker("alive", Node.LEASE.minusSeconds(5));
		this.store.insertRunning("a", "alive", "token");

		this.node.begin().recoverOnce();

		assertThat(this.store.state("a")).isEqualTo("running");
		assertThat(this.store.worker("alive")).doesNotContainKey("fenced");
	}

	@Test
	void eachWorkerIsJudgedByItsOwnLease() {
		this.store.insertWorker("slow", LAPSED);
		this.store.setWorker("slow", "lease_ms", 60_000L);
		this.store.insertRunning("a", "slow", "token");

		this.node.begin().recoverOnce();

		assertThat(this.store.state("a")).isEqualTo("running");
	}

	@Test
	void nodeWithAWrongClockTakesNobodyForLost() {
		this.node.hello = () -> new Document("localTime", Date.from(Instant.now().plusSeconds(3600)));
		this.store.insertWorker("alive", Duration.ofSeconds(5));
		this.store.insertRunning("a", "alive", "token");

		this.node.begin().recoverOnce();

		assertThat(this.store.state("a")).isEqualTo("running");
	}

	@Test
	void primaryWhoseClockIsAheadOfTheMeasuredOneFencesNobody() {
		this.node.hello = () -> new Document("localTime", Date.from(Instant.now().minusSeconds(60)));
		this.store.insertWorker("alive", LAPSED);

		this.node.begin().recoverOnce();

		assertThat(this.store.worker("alive")).isNotNull().doesNotContainKey("fenced");
	}

	@Test
	void serverThatDoesNotKnowItsOwnTimeIsHelpedByTheMeasuredClock() {
		this.node.now = "$$NO_SUCH_VARIABLE";
		this.store.insertWorker("alive", Duration.ofSeconds(5));
		this.store.insertWorker("dead", LAPSED);
		this.store.insertRunning("a", "alive", "token-a");
		this.store.insertRunning("b", "dead", "token-b");

		this.node.begin().recoverOnce();

		assertThat(this.store.state("a")).isEqualTo("running");
		assertThat(this.store.state("b")).isEqualTo("pending");
	}

	@Test
	void jobThatIsToBeCancelledEndsCancelled() {
		this.store.insertWorker("dead", LAPSED);
		this.store.insertRunning("a", "dead", "token");
		this.store.setJob("a", "cancel_requested", true);

		this.node.begin().recoverOnce();

		Document job = this.store.job("a");
		assertThat(job).containsEntry("state", "cancelled");
		assertThat(Duration.between(instant(job, "finished_at"), instant(job, "delete_at")))
			.isEqualTo(Duration.ofDays(7));
		assertThat(this.node.events)
			.containsExactly(new JobEvent.Cancelled("a", "send_mail", "default", Duration.ZERO));
	}

	@Test
	void jobThatTookDownThreeWorkersFails() {
		this.store.insertWorker("dead", LAPSED);
		this.store.insertRunning("a", "dead", "token");
		this.store.setJob("a", "recoveries", 2);

		this.node.begin().recoverOnce();

		Document job = this.store.job("a");
		assertThat(job).containsEntry("state", "failed").containsEntry("recoveries", 3).containsEntry("attempt", 1);
		assertThat(job.get("error", Document.class)).containsEntry("reason", "worker-lost").containsEntry("attempt", 1);
		assertThat(Duration.between(instant(job, "finished_at"), instant(job, "delete_at")))
			.isEqualTo(Duration.ofDays(30));
		assertThat(this.node.events).hasSize(2);
		assertThat(this.node.events.get(0)).isInstanceOfSatisfying(JobEvent.Recovered.class,
				(event) -> assertThat(event.error()).isNotNull()
					.extracting(JobError::reason)
					.isEqualTo(JobError.Reason.WORKER_LOST));
		assertThat(this.node.events.get(1)).isInstanceOf(JobEvent.Failed.class);
	}

	@Test
	void endedJobThatIsNotKeptIsDeletedUnlessItGuardsTheSlotOfARow() {
		this.node.retention = new Retention(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
		this.store.insertWorker("dead", LAPSED);
		this.store.insertRunning("plain", "dead", "token");
		this.store.insertRunning("row", "dead", "token");
		this.store.setJob("row", "origin", new Document("row", 1));
		for (String id : List.of("plain", "row")) {
			this.store.setJob(id, "cancel_requested", true);
		}

		this.node.begin().recoverOnce();

		assertThat(this.store.database.jobs().find()).extracting((job) -> job.get("_id")).containsExactly("row");
		Document guard = this.store.job("row");
		assertThat(Duration.between(guard.getDate("finished_at").toInstant(), guard.getDate("delete_at").toInstant()))
			.isEqualTo(Duration.ofMinutes(5));
	}

	@Test
	void oddDocumentsOfOtherProgramsHoldUpNothing() {
		this.store.insertWorker("dead", LAPSED);
		this.store.database.workers().insertOne(new Document("_id", 42));
		this.store.database.workers().insertOne(new Document("_id", "bare"));
		this.store.insertRunning("a", "dead", "token");
		this.store.setJob("a", "recoveries", "many");
		this.store.insertRunning("b", "dead", "token");
		this.store.setJob("b", "attempt", "first");
		this.store.database.jobs().insertOne(new Document("_id", "c").append("state", "running"));
		this.store.database.jobs().insertOne(this.store.running("d", "dead", null));

		this.node.begin().recoverOnce();

		assertThat(Stream.of("a", "b", "c", "d").map(this.store::state)).containsOnly("pending");
		assertThat(this.store.database.workers().countDocuments(Filters.type("_id", "string"))).isEqualTo(1);
	}

	@Test
	void jobThatCannotBeWrittenIsSetAsideAndTheOthersAreRecovered() {
		this.store.database.jobs().drop();
		this.database.createCollection("taskqueue_jobs", new CreateCollectionOptions()
			.validationOptions(new ValidationOptions().validator(Filters.ne("stuck", true))));
		Indexes.create(this.store.database);
		try {
			List<Document> jobs = new ArrayList<>();
			for (int id = 0; id < 6; id++) {
				Document job = this.store.running(id, "dead", "token");
				jobs.add((id == 2) ? job.append("stuck", true) : job);
			}
			this.store.database.jobs().insertMany(jobs, new InsertManyOptions().bypassDocumentValidation(true));
			this.store.insertWorker("dead", LAPSED);
			WorkerLease lease = this.node.begin();

			lease.recoverOnce();

			assertThat(this.store.count("pending")).isEqualTo(5);
			assertThat(this.node.events).hasSize(5).doesNotHaveDuplicates();
			assertThat(this.store.worker("dead")).isNotNull();
		}
		finally {
			this.store.database.jobs().drop();
			Indexes.create(this.store.database);
		}
	}

	@ParameterizedTest
	@CsvSource({ "claim, next", "worker, another", "state, succeeded" })
	void jobThatMovesOnBetweenReadAndWriteIsLeftAlone(String field, String value) {
		this.store.insertWorker("dead", LAPSED);
		this.store.insertRunning("a", "dead", "token-a");
		this.store.insertRunning("b", "dead", "token-b");
		List<String> recovered = new ArrayList<>();
		this.node.listener = (event) -> {
			recovered.add(event.jobId());
			this.store.setJob(other(event.jobId()), field, value);
		};

		this.node.begin().recoverOnce();

		assertThat(recovered).hasSize(1);
		assertThat(this.store.job(other(recovered.get(0)))).containsEntry(field, value)
			.containsEntry("attempt", 1)
			.doesNotContainKey("recoveries");
	}

	@Test
	void cancellationThatComesBetweenReadAndWriteIsNotLost() {
		this.store.insertWorker("dead", LAPSED);
		this.store.insertRunning("a", "dead", "token-a");
		this.store.insertRunning("b", "dead", "token-b");
		List<String> told = new ArrayList<>();
		this.node.listener = (event) -> {
			told.add(event.jobId());
			this.store.setJob(other(told.get(0)), "cancel_requested", true);
		};
		WorkerLease lease = this.node.begin();

		lease.recoverOnce();
		assertThat(this.store.state(other(told.get(0)))).isEqualTo("running");
		assertThat(this.store.worker("dead")).isNotNull();
		lease.recoverOnce();

		assertThat(this.store.state(other(told.get(0)))).isEqualTo("cancelled");
		assertThat(this.store.worker("dead")).isNull();
	}

	private static String other(String id) {
		return id.equals("a") ? "b" : "a";
	}

	@Test
	void anyNumberOfRecoverersTakeEachJobOnce() throws Exception {
		int nodes = 3;
		this.store.insertWorker("dead", LAPSED);
		this.store.insertRunning(3_000, "dead");
		ExecutorService threads = Executors.newFixedThreadPool(nodes);
		CyclicBarrier start = new CyclicBarrier(nodes);
		List<Node> recoverers = Stream.generate(() -> new Node(this.database)).limit(nodes).toList();
		List<Future<?>> done = new ArrayList<>();
		for (Node recoverer : recoverers) {
			WorkerLease lease = recoverer.begin();
			done.add(threads.submit(() -> {
				start.await();
				while (lease.recoverOnce()) {
					Thread.onSpinWait();
				}
				return null;
			}));
		}
		for (Future<?> one : done) {
			one.get(60, TimeUnit.SECONDS);
		}
		threads.shutdown();

		assertThat(this.store.database.jobs()
			.countDocuments(
					Filters.and(Filters.eq("state", "pending"), Filters.eq("recoveries", 1), Filters.eq("attempt", 0))))
			.isEqualTo(3_000);
		assertThat(recoverers).flatExtracting((one) -> one.events).hasSize(3_000).doesNotHaveDuplicates();
	}

	@Test
	void roundIsBoundedAndTheNextGoesOn() {
		int bound = Recovery.JOBS;
		this.store.insertWorker("dead", LAPSED);
		this.store.insertRunning(bound + 1, "dead");
		WorkerLease lease = this.node.begin();

		assertThat(lease.recoverOnce()).isTrue();
		assertThat(this.store.count("pending")).isEqualTo(bound);
		assertThat(this.store.worker("dead")).containsEntry("fenced", true);

		assertThat(lease.recoverOnce()).isFalse();
		assertThat(this.store.count("pending")).isEqualTo(bound + 1);
		assertThat(this.store.worker("dead")).isNull();
	}

	@Test
	void jobsOfAWorkerWithoutDocumentAreRecovered() {
		this.store.insertRunning("a", "gone", "token-a");
		this.store.insertRunning("b", "gone-too", "token-b");
		WorkerLease lease = this.node.begin();

		lease.recoverOnce();

		assertThat(this.store.count("pending")).isEqualTo(2);
		assertThat(this.store.database.workers().countDocuments()).isEqualTo(1);
		assertThat(this.store.worker(lease.workerId())).isNotNull();
	}

	@Test
	void claimThatLandsAfterItsWorkerWasRecoveredIsFoundWithinALease() {
		this.store.insertWorker("dead", LAPSED);
		WorkerLease lease = this.node.begin();
		lease.recoverOnce();
		assertThat(this.store.worker("dead")).isNull();
		this.store.insertRunning("late", "dead", "token");

		lease.recoverOnce();
		assertThat(this.store.state("late")).isEqualTo("running");
		lapseInBeats(lease, Node.LEASE);
		lease.recoverOnce();

		assertThat(this.store.state("late")).isEqualTo("pending");
	}

	@Test
	void ownJobsAreNotRecoveredWhenTheOwnDocumentIsMissing() {
		WorkerLease lease = this.node.begin();
		this.store.insertRunning("a", lease.workerId(), "token");
		this.store.database.workers().deleteMany(new Document());

		lease.recoverOnce();

		assertThat(this.store.state("a")).isEqualTo("running");
	}

	@Test
	void workerFencedBySomeoneElseIsRecoveredToo() {
		this.store.insertWorker("dead", Duration.ZERO);
		this.store.setWorker("dead", "fenced", true);
		this.store.insertRunning("a", "dead", "token");

		this.node.begin().recoverOnce();

		assertThat(this.store.state("a")).isEqualTo("pending");
	}

	@Test
	void afterAGapInItsOwnBeatsANodeJudgesNobodyForOneLease() {
		WorkerLease lease = this.node.begin();
		this.store.insertWorker("dead", LAPSED);
		this.node.elapse(Node.LEASE.dividedBy(2).plusSeconds(1));
		assertThat(lease.isFresh()).isTrue();

		lease.recoverOnce();
		assertThat(this.store.worker("dead")).doesNotContainKey("fenced");

		lease.beat();
		lease.recoverOnce();
		assertThat(this.store.worker("dead")).doesNotContainKey("fenced");

		lapseInBeats(lease, Node.LEASE);
		lease.recoverOnce();
		assertThat(this.store.worker("dead")).isNull();
	}

	@Test
	void nodeThatHasJustBegunJudgesNobodyForOneLease() {
		// it may begin at the end of an outage, when those who lived through it have not
		// beaten yet
		this.store.insertWorker("silent", LAPSED);
		WorkerLease lease = this.node.build();
		lease.begin();

		lease.recoverOnce();
		assertThat(this.store.worker("silent")).isNotNull().doesNotContainKey("fenced");

		lapseInBeats(lease, Node.LEASE);
		lease.recoverOnce();
		assertThat(this.store.worker("silent")).isNull();
	}

	@Test
	void thawedProcessRecoversNothingBeforeItsNextBeat() {
		WorkerLease lease = this.node.begin();
		this.store.insertWorker("fenced", Duration.ZERO);
		this.store.setWorker("fenced", "fenced", true);
		this.store.insertRunning("a", "fenced", "token");
		this.store.insertRunning("b", "gone", "token");
		this.store.insertRunning("orphan", lease.workerId(), "unknown");
		this.node.elapse(Node.LEASE);

		lease.recoverOnce();
		lease.giveBackOrphans();
		assertThat(this.store.count("running")).isEqualTo(3);
		assertThat(this.store.worker("gone")).isNull();

		lease.beat();
		lease.recoverOnce();
		lease.giveBackOrphans();
		assertThat(this.store.count("running")).isZero();
	}

	@Test
	void afterAJumpOfTheServersClockANodeJudgesNobodyForOneLease() {
		AtomicReference<Duration> offset = new AtomicReference<>(Duration.ZERO);
		this.node.hello = () -> new Document("localTime", Date.from(Instant.now().plus(offset.get())));
		WorkerLease lease = this.node.begin();
		this.store.insertWorker("dead", LAPSED);

		offset.set(Duration.ofMinutes(1));
		lease.beat();
		lease.recoverOnce();
		assertThat(this.store.worker("dead")).doesNotContainKey("fenced");

		lapseInBeats(lease, Node.LEASE);
		lease.recoverOnce();
		assertThat(this.store.worker("dead")).isNull();
	}

	@Test
	void nobodyIsJudgedWhileTheClockIsMeasured() {
		List<Boolean> judged = new ArrayList<>();
		WorkerLease[] leases = new WorkerLease[1];
		this.node.hello = () -> {
			judged.add(leases[0].mayJudge());
			return this.store.database.hello();
		};
		leases[0] = this.node.build();
		leases[0].begin();
		lapseInBeats(leases[0], Node.LEASE);

		assertThat(judged).hasSizeGreaterThan(1).containsOnly(false);
		assertThat(leases[0].mayJudge()).isTrue();
	}

	@Test
	void beatThatLiesAheadOfTheServersClockIsJudgedByItsSilence() {
		WorkerLease lease = this.node.begin();
		this.store.insertWorker("dead", Duration.ofHours(-1));
		this.store.insertWorker("alive", Duration.ofHours(-1));

		lease.recoverOnce();
		lapseInBeats(lease, Node.LEASE.plusSeconds(1));
		this.store.silence("alive", Duration.ofHours(-2));
		lease.recoverOnce();

		assertThat(this.store.worker("dead")).isNull();
		assertThat(this.store.worker("alive")).isNotNull().doesNotContainKey("fenced");
	}

	@Test
	void orphanedClaimsAreGivenBackAndHeldOnesStay() {
		WorkerLease lease = this.node.begin();
		this.node.held.add("held");
		this.store.insertRunning("a", lease.workerId(), "held");
		this.store.insertRunning("b", lease.workerId(), "lost");
		this.store.insertRunning("c", lease.workerId(), "lost");
		this.store.setJob("c", "cancel_requested", true);
		this.store.insertRunning("d", "another", "lost-too");

		assertThat(lease.giveBackOrphans()).isEqualTo(2);

		assertThat(this.store.state("a")).isEqualTo("running");
		assertThat(this.store.job("b")).containsEntry("state", "pending")
			.containsEntry("attempt", 0)
			.containsEntry("claim", "lost")
			.doesNotContainKey("recoveries");
		assertThat(this.store.job("c")).containsEntry("state", "cancelled").containsKeys("finished_at", "delete_at");
		assertThat(this.store.state("d")).isEqualTo("running");
	}

	@Test
	void claimThatEndsOrBeginsBetweenTheTwoLooksForOrphansIsLeftAlone() {
		WorkerLease[] leases = new WorkerLease[1];
		this.node.isHeld = (token, id) -> {
			if ("ends".equals(token) && "a".equals(id)) {
				this.store.setJob("a", "state", "succeeded");
				this.store.setJob("b", "claim", "next");
				this.store.insertRunning("c", leases[0].workerId(), "begins");
			}
			return false;
		};
		leases[0] = this.node.begin();
		this.store.insertRunning("a", leases[0].workerId(), "ends");
		this.store.insertRunning("b", leases[0].workerId(), "ends");

		assertThat(leases[0].giveBackOrphans()).isZero();

		assertThat(this.store.state("a")).isEqualTo("succeeded");
		assertThat(this.store.state("b")).isEqualTo("running");
		assertThat(this.store.state("c")).isEqualTo("running");
	}

	@Test
	void everyLookAtJobsGoesByAnIndex() {
		this.store.insertRunning(50, "alive");
		this.store.insertRunning("a", "gone", "token");
		this.store.insertWorker("alive", Duration.ZERO);
		WorkerLease lease = this.node.begin();
		this.store.insertRunning("b", lease.workerId(), "unknown");
		this.database.runCommand(new Document("profile", 2));
		try {
			lease.recoverOnce();
			lease.giveBackOrphans();
			lease.end();
		}
		finally {
			this.database.runCommand(new Document("profile", 0));
		}

		List<Document> operations = this.database.getCollection("system.profile")
			.find(Filters.eq("ns", this.store.database.jobs().getNamespace().getFullName()))
			.into(new ArrayList<>());
		assertThat(operations).hasSizeGreaterThan(5)
			.extracting((operation) -> operation.getString("planSummary"))
			.allMatch((plan) -> plan.equals("IXSCAN { worker: 1 }") || plan.equals("IXSCAN { _id: 1 }")
					|| plan.equals("IDHACK"));
		assertThat(operations).extracting((operation) -> operation.getInteger("docsExamined", 0))
			.allMatch((examined) -> examined <= 1);
		// with few jobs the planner would find the index by itself
		assertThat(operations).extracting((operation) -> operation.get("command", Document.class))
			.filteredOn((command) -> command.containsKey("find"))
			.hasSizeGreaterThan(5)
			.allMatch((command) -> command.containsKey("hint"));
	}

	@Test
	void beatsGoOnWhileADeadWorkerWithManyJobsIsRecovered() throws Exception {
		int jobs = 10_000;
		this.store.insertWorker("dead", LAPSED);
		this.store.insertRunning(jobs, "dead");
		this.node.lease = WorkerLease.SHORTEST;
		WorkerLease lease = this.node.begin();
		Thread beats = new Thread(lease::run, "beats");
		Thread recovery = new Thread(lease::runRecovery, "recovery");
		beats.start();
		recovery.start();
		Duration longest = Duration.ZERO;
		try {
			long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
			while (this.store.worker("dead") != null && System.nanoTime() < deadline) {
				Duration since = lease.sinceLastBeat();
				longest = (since.compareTo(longest) > 0) ? since : longest;
			}
		}
		finally {
			lease.stop();
			beats.join(10_000);
			recovery.join(10_000);
		}

		assertThat(beats.isAlive()).isFalse();
		assertThat(recovery.isAlive()).isFalse();
		assertThat(this.store.count("pending")).isEqualTo(jobs);
		assertThat(this.node.events).hasSize(jobs);
		assertThat(longest).isLessThan(WorkerLease.SHORTEST);
		assertThat(this.node.fenced).isEmpty();
	}

	/** Beats as a healthy worker does. */
	private void lapseInBeats(WorkerLease lease, Duration duration) {
		Duration step = Node.LEASE.dividedBy(3);
		for (Duration passed = Duration.ZERO; passed.compareTo(duration) < 0; passed = passed.plus(step)) {
			this.node.elapse(step);
			lease.beat();
		}
	}

	private static Instant instant(Document job, String field) {
		return job.getDate(field).toInstant();
	}

}
