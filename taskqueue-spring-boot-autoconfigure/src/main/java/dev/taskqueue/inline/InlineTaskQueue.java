package dev.taskqueue.inline;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Date;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.taskqueue.CancelResult;
import dev.taskqueue.Job;
import dev.taskqueue.JobBuilder;
import dev.taskqueue.JobCall;
import dev.taskqueue.JobChange;
import dev.taskqueue.JobEvent;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobSpec;
import dev.taskqueue.JobState;
import dev.taskqueue.JobStateException;
import dev.taskqueue.JobWatch;
import dev.taskqueue.OnDuplicate;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.claim.Claim;
import dev.taskqueue.client.BulkAction;
import dev.taskqueue.client.ChangedFields;
import dev.taskqueue.client.ChangedKey;
import dev.taskqueue.client.EnqueueHooks;
import dev.taskqueue.client.JobDrafts;
import dev.taskqueue.client.Wanted;
import dev.taskqueue.execute.AttemptHooks;
import dev.taskqueue.execute.AttemptRunner;
import dev.taskqueue.execute.Outcome;
import dev.taskqueue.finish.DirectFinisher;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.function.JobFunction;
import dev.taskqueue.inline.InlineJobs.Added;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.UniqueKey;
import dev.taskqueue.submit.CallRecorder;
import dev.taskqueue.submit.RecordedCall;
import dev.taskqueue.submit.Submission;
import dev.taskqueue.submit.Submitter;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * The queue that keeps its jobs in memory and runs them in the thread that submits them.
 * <p>
 * A job that is due runs before its submit returns. One that a job submits runs when that
 * job has ended, so a chain of jobs needs no deeper stack than one. A job whose time is
 * to come, a retry too, stays pending: nobody watches the clock. So does one whose
 * function this application does not have.
 */
public final class InlineTaskQueue implements TaskQueue {

	/** A job that submits itself without end must not hang a test. */
	static final int MOST_IN_A_ROW = 10_000;

	private static final String WORKER = "inline";

	private static final Set<JobState> PENDING = EnumSet.of(JobState.PENDING);

	private static final List<String> GONE_WITH_A_RETRY = List.of(JobDocument.FINISHED_AT, JobDocument.DELETE_AT,
			JobDocument.ATTEMPT, JobDocument.CANCEL_REQUESTED, JobDocument.EXPIRES_AT);

	private final InlineSettings settings;

	private final Supplier<FunctionRegistry> functions;

	private final ArgumentMapper mapper;

	private final Clock clock;

	private final Supplier<EnqueueHooks> enqueueHooks;

	private final Supplier<AttemptHooks> attemptHooks;

	private final InlineTransactions transactions;

	private final Consumer<JobEvent> events;

	private final CallRecorder recorder = new CallRecorder();

	private final InlineJobs jobs;

	private final DirectFinisher finisher;

	private final Map<String, Running> running = new ConcurrentHashMap<>();

	private final Set<String> paused = ConcurrentHashMap.newKeySet();

	private final Map<String, Instant> revoked = new ConcurrentHashMap<>();

	/** What a thread that runs a job of this queue is to run next. */
	@SuppressWarnings("ThreadLocalUsage")
	private final ThreadLocal<@Nullable Deque<String>> next = new ThreadLocal<>();

	private volatile boolean held;

	/**
	 * Creates one.
	 * @param settings what holds for all jobs
	 * @param functions those of this application, which may become more
	 * @param mapper turns arguments to plain values, and results back
	 * @param clock the time
	 * @param enqueueHooks what the application has to say about submits
	 * @param attemptHooks what it has to say about attempts
	 * @param transactions in which jobs take part
	 * @param events told of each signal
	 */
	public InlineTaskQueue(InlineSettings settings, Supplier<FunctionRegistry> functions, ArgumentMapper mapper,
			Clock clock, Supplier<EnqueueHooks> enqueueHooks, Supplier<AttemptHooks> attemptHooks,
			InlineTransactions transactions, Consumer<JobEvent> events) {
		this.settings = settings;
		this.functions = functions;
		this.mapper = mapper;
		this.clock = clock;
		this.enqueueHooks = enqueueHooks;
		this.attemptHooks = attemptHooks;
		this.transactions = transactions;
		this.events = events;
		this.jobs = new InlineJobs(clock);
		this.finisher = new DirectFinisher(settings.retry(), settings.retention(), settings.maxResultSize(), clock,
				events);
	}

	/**
	 * Whether jobs are kept as they are submitted, until {@link #runDue}.
	 * @param held false (as at first) to run them at once
	 */
	public void hold(boolean held) {
		this.held = held;
	}

