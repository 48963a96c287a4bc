package dev.taskqueue.trial;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

import com.mongodb.MongoException;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import dev.taskqueue.history.Checker;
import dev.taskqueue.history.Entry.Answer;
import dev.taskqueue.history.Entry.Answered;
import dev.taskqueue.history.Entry.NodeGone;
import dev.taskqueue.history.Entry.NodeStops;
import dev.taskqueue.history.Entry.Phase;
import dev.taskqueue.history.Entry.Submitting;
import dev.taskqueue.history.Entry.TakenAway;
import dev.taskqueue.history.Entry.Trouble;
import dev.taskqueue.history.History;
import dev.taskqueue.history.HistoryFile;
import dev.taskqueue.history.Verdict;
import dev.taskqueue.testsupport.OwnMongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Worker applications, a submitting one and their servers, under trial. One thread leads
 * it: it begins and ends faults, and at last asks for the verdict.
 */
final class Trial implements AutoCloseable {

	private static final Bson OPEN = Filters.in("state", "pending", "running");

	private static final Bson UNDONE = Filters.and(Filters.eq("is_done", false), Filters.exists("every", false));

	private static final Bson NOT_RUN_YET = Filters.and(Filters.exists("every"), Filters.exists("last_time", false));

	static final Duration START = Duration.ofSeconds(90);

	static final Duration PATIENCE = Duration.ofSeconds(8);

	/** The logger's name, shortened or not. */
	private static final Pattern OURS = Pattern.compile("\\] d(ev)?\\.t(askqueue)?\\.");

	static final String LEADER = "leader";

	private static final String DATABASE = "trial";

	private final Servers servers;

	private final Path directory;

	private final HistoryFile history;

	private final MongoClient client;

	private final Random random;

	private final List<TrialProcess> workers = new ArrayList<>();

	private final Set<TrialProcess> afflicted = new HashSet<>();

	private final TrialProcess submitter;

	private int complaintsOfThoseGone;

	private int hosts;

	private int submits;

