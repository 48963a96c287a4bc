package dev.taskqueue.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import dev.taskqueue.JobEvent;
import dev.taskqueue.claim.Claim;
import dev.taskqueue.claim.ClaimSettings;
import dev.taskqueue.claim.Claimer;
import dev.taskqueue.claim.Expiry;
import dev.taskqueue.claim.JobStream;
import dev.taskqueue.claim.QueueWeights;
import dev.taskqueue.claim.Reservation;
import dev.taskqueue.execute.AttemptHooks;
import dev.taskqueue.execute.AttemptRunner;
import dev.taskqueue.execute.CancelWatch;
import dev.taskqueue.execute.ExecutionSettings;
import dev.taskqueue.execute.Outcome;
import dev.taskqueue.finish.Finisher;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.lease.WorkerLease;
import dev.taskqueue.lock.JobLocks;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs jobs: plugs lease, claim, execute and finish together, gives each its thread, and
 * drains them in that order.
 */
public final class Worker {

	private static final Logger logger = LoggerFactory.getLogger(Worker.class);

	private static final String STARTING = "starting the worker";

	/** What interrupted attempts have to clean up before their jobs are given back. */
	private static final Duration CLEAN_UP = Duration.ofSeconds(2);

	/** What outcomes have to be written at the end, when the server is slow. */
	private static final Duration FLUSH = Duration.ofSeconds(5);

	private static final Duration RETRY_START = Duration.ofSeconds(1);

	private final FunctionRegistry functions;

	private final Outage outage;

	private final WorkerSettings settings;

	private final Runnable prepare;

	private final Consumer<JobEvent> events;

	private final Supplier<Document> told;

	private final WorkerLease lease;

	private final Claimer claimer;

	private final JobStream stream;

	private final Expiry expiry;

	private final AttemptRunner runner;

	private final Finisher finisher;

	private final JobLocks locks;

	private final UntoldOutcomes untold = new UntoldOutcomes();

	private final CancelWatch cancels;

	private final List<Thread> threads = new CopyOnWriteArrayList<>();

	private volatile String planProblem = "";

	private volatile boolean begun;

	private volatile boolean stopped;

	/**
	 * Creates one that does nothing yet, for an application that has nothing to say about
	 * attempts.
	 * @param database the collections
	 * @param functions what it can run
	 * @param clock the server's clock
	 * @param outage told of failures
	 * @param settings how it is to work
	 * @param executor gives the threads of attempts
	 * @param prepare is done before the first claim
	 * @param events told of each signal, in the thread where it happens
	 */
	public Worker(TaskQueueDatabase database, FunctionRegistry functions, ServerClock clock, Outage outage,
			WorkerSettings settings, Executor executor, Runnable prepare, Consumer<JobEvent> events) {
		this(database, functions, clock, outage, settings, executor, prepare, events, AttemptHooks.NONE);
	}

	/**
	 * Creates one that does nothing yet.
	 * @param database the collections
	 * @param functions what it can run
	 * @param clock the server's clock
	 * @param outage told of failures
	 * @param settings how it is to work
	 * @param executor gives the threads of attempts; the worker bounds their number
	 * @param prepare is done once the server is reached and before the first claim, such
	 * as creating indexes
	 * @param events told of each signal, in the thread where it happens
	 * @param hooks what the application has to say about attempts
	 */
	public Worker(TaskQueueDatabase database, FunctionRegistry functions, ServerClock clock, Outage outage,
			WorkerSettings settings, Executor executor, Runnable prepare, Consumer<JobEvent> events,
			AttemptHooks hooks) {
		this(database, functions, clock, outage, settings, executor, prepare, events, hooks, Document::new);
	}

