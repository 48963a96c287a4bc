package dev.taskqueue.trial;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;

import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.testsupport.OwnMongoServer;
import dev.taskqueue.testsupport.SmallDisk;
import dev.taskqueue.testsupport.TcpProxy;
import org.bson.Document;

/**
 * What happens to applications and servers. Each begins, lasts, and is taken away; no
 * process is started again by hand but those that were ended.
 */
enum Fault {

	WORKER_KILLED("kill -9 of a worker", Duration.ZERO, (trial) -> {
		trial.kill(trial.anyWorker());
		return trial::startWorkerAndWait;
	}),

	WORKER_FROZEN("SIGSTOP of a worker past its lease, then SIGCONT", Duration.ofSeconds(4), (trial) -> {
		TrialProcess worker = trial.anyWorker();
		worker.process().freeze();
		return worker.process()::thaw;
	}),

	WORKER_STOPPED("SIGTERM of a worker", Duration.ZERO, (trial) -> {
		TrialProcess worker = trial.anyWorker();
		trial.stop(worker);
		trial.awaitGone(worker, Trial.START);
		return trial::startWorkerAndWait;
	}),

	WORKER_STOPPED_TWICE("SIGTERM of a worker, twice", Duration.ZERO, (trial) -> {
		TrialProcess worker = trial.anyWorker();
		trial.stop(worker);
		trial.stop(worker);
		trial.awaitGone(worker, Trial.START);
		return trial::startWorkerAndWait;
	}),

	OUT_OF_MEMORY("a job takes all memory of its worker", Duration.ofSeconds(1), (trial) -> {
		trial.submit(Functions.DEVOUR, 200_000, 1, new Document());
		return Fault::nothing;
	}),

	JOB_IGNORES_INTERRUPTS("jobs ignore their interrupts", Duration.ofSeconds(2), (trial) -> {
		for (int i = 0; i < 5; i++) {
			trial.submit(Functions.DEAF, 3000, 1, new Document("timeout_ms", 300L));
		}
		return Fault::nothing;
	}),

	THREAD_STRUCK("an Error strikes our own threads", Duration.ofSeconds(1), (trial) -> {
		for (CrashPoint point : CrashPoint.values()) {
			trial.workers().forEach((worker) -> worker.process().tell(WorkerApplication.STRIKE + point));
			Trial.hold(Duration.ofMillis(300));
		}
		return Fault::nothing;
	}),

	PRIMARY_KILLED("kill -9 of the primary", Duration.ofSeconds(4), (trial) -> {
		OwnMongoServer primary = trial.servers().primary();
		primary.kill();
		return primary::start;
	}),

	PRIMARY_STEPS_DOWN("the primary steps down", Duration.ZERO, (trial) -> {
		trial.servers().stepDown();
		return Fault::nothing;
	}),

	PRIMARY_FROZEN("SIGSTOP of the primary, then SIGCONT", Duration.ofSeconds(6), (trial) -> {
		OwnMongoServer primary = trial.servers().primary();
		primary.freeze();
		return primary::thaw;
	}),

	DISK_FULL("the primary's disk is full, so that it ends itself", Duration.ofSeconds(4), (trial) -> {
		OwnMongoServer primary = trial.servers().primary();
		SmallDisk disk = trial.servers().diskOf(primary);
		disk.fill();
		Trial.await("the primary to end", Trial.START, () -> !primary.isRunning());
		return () -> {
			disk.free();
			primary.start();
		};
	}),

	WRITES_FORBIDDEN("the primary refuses all writes, as to a user who may only read", Duration.ofSeconds(3),
			(trial) -> {
				trial.servers().forbidWrites();
				return trial.servers()::refuseNothing;
			}),

	STREAMS_INVALIDATED("change streams cannot go on where they were", Duration.ofSeconds(3), (trial) -> {
		trial.servers().invalidateStreams();
		return trial.servers()::refuseNothing;
	}),

	CUT_TO_PRIMARY("what a worker sends does not reach the primary", Duration.ofSeconds(5),
			(trial) -> toPrimary(trial, TcpProxy::cutToServer)),

	CUT_FROM_PRIMARY("what the primary replies does not reach a worker", Duration.ofSeconds(5),
			(trial) -> toPrimary(trial, TcpProxy::cutToClient)),

	CUT_BOTH_WAYS("a worker and the primary are parted", Duration.ofSeconds(5),
			(trial) -> toPrimary(trial, TcpProxy::cutBoth)),

	CUT_FROM_ALL("a worker is parted from all servers", Duration.ofSeconds(5), (trial) -> {
		List<TcpProxy> proxies = trial.anyWorker().proxies();
		proxies.forEach(TcpProxy::refuse);
		return () -> proxies.forEach(TcpProxy::heal);
	}),