	/**
	 * Runs all jobs that are due, in the caller's thread: higher priorities first, then
	 * the earlier ones, and after these what they have submitted.
	 * @param most attempts
	 * @return how many attempts were made
	 * @throws IllegalStateException if jobs are still due after so many
	 */
	public int runDue(int most) {
		int attempts = 0;
		Deque<String> outer = this.next.get();
		this.next.set(new ArrayDeque<>());
		try {
			for (List<String> due = due(); !due.isEmpty(); due = due()) {
				for (String id : due) {
					if (attempts == most) {
						throw stillDue(id, most);
					}
					attempts += run(id) ? 1 : 0;
				}
			}
			return attempts;
		}
		finally {
			this.next.set(outer);
		}
	}

	/** Forgets all jobs, what is paused and what is revoked. What runs goes on. */
	public void clear() {
		this.jobs.clear();
		this.paused.clear();
		this.revoked.clear();
	}

	/**
	 * Whether this application has a function.
	 * @param function the name
	 * @return false if its jobs stay pending
	 */
	public boolean knows(String function) {
		return this.functions.get().find(function) != null;
	}

	@Override
	public JobHandle<Object> enqueue(JobSpec spec) {
		return this.enqueueHooks.get().watch(spec, () -> {
			Added added = submit(spec);
			return handle(added.id(), added.isDuplicate());
		});
	}