	/**
	 * Creates one that tells more of itself.
	 * @param database the collections
	 * @param functions what it can run
	 * @param clock the server's clock
	 * @param outage told of failures
	 * @param settings how it is to work
	 * @param executor gives the threads of attempts; the worker bounds their number
	 * @param prepare is done once the server is reached and before the first claim, such
	 * as creating indexes
	 * @param events told of each signal, in the thread where it happens
	 * @param hooks what the application has to say about attempts
	 * @param told further fields of the worker's document, written with each heart-beat
	 */
	public Worker(TaskQueueDatabase database, FunctionRegistry functions, ServerClock clock, Outage outage,
			WorkerSettings settings, Executor executor, Runnable prepare, Consumer<JobEvent> events, AttemptHooks hooks,
			Supplier<Document> told) {
		this.told = told;
		this.functions = functions;
		this.outage = outage;
		this.settings = settings;
		this.prepare = prepare;
		this.events = events;
		this.lease = new WorkerLease(database, clock, settings.lease(), settings.retention(), outage, this::facts,
				(token, id) -> claimer().isHeld(token, id), this::fenced, this::takenBack);
		this.finisher = new Finisher(database, clock, outage, settings.retry(), settings.retention(),
				settings.maxResultSize(), this::tell);
		this.locks = new JobLocks(database, clock, outage, settings.lease(), () -> claimer().pausedQueues(),
				(queue) -> claimer().wakeUp(queue));
		this.runner = new AttemptRunner(database, functions, executor,
				new ExecutionSettings(settings.jobTimeout(), settings.maxAttempts()), clock, this::mayStart,
				this::finish, events, hooks, (function) -> claimer().isRevoked(function), this.locks);
		this.claimer = new Claimer(database, this.lease, clock, outage,
				new ClaimSettings(settings.concurrency(), settings.queues(), settings.otherQueues(), settings.weights(),
						functions.names(), settings.pollInterval(), settings.retention().failed()),
				this.runner::start, (claim) -> this.finisher.finish(new Outcome.GivenBack(claim, Duration.ZERO)));
		this.cancels = new CancelWatch(database.jobs(), this.lease::workerId, this.runner, outage);
		this.expiry = new Expiry(database, clock, settings.retention(), outage, this.lease::workerId, this::tell);
		this.stream = new JobStream(database, this.claimer, this.expiry, outage, functions.names(),
				this.cancels::lookSoon);
		functions.onChange(this::functionsChanged);
	}

	private void functionsChanged() {
		this.claimer.functionsChanged();
		this.stream.functionsChanged();
	}

	/**
	 * Begins to work; returns at once, and waits for the server where it is not there
	 * yet. One of its threads is no daemon, so an application lives as long as its
	 * worker.
	 */
	public void start() {
		start(() -> {
		});
	}

	/**
	 * Begins to work, as {@link #start()}.
	 * @param begun is done when the worker has reached the server and has an identity,
	 * before it takes the first job
	 */
	public void start(Runnable begun) {
		start("taskqueue-claimer", () -> work(begun), false);
	}

	/**
	 * Stops to claim, gives back what was not started, lets running attempts end for as
	 * long as the settings say, then interrupts them and gives their jobs back, writes
	 * all outcomes and takes leave. Returns when that is done.
	 */
	public void stop() {
		long deadline = System.nanoTime() + this.settings.shutdownTimeout().toNanos();
		this.stopped = true;
		this.claimer.stop();
		this.stream.stop();
		this.expiry.stop();
		if (this.threads.isEmpty()) {
			return;
		}
		Thread claiming = thread("taskqueue-claimer");
		if (!this.begun) {
			// it waits for a server
			claiming.interrupt();
		}
		join(claiming, Math.max(deadline, System.nanoTime() + CLEAN_UP.toNanos()));
		if (!this.begun || claiming.isAlive()) {
			return;
		}
		CrashPoint.SHUTDOWN_CLAIMS_ENDED.reached();
		int running = this.claimer.running();
		if (running > 0) {
			logger.info("The worker stops and lets {} running jobs end, for {} s at most", running,
					this.settings.shutdownTimeout().toSeconds());
		}
		if (!awaitIdle(deadline)) {
			logger.warn("{} jobs still run after {} s: they are interrupted and run again elsewhere",
					this.claimer.running(), this.settings.shutdownTimeout().toSeconds());
			this.runner.shutDown();
			awaitIdle(System.nanoTime() + CLEAN_UP.toNanos());
			this.finisher.waitNoMore();
			this.runner.giveUp();
			CrashPoint.SHUTDOWN_INTERRUPTED.reached();
		}
		CrashPoint.SHUTDOWN_DRAINED.reached();
		this.finisher.stop(FLUSH.toNanos());
		join(thread("taskqueue-finisher"), System.nanoTime() + FLUSH.multipliedBy(2).toNanos());
		CrashPoint.SHUTDOWN_FLUSHED.reached();
		this.locks.stop();
		this.runner.stop();
		this.cancels.stop();
		this.lease.stop();
		// not the stream, which waits for changes some seconds more and writes nothing
		long end = System.nanoTime() + CLEAN_UP.toNanos();
		join(thread("taskqueue-heartbeat"), end);
		join(thread("taskqueue-recovery"), end);
		join(thread("taskqueue-expiry"), end);
		join(thread("taskqueue-locks"), end);
		this.lease.end();
		CrashPoint.SHUTDOWN_ENDED.reached();
	}