	/**
	 * Begins one; returns when all are ready.
	 * @param servers its own from now on
	 * @param seed of whatever is thrown dice for
	 * @param workers how many run jobs
	 * @param rate of submits, a second
	 */
	Trial(Servers servers, long seed, int workers, int rate) {
		this.servers = servers;
		this.random = new Random(seed);
		try {
			this.directory = Files.createTempDirectory("taskqueue-trial-");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		System.out.printf("TRIAL seed %d, %s, history in %s%n", seed, servers, this.directory);
		this.history = new HistoryFile(this.directory, LEADER);
		this.client = MongoClients.create(servers.uri());
		this.submitter = start("submitter", SubmittingApplication.class, "--taskqueue.worker.enabled=false",
				"--taskqueue.crontab.enabled=false", "--trial.seed=" + seed, "--trial.rate=" + rate);
		try {
			for (int i = 0; i < workers; i++) {
				startWorker();
			}
			this.workers.forEach(this::awaitReady);
			awaitReady(this.submitter);
		}
		catch (RuntimeException | Error ex) {
			close();
			throw ex;
		}
	}

	Servers servers() {
		return this.servers;
	}

	/** As the leader sees it, who must not hang where a server does. */
	MongoDatabase database() {
		return this.client.getDatabase(DATABASE)
			.withWriteConcern(WriteConcern.MAJORITY)
			.withTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
	}

	Random random() {
		return this.random;
	}

	/** Those that live, or are held. */
	List<TrialProcess> workers() {
		return List.copyOf(this.workers);
	}

	/**
	 * One of the workers to which nothing was done since {@link #nextRound()}: a fault
	 * upon a fault of the same process is another one of them.
	 */
	TrialProcess anyWorker() {
		List<TrialProcess> sound = this.workers.stream().filter((worker) -> !this.afflicted.contains(worker)).toList();
		TrialProcess worker = sound.get(this.random.nextInt(sound.size()));
		this.afflicted.add(worker);
		return worker;
	}

	/** All faults are taken away. */
	void nextRound() {
		this.afflicted.clear();
	}

	/** All that call servers. */
	List<TrialProcess> callers() {
		List<TrialProcess> all = new ArrayList<>(this.workers);
		all.add(this.submitter);
		return all;
	}

	/** Starts one more; does not wait for it. */
	TrialProcess startWorker(String... arguments) {
		List<String> all = new ArrayList<>(List.of(arguments));
		all.addAll(List.of("--taskqueue.worker.lease=" + WorkerApplication.LEASE.toMillis() + "ms",
				"--taskqueue.worker.concurrency=" + WorkerApplication.CONCURRENCY,
				"--taskqueue.worker.queues[bounded].concurrency=" + WorkerApplication.BOUNDED_CONCURRENCY,
				"--taskqueue.worker.queues[*].concurrency=" + WorkerApplication.CONCURRENCY,
				"--taskqueue.job.backoff.initial=200ms", "--taskqueue.shutdown.timeout=3s"));
		TrialProcess worker = start("worker-" + (this.hosts + 1), WorkerApplication.class, all.toArray(String[]::new));
		this.workers.add(worker);
		return worker;
	}

	void startWorkerAndWait() {
		awaitReady(startWorker());
	}

	void awaitReady(TrialProcess worker) {
		worker.process().awaitLine(WorkerApplication.READY, START);
	}

	private TrialProcess start(String name, Class<?> application, String... arguments) {
		this.hosts++;
		String host = "127.0." + (1 + this.hosts / 250) + "." + (1 + this.hosts % 250);
		List<String> all = new ArrayList<>(List.of(arguments));
		all.addAll(List.of("--spring.mongodb.uri=" + this.servers.uriOfApplications(),
				"--spring.mongodb.database=" + DATABASE, "--spring.main.web-application-type=none",
				"--spring.main.banner-mode=off", "--management.endpoints.web.exposure.include=taskqueue"));
		return TrialProcess.start(name, host, this.servers.members(), application, this.directory, all);
	}

	/** The process is gone, or is on its way out and this waits for it. */
	void awaitGone(TrialProcess worker, Duration timeout) {
		worker.process().awaitExit(timeout);
		gone(worker);
	}

	/** Tells it to end; from now on it may give its jobs to others. */
	void stop(TrialProcess worker) {
		this.history.append(new NodeStops(HistoryFile.now(), worker.name()));
		worker.process().sigterm();
	}

	void kill(TrialProcess worker) {
		worker.process().kill9();
		gone(worker);
	}

	/** How many lines of ours, of level warn or error, the workers have logged. */
	int complaints() {
		return this.complaintsOfThoseGone + this.workers.stream().mapToInt(Trial::complaints).sum();
	}

	private static int complaints(TrialProcess worker) {
		return (int) worker.process()
			.lines()
			.stream()
			.filter((line) -> line.contains(" WARN ") || line.contains(" ERROR "))
			.filter((line) -> OURS.matcher(line).find())
			.count();
	}

	private void gone(TrialProcess worker) {
		this.complaintsOfThoseGone += complaints(worker);
		this.history.append(new NodeGone(HistoryFile.now(), worker.name()));
		this.workers.remove(worker);
		worker.close();
	}

	/** Submits a job in the name of whoever leads, past all faults. */
	String submit(String function, int argument, int failures, Document fields) {
		String id = LEADER + "-" + (++this.submits);
		Date now = new Date();
		Document job = new Document("_id", id).append("function", function)
			.append("params", List.of(argument, failures))
			.append("queue", "default")
			.append("priority", 5)
			.append("state", "pending")
			.append("run_at", now)
			.append("created_at", now);
		job.putAll(fields);
		this.history.append(new Submitting(HistoryFile.now(), LEADER, id, function, 0, failures));
		Answer answer = Answer.ACKNOWLEDGED;
		try {
			database().getCollection("taskqueue_jobs").insertOne(job);
		}
		catch (MongoException ex) {
			answer = Answer.UNKNOWN;
		}
		this.history.append(new Answered(HistoryFile.now(), LEADER, id, answer, null));
		return id;
	}

	/**
	 * Pauses a queue and revokes a function until it is taken back, and cancels jobs.
	 * @param hearing within so long each node has heard of it that may begin jobs
	 */
	Decisions decide(Duration hearing) {
		return new Decisions(this, this.history, hearing);
	}

	/** Drops a collection by hand. */
	void drop(String collection) {
		takeAway(collection, () -> database().getCollection(collection).drop());
	}

	/** Drops the indexes of a collection by hand. */
	void dropIndexes(String collection) {
		takeAway(TakenAway.indexesOf(collection), () -> database().getCollection(collection).dropIndexes());
	}

	/** At some moment between the two notes. */
	private void takeAway(String what, Runnable action) {
		this.history.append(new TakenAway(HistoryFile.now(), LEADER, what));
		tryTo(action);
		this.history.append(new TakenAway(HistoryFile.now(), LEADER, what));
	}

	/**
	 * Does what cannot be done while a server hangs: another fault may have come first.
	 */
	static void tryTo(Runnable action) {
		try {
			action.run();
		}
		catch (MongoException ex) {
			System.out.println("TRIAL no server did this: " + ex.getMessage());
		}
	}

	void note(String fault, Phase phase, String detail) {
		this.history.append(new Trouble(HistoryFile.now(), LEADER, fault, phase, detail));
		System.out.printf("TRIAL %s %s %s%n", phase, fault, detail);
	}

	/** Lets time pass while a fault lasts. */
	static void hold(Duration time) {
		long end = System.nanoTime() + time.toNanos();
		await("the fault to last", time.plusSeconds(60), () -> System.nanoTime() - end >= 0);
	}

	/**
	 * Waits until all is well: each worker's health is up, a new job is run to its end,
	 * nothing that was due waits, and nothing runs under a worker that is gone.
	 * @return how long that took
	 */
	Duration awaitWell() {
		long began = System.nanoTime();
		String probe = submit(Functions.WORK, 0, 0, new Document("priority", 10));
		Awaitility.await()
			.atMost(Duration.ofMinutes(2))
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(50))
			.untilAsserted(() -> assertThat(trouble(probe)).isEmpty());
		return Duration.ofNanos(System.nanoTime() - began);
	}