	REPLIES_LOST("writes happen and their replies are lost", Duration.ofSeconds(2), (trial) -> {
		List<TcpProxy> proxies = trial.callers()
			.stream()
			.map((caller) -> caller.to(trial.servers().primary()))
			.toList();
		proxies.forEach((proxy) -> List.of("insert", "update", "findAndModify", "delete")
			.forEach((command) -> proxy.cutReplyOf(command, 3)));
		return () -> proxies.forEach(TcpProxy::heal);
	}),

	LATENCY("each message is late by 50 ms", Duration.ofSeconds(4),
			(trial) -> toAll(trial, (proxy) -> proxy.delay(Duration.ofMillis(50)))),

	LOSS("one message in fifty is lost", Duration.ofSeconds(4), (trial) -> {
		long seed = trial.random().nextLong();
		return toAll(trial, (proxy) -> proxy.reset(0.02, seed));
	}),

	POOL_EXHAUSTED("a worker's connection pool is exhausted", Duration.ofSeconds(4), (trial) -> {
		trial.anyWorker().process().tell(WorkerApplication.EXHAUST);
		return Fault::nothing;
	}),

	CLOCK_WRONG("a worker's clock is an hour ahead, then an hour behind", Duration.ofSeconds(3), (trial) -> {
		TrialProcess worker = trial.anyWorker();
		worker.clock().setWrongBy(3600);
		Trial.hold(Duration.ofSeconds(3));
		worker.clock().setWrongBy(-3600);
		return () -> worker.clock().setWrongBy(0);
	}),

	ROLLING_DEPLOY("a function appears on a new node and goes again", Duration.ofSeconds(3), (trial) -> {
		for (int i = 0; i < 20; i++) {
			trial.submit(NewFunctions.FRESH, 0, 0, new Document());
		}
		TrialProcess old = trial.anyWorker();
		trial.stop(old);
		trial.awaitGone(old, Trial.START);
		TrialProcess fresh = trial.startWorker("--trial.new-functions=true");
		trial.awaitReady(fresh);
		return () -> {
			trial.stop(fresh);
			trial.awaitGone(fresh, Trial.START);
			trial.startWorkerAndWait();
		};
	}),

	INDEXES_DROPPED("all indexes are dropped", Duration.ZERO, (trial) -> {
		List.of("taskqueue_jobs", "crontab_jobs").forEach(trial::dropIndexes);
		return Fault::nothing;
	}),

	WORKERS_DROPPED("the collections of workers and locks are dropped", Duration.ZERO, (trial) -> {
		List.of("taskqueue_workers", "taskqueue_locks", "taskqueue_queues").forEach(trial::drop);
		return Fault::nothing;
	}),

	ROWS_DROPPED("the crontab is dropped", Duration.ZERO, (trial) -> {
		trial.drop("crontab_jobs");
		return Fault::nothing;
	}),

	JOBS_DROPPED("the jobs are dropped", Duration.ZERO, (trial) -> {
		trial.drop("taskqueue_jobs");
		return Fault::nothing;
	});

	private final String sentence;

	private final Duration lasting;

	// a function without a state of its own
	@SuppressWarnings("ImmutableEnumChecker")
	private final Function<Trial, Runnable> begin;

	Fault(String sentence, Duration lasting, Function<Trial, Runnable> begin) {
		this.sentence = sentence;
		this.lasting = lasting;
		this.begin = begin;
	}

	String sentence() {
		return this.sentence;
	}

	Duration lasting() {
		return this.lasting;
	}

	/**
	 * Begins.
	 * @return takes it away
	 */
	Runnable begin(Trial trial) {
		return this.begin.apply(trial);
	}

	/** Whether it wants a server that another can take the place of. */
	boolean needsAReplicaSet() {
		return this == PRIMARY_KILLED || this == PRIMARY_STEPS_DOWN || this == PRIMARY_FROZEN || this == DISK_FULL;
	}

	/** Whether it is done to a server: two such are more than a set of three bears. */
	boolean isOfServers() {
		return needsAReplicaSet() || this == WRITES_FORBIDDEN || this == STREAMS_INVALIDATED;
	}

	/** Whether it takes acknowledged jobs out of the store. */
	boolean takesJobsAway() {
		return this == ROWS_DROPPED || this == JOBS_DROPPED;
	}

	private static Runnable toPrimary(Trial trial, java.util.function.Consumer<TcpProxy> fault) {
		TcpProxy proxy = trial.anyWorker().to(trial.servers().primary());
		fault.accept(proxy);
		return proxy::heal;
	}

	private static Runnable toAll(Trial trial, java.util.function.Consumer<TcpProxy> fault) {
		List<TcpProxy> proxies = trial.callers().stream().flatMap((caller) -> caller.proxies().stream()).toList();
		proxies.forEach(fault);
		return () -> proxies.forEach(TcpProxy::heal);
	}

	private static void nothing() {
	}

}