	/**
	 * A queue may have due jobs.
	 * @param queue its name
	 */
	public void wakeUp(String queue) {
		this.claimer.wakeUp(queue);
	}

	/**
	 * Keeps a place for a job that is about to be inserted by this process.
	 * @param queue the job's queue
	 * @param function the job's function
	 * @return the place; null where the job must wait its turn
	 */
	public @Nullable Reservation reserve(String queue, String function) {
		return this.begun ? this.claimer.reserve(queue, function) : null;
	}

	/**
	 * Whether it has had more to claim than it could, or very much to do, for a while.
	 * @return true if so
	 */
	public boolean isBusy() {
		return this.claimer.isBusy();
	}

	/**
	 * Does something each time that it becomes busy.
	 * @param action returns soon: jobs wait for it
	 */
	public void onBusy(Runnable action) {
		this.claimer.onBusy(action);
	}

	/**
	 * Has a running job cancelled, if it runs here.
	 * @param id the job's id as stored
	 * @param token of the claim that it runs under
	 */
	public void cancel(Object id, String token) {
		this.runner.cancel(id, token);
	}

	/** Some running jobs are to be cancelled, perhaps some that run here. */
	public void lookForCancellations() {
		this.cancels.lookSoon();
	}

	/**
	 * Changes the most attempts at a time, over all queues.
	 * @param concurrency from 1
	 * @throws IllegalArgumentException if it is less
	 */
	public void concurrency(int concurrency) {
		if (concurrency < 1) {
			throw new IllegalArgumentException("concurrency is '" + concurrency
					+ "', expected 1 or more. To take no jobs at all, make the worker quiet.");
		}
		logger.info("Worker {} has {} slots from now on, {} before", this.lease.workerId(), concurrency,
				this.claimer.concurrency());
		this.claimer.concurrency(concurrency);
	}

	/**
	 * Takes no jobs any more, or takes them again. What runs goes on.
	 * @param quiet whether it is to take none
	 */
	public void quiet(boolean quiet) {
		logger.info("Worker {} takes {} from now on", this.lease.workerId(), quiet ? "no jobs" : "jobs");
		this.claimer.quiet(quiet);
	}

	/**
	 * Whether it was told to take no jobs.
	 * @return true if so
	 */
	public boolean isQuiet() {
		return this.claimer.isQuiet();
	}

	/** Queues were paused or resumed, or functions revoked or restored. */
	public void ordersChanged() {
		this.claimer.ordersChanged();
	}

	/**
	 * Whether it has reached the server and has an identity.
	 * @return false from the start until then
	 */
	public boolean hasBegun() {
		return this.begun;
	}

	/**
	 * The present identity; it changes when the worker was fenced.
	 * @return the id of the worker's document
	 */
	public String workerId() {
		return this.lease.workerId();
	}

	/**
	 * What the worker does now.
	 * @return the status
	 */
	public WorkerStatus status() {
		return new WorkerStatus(this.lease.workerId(), this.lease.isFresh(), this.lease.sinceLastBeat(),
				this.claimer.concurrency(), this.claimer.running(), this.claimer.runningByQueue(),
				this.runner.stuck()
					.stream()
					.map((stuck) -> new WorkerStatus.StuckAttempt(stuck.jobId(), stuck.function(), stuck.thread(),
							stuck.since()))
					.toList(),
				this.planProblem);
	}