	@Override
	public CompletableFuture<JobHandle<Object>> enqueueAsync(JobSpec spec) {
		if (this.transactions.isMongo()) {
			throw new IllegalStateException("A submit that nobody waits for cannot take part in a MongoDB transaction: "
					+ "that may be over before the job is written. Use enqueue here, or enqueueAsync after the commit.");
		}
		try {
			return CompletableFuture.completedFuture(enqueue(spec));
		}
		catch (TaskQueueException ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	@Override
	public long enqueueAll(Stream<JobSpec> jobs) {
		AtomicLong count = new AtomicLong();
		try (Stream<JobSpec> closing = jobs) {
			return this.enqueueHooks.get().watch(null, () -> {
				closing.forEach((spec) -> count.addAndGet(submit(spec).isDuplicate() ? 0 : 1));
				return count.get();
			});
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(ex.getMessage() + " " + count + " jobs were submitted before.", ex);
		}
	}

	private Added submit(JobSpec spec) {
		Submission submission = new JobDrafts(this.functions, this.mapper, this.clock)
			.submission(this.enqueueHooks.get().before(spec));
		Document job = Submitter.check(submission, this.settings.maxArgumentsSize());
		if (!this.transactions.isMongo() && !this.transactions.isToWait(submission.time())) {
			return add(job, submission.onDuplicate());
		}
		this.transactions.afterCommit(() -> {
			try {
				add(job, submission.onDuplicate());
			}
			catch (RuntimeException ex) {
				this.enqueueHooks.get().failed(spec, ex);
				throw ex;
			}
		});
		return new Added(new JobDocument(job).idText(), false, null);
	}

	private Added add(Document document, OnDuplicate onDuplicate) {
		Added added = this.jobs.add(document, onDuplicate);
		Job job = added.job();
		if (job != null) {
			this.events.accept(new JobEvent.Enqueued(job.id(), job.function(), job.queue()));
			if (job.runAt().isAfter(job.createdAt())) {
				this.events.accept(new JobEvent.Scheduled(job.id(), job.function(), job.queue(), job.runAt()));
			}
			runSoon(job.id());
		}
		return added;
	}

	@Override
	public <B> JobBuilder job(Class<B> type, JobCall<B> call) {
		RecordedCall recorded = this.recorder.record(type, call);
		JobFunction function = this.functions.get().of(type, recorded.method());
		return new JobBuilder(function.name(), recorded.args(), this);
	}

	@Override
	public Optional<Job> find(String id) {
		return Optional.ofNullable(this.jobs.find(id)).map(JobDocument::toJob);
	}

	@Override
	public JobHandle<Object> handle(String id) {
		return handle(id, false);
	}

	private JobHandle<Object> handle(String id, boolean duplicate) {
		return new InlineJobHandle<>(id, Object.class, this, this.jobs, this.mapper, duplicate);
	}

	@Override
	public JobWatch watch(String id, Consumer<Job> listener) {
		return this.jobs.watch(Wanted.job(id), listener);
	}

	@Override
	public JobWatch watch(JobQuery query, Consumer<Job> listener) {
		return this.jobs.watch(Wanted.jobs(query), listener);
	}

	@Override
	public Stream<Job> query(JobQuery query) {
		Wanted wanted = Wanted.jobs(query);
		return this.jobs.latestFirst()
			.stream()
			.filter((job) -> wanted.is(job, this.clock))
			.limit((query.limit() != null) ? query.limit() : Long.MAX_VALUE);
	}

	@Override
	public CancelResult cancel(String id) {
		JobDocument before = this.jobs.change(id, (job) -> switch (state(job)) {
			case PENDING -> cancelled(job);
			case RUNNING -> new Document(job).append(JobDocument.CANCEL_REQUESTED, true);
			default -> job;
		});
		if (before == null) {
			return CancelResult.UNKNOWN;
		}
		JobState state = state(before.document());
		Running running = this.running.get(id);
		if (state == JobState.RUNNING && running != null) {
			running.runner.cancel(before.id(), running.claim.token());
		}
		if (state == JobState.PENDING) {
			this.events
				.accept(new JobEvent.Cancelled(before.idText(), before.function(), before.queue(), Duration.ZERO));
		}
		return switch (state) {
			case PENDING -> CancelResult.CANCELLED;
			case RUNNING -> CancelResult.REQUESTED;
			default -> CancelResult.ENDED;
		};
	}

	private @Nullable Document cancelled(Document job) {
		Instant now = this.clock.instant();
		if (this.settings.retention().of(JobState.CANCELLED).isZero() && !UniqueKey.isHeldAt(job, now)) {
			return null;
		}
		Document ended = new Document(job).append(JobDocument.STATE, JobState.CANCELLED.text())
			.append(JobDocument.FINISHED_AT, Date.from(now));
		UniqueKey.end(ended, now);
		return ended;
	}

	@Override
	public boolean retry(String id) {
		return change(id, "retried", BulkAction.RETRY.states(), (job) -> {
			Document again = moved(job, this.clock.instant()).append(JobDocument.STATE, JobState.PENDING.text());
			GONE_WITH_A_RETRY.forEach(again::remove);
			if (again.remove(JobDocument.ENDED_KEY) instanceof String key) {
				requireFree(key, id, "retried", state(job));
				again.append(JobDocument.UNIQUE_KEY, key);
			}
			return again;
		});
	}

	private void requireFree(String key, String id, String done, JobState state) {
		if (this.jobs.isHeld(key)) {
			throw new JobStateException(id, state,
					"Job " + id + " is " + state.text() + ", and cannot be " + done
							+ " while another job has the unique key '" + key
							+ "'. Wait until that is free, or cancel that job.");
		}
	}

	@Override
	public boolean runNow(String id) {
		Instant now = this.clock.instant();
		return change(id, "run now", PENDING,
				(job) -> job.getDate(JobDocument.RUN_AT).toInstant().isAfter(now) ? moved(job, now) : job);
	}

	@Override
	public boolean reschedule(String id, Instant at) {
		return edit(id, JobChange.none().runAt(at));
	}

	@Override
	public boolean edit(String id, JobChange change) {
		Document set = ChangedFields.of(change, this.mapper);
		return change(id, "edited", PENDING, (job) -> {
			Document edited = new Document(job);
			edited.putAll(set);
			String key = ChangedKey.of(job, set, this.functions.get());
			if (key != null) {
				requireFree(key, id, "edited", state(job));
				edited.append(JobDocument.UNIQUE_KEY, key);
			}
			return Submitter.check(new Submission(edited), this.settings.maxArgumentsSize());
		});
	}

	@Override
	public boolean delete(String id) {
		return change(id, "deleted", BulkAction.DELETE.states(), (job) -> null);
	}

	private boolean change(String id, String done, Set<JobState> states, InlineJobs.Change change) {
		JobDocument before = this.jobs.change(id, (job) -> {
			JobState state = state(job);
			if (!states.contains(state)) {
				throw new JobStateException(id, state, "Job " + id + " is " + state.text() + ", so it cannot be " + done
						+ ". Expected one that is " + texts(states) + ".");
			}
			return change.of(job);
		});
		if (before != null) {
			runSoon(id);
		}
		return before != null;
	}

	@Override
	public long cancelAll(JobQuery query) {
		return each(query, BulkAction.CANCEL, (id) -> cancel(id) != CancelResult.ENDED);
	}

	@Override
	public long retryAll(JobQuery query) {
		return each(query, BulkAction.RETRY, this::retry);
	}

	@Override
	public long deleteAll(JobQuery query) {
		return each(query, BulkAction.DELETE, this::delete);
	}

	private long each(JobQuery query, BulkAction action, Predicate<String> steer) {
		action.check(query);
		return query(query).filter((job) -> action.states().contains(job.state()))
			.map(Job::id)
			.filter((id) -> isDone(id, steer))
			.count();
	}

	/** One whose unique key another has is left as it is. */
	private static boolean isDone(String id, Predicate<String> action) {
		try {
			return action.test(id);
		}
		catch (JobStateException ex) {
			return false;
		}
	}

	@Override
	public void pause(String queue) {
		this.paused.add(queue);
	}

	@Override
	public void resume(String queue) {
		this.paused.remove(queue);
		query(JobQuery.all().state(JobState.PENDING).queue(queue)).map(Job::id).forEach(this::runSoon);
	}

	@Override
	public boolean isPaused(String queue) {
		return this.paused.contains(queue);
	}

	@Override
	public void revoke(String function) {
		revoke(function, Instant.MAX);
	}

	@Override
	public void revoke(String function, Instant until) {
		this.revoked.put(function, until);
	}

	@Override
	public void restore(String function) {
		this.revoked.remove(function);
	}

	@Override
	public boolean isRevoked(String function) {
		Instant until = this.revoked.get(function);
		return until != null && this.clock.instant().isBefore(until);
	}

	/**
	 * Runs a job if it is due, and all that become due by it; where this thread runs a
	 * job already, when that has ended.
	 */
	private void runSoon(String id) {
		if (this.held) {
			return;
		}
		Deque<String> outer = this.next.get();
		if (outer != null) {
			outer.add(id);
			return;
		}
		Deque<String> due = new ArrayDeque<>(List.of(id));
		this.next.set(due);
		try {
			int attempts = 0;
			for (String next = due.poll(); next != null; next = due.poll()) {
				if (attempts++ == MOST_IN_A_ROW) {
					throw stillDue(next, MOST_IN_A_ROW);
				}
				if (run(next)) {
					// it may be due again, for another attempt
					due.add(next);
				}
			}
		}
		finally {
			this.next.remove();
		}
	}

	/**
	 * Runs a job if it is due.
	 * @return false if it is not
	 */
	private boolean run(String id) {
		Claim[] claim = new Claim[1];
		this.jobs.change(id, (job) -> {
			Job pending = new JobDocument(job).toJob();
			if (!this.jobs.isDue(pending) || !mayRun(pending)) {
				return job;
			}
			claim[0] = Claim.alone(new JobDocument(job), WORKER);
			return new Document(job).append(JobDocument.STATE, JobState.RUNNING.text())
				.append(JobDocument.WORKER, WORKER)
				.append(JobDocument.CLAIM, claim[0].token())
				.append(JobDocument.CLAIMED_AT, Date.from(this.clock.instant()))
				.append(JobDocument.ATTEMPT, claim[0].attempt());
		});
		if (claim[0] == null) {
			return false;
		}
		attempt(id, claim[0]);
		return true;
	}

	private void attempt(String id, Claim claim) {
		AttemptRunner runner = AttemptRunner.inline(this.functions.get(), this.settings.execution(), this.clock,
				this::finish, this.events, this.attemptHooks.get(), this::isRevoked);
		this.running.put(id, new Running(claim, runner));
		// the thread is the caller's: neither its log context nor its interrupt is ours
		Map<String, String> context = MDC.getCopyOfContextMap();
		boolean interrupted = Thread.interrupted();
		try {
			runner.start(claim);
		}
		finally {
			runner.stop();
			this.running.remove(id);
			MDC.setContextMap((context != null) ? context : Map.of());
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private void finish(Outcome outcome) {
		String id = outcome.claim().job().idText();
		Document running = Objects.requireNonNull(this.jobs.find(id), id).document();
		this.finisher.finish(outcome, running, (ignored, document) -> this.jobs.change(id, (job) -> document));
	}

	private List<String> due() {
		return this.jobs.due(this::mayRun);
	}

	private boolean mayRun(Job job) {
		return !this.paused.contains(job.queue()) && knows(job.function());
	}

	private static Document moved(Document job, Instant runAt) {
		return new Document(job).append(JobDocument.RUN_AT, Date.from(runAt));
	}

	private static JobState state(Document job) {
		return new JobDocument(job).toJob().state();
	}

	private static List<String> texts(Set<JobState> states) {
		return states.stream().map(JobState::text).sorted().toList();
	}

	private IllegalStateException stillDue(String id, int attempts) {
		return new IllegalStateException(
				"Job " + find(id).map((job) -> id + " of function '" + job.function() + "'").orElse(id)
						+ " is still due after " + attempts
						+ " attempts in a row. Does it, or what it submits, submit itself again without a delay?");
	}

	/**
	 * A job under way.
	 *
	 * @param claim its claim
	 * @param runner what runs it
	 */
	private record Running(Claim claim, AttemptRunner runner) {
	}

}