	/** What is not well, if anything. */
	private List<String> trouble(String probe) {
		try {
			List<String> trouble = new ArrayList<>(HealthLog.trouble(this.directory, this.workers));
			List<String> live = database().getCollection("taskqueue_workers")
				.find()
				.map((worker) -> worker.getString("_id"))
				.into(new ArrayList<>());
			if (live.size() != this.workers.size()) {
				trouble.add("there are " + this.workers.size() + " workers and documents of " + live);
			}
			if (jobs().find(Filters.and(Filters.eq("_id", probe), Filters.eq("state", "succeeded"))).first() == null) {
				trouble.add("the probe is " + jobs().find(Filters.eq("_id", probe)).first());
			}
			addFirst(trouble, "is late",
					Filters.and(Filters.eq("state", "pending"),
							Filters.lt("run_at", new Date(System.currentTimeMillis() - 1000)),
							Filters.ne("function", NewFunctions.FRESH)));
			addFirst(trouble, "runs under a worker that is gone",
					Filters.and(Filters.eq("state", "running"), Filters.nin("worker", live)));
			return trouble;
		}
		catch (MongoException ex) {
			return List.of("the leader hears no server: " + ex);
		}
	}

	private void addFirst(List<String> trouble, String what, Bson filter) {
		@Nullable Document first = jobs().find(filter).first();
		if (first != null) {
			trouble.add(what + ": " + first);
		}
	}

	private MongoCollection<Document> jobs() {
		return database().getCollection("taskqueue_jobs");
	}

	/**
	 * Has the submits end, and all that was submitted; ends the workers in order; and
	 * asks the checker.
	 */
	Verdict verdict() {
		if (jobs().find(Filters.and(OPEN, Filters.eq("function", NewFunctions.FRESH))).first() != null) {
			// the node that had the function went before it had run them all
			awaitReady(startWorker("--trial.new-functions=true"));
		}
		this.workers.forEach((worker) -> worker.process().tell(WorkerApplication.QUIET));
		this.submitter.process().tell(SubmittingApplication.STOP);
		this.submitter.process().awaitLine(SubmittingApplication.STOPPED, START);
		// the last one may have been inserted just now
		await("each recurring row to run once", START, () -> isNone("crontab_jobs", NOT_RUN_YET));
		database().getCollection("crontab_jobs").updateMany(Filters.exists("every"), Updates.set("enabled", false));
		try {
			await("all jobs to end", Duration.ofMinutes(3), this::isSettled);
		}
		catch (ConditionTimeoutException ex) {
			throw new AssertionError(
					"Something is left: jobs " + jobs().find(OPEN).limit(3).into(new ArrayList<>()) + ", rows "
							+ database().getCollection("crontab_jobs").find(UNDONE).limit(3).into(new ArrayList<>()),
					ex);
		}
		awaitWell();
		for (TrialProcess worker : workers()) {
			stop(worker);
			awaitGone(worker, Duration.ofSeconds(30));
		}
		new StoreDump(database().withTimeout(0, TimeUnit.MILLISECONDS)).writeTo(this.history);
		return Checker.check(new History(HistoryFile.readAll(this.directory)));
	}

	private boolean isSettled() {
		return isNone("taskqueue_jobs", OPEN) && isNone("crontab_jobs", UNDONE);
	}

	private boolean isNone(String collection, Bson filter) {
		try {
			return database().getCollection(collection).find(filter).first() == null;
		}
		catch (MongoException ex) {
			return false;
		}
	}

	/** What was written so far. */
	History history() {
		return new History(HistoryFile.readAll(this.directory));
	}

	Path directory() {
		return this.directory;
	}

	static void await(String what, Duration timeout, BooleanSupplier condition) {
		Awaitility.await(what)
			.atMost(timeout)
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(50))
			.until(condition::getAsBoolean);
	}

	@Override
	public void close() {
		callers().forEach(TrialProcess::close);
		this.client.close();
		this.history.close();
		this.servers.close();
	}

}