	private void work(Runnable begun) {
		while (!this.stopped && !begin()) {
			LockSupport.parkNanos(this, RETRY_START.toNanos());
		}
		if (!this.begun) {
			return;
		}
		logger.info("Worker {} runs {} functions with {} slots", this.lease.workerId(), this.functions.names().size(),
				this.settings.concurrency());
		loop("taskqueue-heartbeat", this.lease::run);
		loop("taskqueue-recovery", this.lease::runRecovery);
		loop("taskqueue-expiry", this.expiry::run);
		loop("taskqueue-finisher", this.finisher::run);
		loop("taskqueue-locks", this.locks::run);
		loop("taskqueue-timeouts", () -> this.runner.run(this.outage));
		loop("taskqueue-cancels", this.cancels::run);
		loop("taskqueue-stream", this.stream::run);
		begun.run();
		this.claimer.run();
	}

	private boolean begin() {
		try {
			this.prepare.run();
			this.lease.begin();
			this.planProblem = checkPlan();
			this.outage.over(STARTING);
			this.begun = true;
			return true;
		}
		catch (MongoException ex) {
			if (!this.stopped) {
				this.outage.failed(STARTING, ex);
			}
			return false;
		}
		catch (RuntimeException | Error ex) {
			this.outage.broke(STARTING, ex);
			return false;
		}
	}

	private String checkPlan() {
		try {
			String problem = this.claimer.checkPlan();
			if (!problem.isEmpty()) {
				logger.warn("{}", problem);
			}
			return problem;
		}
		catch (RuntimeException ex) {
			logger.debug("The server does not explain its plans", ex);
			return "";
		}
	}

	private void fenced(String workerId) {
		logger.debug("Interrupting what was begun as '{}'", workerId);
		this.claimer.abandonWaiting();
		this.runner.fence();
	}

	/** It may have held a lock. */
	private void takenBack(JobEvent event) {
		this.locks.lookAtAll();
		tell(event);
	}

	/**
	 * What is pending again on account of this node is looked for by it, without a poll.
	 */
	private void tell(JobEvent event) {
		if (event instanceof JobEvent.Retrying || event instanceof JobEvent.Recovered) {
			this.claimer.wakeUp(event.queue());
		}
		try {
			this.events.accept(event);
		}
		finally {
			this.untold.told(event);
		}
	}

	private void finish(Outcome outcome) {
		this.untold.expect(outcome);
		this.finisher.finish(outcome);
	}

	private boolean mayStart(Claim claim) {
		this.untold.await(claim);
		return this.lease.isFresh() && claim.worker().equals(this.lease.workerId());
	}

	/** The lease is made before it. */
	private Claimer claimer() {
		return this.claimer;
	}

	private Document facts() {
		Document facts = new Document(this.told.get());
		facts.append("functions", List.copyOf(this.functions.names()))
			.append("queues", List.copyOf(new TreeSet<>(this.settings.queues().keySet())))
			.append("other_queues", this.settings.otherQueues())
			.append("concurrency", this.claimer.concurrency())
			.append("quiet", this.claimer.isQuiet())
			.append("running", this.claimer.running());
		QueueWeights weights = this.settings.weights();
		if (!weights.areEqual()) {
			List<Document> each = new ArrayList<>();
			weights.named().forEach((queue, weight) -> each.add(new Document("queue", queue).append("weight", weight)));
			if (this.settings.otherQueues()) {
				each.add(new Document("queue", "*").append("weight", weights.others()));
			}
			facts.append("queue_order", weights.strict() ? "strict" : "weighted").append("queue_weights", each);
		}
		return facts;
	}

	private boolean awaitIdle(long deadline) {
		while (this.claimer.running() > 0) {
			if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) {
				return false;
			}
			LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(5));
		}
		return true;
	}

	private void loop(String name, Runnable loop) {
		start(name, () -> this.outage.guard(name, loop), true);
	}

	private void start(String name, Runnable work, boolean daemon) {
		Thread thread = new Thread(work, name);
		thread.setDaemon(daemon);
		this.threads.add(thread);
		thread.start();
	}

	private Thread thread(String name) {
		return this.threads.stream().filter((thread) -> thread.getName().equals(name)).findFirst().orElseThrow();
	}

	private static void join(Thread thread, long deadline) {
		try {
			thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
