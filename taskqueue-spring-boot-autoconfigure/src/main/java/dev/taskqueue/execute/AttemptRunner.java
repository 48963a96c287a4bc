package dev.taskqueue.execute;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;

import dev.taskqueue.CancelExecution;
import dev.taskqueue.JobError;
import dev.taskqueue.JobEvent;
import dev.taskqueue.WorkerLoss;
import dev.taskqueue.claim.Claim;
import dev.taskqueue.execute.Attempt.Stop;
import dev.taskqueue.execute.Outcome.Retry;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.function.InvalidArgumentException;
import dev.taskqueue.function.JobFunction;
import dev.taskqueue.lock.JobLocks;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.store.UnreadableDocumentException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Runs claims: each in a thread of the executor, which goes on with the next claim that
 * waits for its slot.
 */
public final class AttemptRunner {

	private static final Logger logger = LoggerFactory.getLogger(AttemptRunner.class);

	/** Longer traces are cut: they are kept with the job. */
	private static final int STACK_LIMIT = 8 * 1024;

	private static final int MESSAGE_LIMIT = 2 * 1024;

	private final FunctionRegistry functions;

	private final Executor executor;

	private final ExecutionSettings settings;

	private final Clock clock;

	private final Predicate<Claim> mayStart;

	private final Consumer<Outcome> outcomes;

	private final Consumer<JobEvent> events;

	private final Predicate<String> isRevoked;

	/** Null where one thread runs all jobs, and there is no store. */
	private final @Nullable JobLocks locks;

	private final Retries retries;

	private final InterceptorChain interceptors;

	private final ErrorHandlers errorHandlers;

	private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();

	private final TimeoutWatch watch;

	private final NoteWriter noteWriter;

	/** Jobs that are to be cancelled, as far as this worker has heard. */
	private volatile Set<Cancellation> cancellations = ConcurrentHashMap.newKeySet();

	/**
	 * Creates one.
	 * @param database keeps what attempts say of themselves
	 * @param functions what can be run
	 * @param executor gives the threads; the slots of the claims bound their number
	 * @param settings the defaults
	 * @param clock the server's clock
	 * @param mayStart false while the lease is not fresh, or is another than the claim's
	 * @param outcomes takes how the attempts ended; may make the caller wait
	 * @param events told when an attempt begins
	 * @param hooks what the application has to say about attempts
	 * @param isRevoked whether jobs of a function are to be cancelled instead of run
	 * @param locks holds the locks of jobs that have one
	 */
	public AttemptRunner(TaskQueueDatabase database, FunctionRegistry functions, Executor executor,
			ExecutionSettings settings, Clock clock, Predicate<Claim> mayStart, Consumer<Outcome> outcomes,
			Consumer<JobEvent> events, AttemptHooks hooks, Predicate<String> isRevoked, JobLocks locks) {
		this(new NoteWriter(database.jobs(), clock), functions, executor, settings, clock, mayStart, outcomes, events,
				hooks, isRevoked, locks);
	}

	AttemptRunner(NoteWriter noteWriter, FunctionRegistry functions, Executor executor, ExecutionSettings settings,
			Clock clock, Predicate<Claim> mayStart, Consumer<Outcome> outcomes, Consumer<JobEvent> events,
			AttemptHooks hooks, Predicate<String> isRevoked, @Nullable JobLocks locks) {
		this.functions = functions;
		this.executor = executor;
		this.settings = settings;
		this.clock = clock;
		this.mayStart = mayStart;
		this.outcomes = outcomes;
		this.events = events;
		this.isRevoked = isRevoked;
		this.locks = locks;
		this.retries = new Retries(functions, hooks.retryPolicy());
		this.interceptors = new InterceptorChain(hooks.interceptors());
		this.errorHandlers = new ErrorHandlers(hooks.errorHandlers());
		this.watch = new TimeoutWatch(this.attempts, this::endWithoutItsThread);
		this.noteWriter = noteWriter;
	}

	/**
	 * Creates one for jobs that are not in the store, which runs them in the thread that
	 * starts them. Nobody watches their time unless {@link #run} is called.
	 * @param functions what can be run
	 * @param settings the defaults
	 * @param clock by which expiry is judged
	 * @param outcomes takes how the attempts ended
	 * @param events told when an attempt begins
	 * @param hooks what the application has to say about attempts
	 * @param isRevoked whether jobs of a function are to be cancelled instead of run
	 * @return the runner
	 */
	public static AttemptRunner inline(FunctionRegistry functions, ExecutionSettings settings, Clock clock,
			Consumer<Outcome> outcomes, Consumer<JobEvent> events, AttemptHooks hooks, Predicate<String> isRevoked) {
		return new AttemptRunner(new NoteWriter(null, clock), functions, Runnable::run, settings, clock,
				(claim) -> true, outcomes, events, hooks, isRevoked, null);
	}

	/**
	 * Runs a claim that has its slot; returns at once.
	 * @param claim what was claimed
	 */
	public void start(Claim claim) {
		try {
			this.executor.execute(() -> runAll(claim));
		}
		catch (RuntimeException | Error ex) {
			for (Claim next = claim; next != null; next = next.release()) {
				giveBack(next, ex);
			}
		}
	}

	private void giveBack(Claim claim, Throwable cause) {
		try {
			if (!(cause instanceof RejectedExecutionException)) {
				logger.error("No thread for job {}: it is given back", claim.job().idText(), cause);
			}
			this.outcomes.accept(new Outcome.GivenBack(claim, Duration.ZERO));
		}
		catch (RuntimeException | Error ex) {
			leaveToRecovery(claim, ex);
		}
	}

	/**
	 * Watches the time of the attempts until {@link #stop()}.
	 * @param outage told of errors
	 */
	public void run(Outage outage) {
		this.watch.run(outage);
	}

	/** Ends {@link #run}. */
	public void stop() {
		this.watch.stop();
		this.noteWriter.stop();
	}

	/**
	 * Tells the attempt of a job to stop, since the job is to be cancelled; one that has
	 * not begun does not begin.
	 * @param id the job's id as stored
	 * @param token of its claim
	 */
	public void cancel(Object id, String token) {
		Cancellation cancellation = new Cancellation(id, token);
		this.cancellations.add(cancellation);
		stop(Set.of(cancellation));
	}

	/** All jobs of this worker that are to be cancelled, by the store's word. */
	void cancelOnly(Set<Cancellation> found) {
		Set<Cancellation> known = ConcurrentHashMap.newKeySet();
		known.addAll(found);
		this.cancellations = known;
		stop(found);
	}

	/** Whether an attempt has been under way for longer than that. */
	boolean runsLongerThan(Duration duration) {
		long nanoTime = System.nanoTime();
		return this.attempts.stream().anyMatch((attempt) -> attempt.duration(nanoTime).compareTo(duration) > 0);
	}

	private void stop(Set<Cancellation> cancelled) {
		long nanoTime = System.nanoTime();
		this.attempts.stream()
			.filter((attempt) -> cancelled.contains(Cancellation.of(attempt.claim())))
			.forEach((attempt) -> attempt.stop(Stop.CANCEL, nanoTime));
	}

	private boolean isCancelled(Claim claim) {
		Set<Cancellation> known = this.cancellations;
		return !known.isEmpty() && known.contains(Cancellation.of(claim));
	}

	/** Tells all attempts to stop, since others hold their jobs. */
	public void fence() {
		stopAll(Stop.FENCED);
	}

	/** Tells all attempts to stop, since the worker stops: their jobs are given back. */
	public void shutDown() {
		stopAll(Stop.SHUTDOWN);
	}

	/** Gives back the jobs of the attempts that ignore {@link #shutDown()}. */
	public void giveUp() {
		this.attempts.forEach(this::endWithoutItsThread);
	}

	/**
	 * The attempts that were told to stop and go on.
	 * @return for people
	 */
	public Set<Stuck> stuck() {
		return this.watch.stuck();
	}

	private void stopAll(Stop reason) {
		long nanoTime = System.nanoTime();
		this.attempts.forEach((attempt) -> attempt.stop(reason, nanoTime));
	}

	private void runAll(Claim first) {
		Thread thread = Thread.currentThread();
		String name = thread.getName();
		try {
			for (Claim claim = first; claim != null; claim = claim.release()) {
				runSafely(claim, thread);
			}
		}
		finally {
			thread.setName(name);
		}
	}

	/**
	 * Whatever happens, the slot is freed; a job without an outcome is an orphan then.
	 */
	private void runSafely(Claim claim, Thread thread) {
		try {
			run(claim, thread);
		}
		catch (Throwable ex) {
			leaveToRecovery(claim, ex);
		}
	}

	/** Settled without an outcome it is an orphan, which this worker gives back. */
	private static void leaveToRecovery(Claim claim, Throwable thrown) {
		claim.settle();
		try {
			logger.error("Job {} was run and its outcome cannot be written; it is given back", claim.job().idText(),
					thrown);
		}
		catch (Throwable ex) {
			// no memory to say so: neither the slot nor the thread may be lost with it
		}
	}

	private void run(Claim claim, Thread thread) {
		Outcome outcome;
		try {
			outcome = attempt(claim, thread);
		}
		catch (UnreadableDocumentException | InvalidArgumentException ex) {
			outcome = refused(claim, JobError.Reason.UNREADABLE, ex);
		}
		catch (Throwable ex) {
			// whatever it is, it must not cost the slot
			logger.error("Running job {} failed outside its function", claim.job().idText(), ex);
			outcome = refused(claim, JobError.Reason.EXCEPTION, ex);
		}
		if (outcome != null) {
			this.outcomes.accept(outcome);
			this.errorHandlers.tell(outcome);
		}
	}

	private @Nullable Outcome attempt(Claim claim, Thread thread) {
		JobDocument job = claim.job();
		if (job.isCancelRequested()) {
			return new Outcome.Cancelled(claim, Duration.ZERO);
		}
		if (this.isRevoked.test(job.function())) {
			this.events.accept(new JobEvent.Revoked(job.idText(), job.function(), job.queue()));
			return new Outcome.Cancelled(claim, Duration.ZERO);
		}
		Instant expiresAt = job.expiresAt();
		if (expiresAt != null && !expiresAt.isAfter(this.clock.instant())) {
			return new Outcome.Expired(claim);
		}
		JobFunction function = this.functions.find(job.function());
		if (function == null) {
			return new Outcome.GivenBack(claim, Duration.ZERO);
		}
		if (function.onWorkerLoss() == WorkerLoss.FAIL && job.recoveries() > 0) {
			return refused(claim, JobError.Reason.WORKER_LOST,
					new IllegalStateException("The worker was lost while it ran the job, and the function '"
							+ function.name() + "' is not to be run again (onWorkerLoss = FAIL)"));
		}
		String lock = lock(job, function);
		if (lock != null && this.locks != null && !take(lock, claim, this.locks)) {
			return new Outcome.Locked(claim, lock);
		}
		Duration timeout = firstOf(job.timeout(), function.timeout(), this.settings.timeout());
		int maxAttempts = firstOf(job.maxAttempts(), function.maxAttempts(), this.settings.maxAttempts());
		Attempt attempt = new Attempt(claim, function, new Retry(maxAttempts, function.backoff()), thread,
				System.nanoTime(), timeout, this.noteWriter);
		AttemptContext context = new AttemptContext(attempt, job.idText(), function.name(), job.queue(),
				claim.attempt(), maxAttempts);
		// registered before it asks, so that a fence or a cancellation either finds it or
		// is seen here
		this.attempts.add(attempt);
		JobFunction.Call call;
		try {
			if (isCancelled(claim)) {
				this.attempts.remove(attempt);
				return new Outcome.Cancelled(claim, Duration.ZERO);
			}
			if (!this.mayStart.test(claim)) {
				this.attempts.remove(attempt);
				return new Outcome.GivenBack(claim, Duration.ZERO);
			}
			call = function.bind(job.params(), job.kwargs(), context);
		}
		catch (InvalidArgumentException ex) {
			this.attempts.remove(attempt);
			return refused(claim, JobError.Reason.UNREADABLE, ex);
		}
		catch (RuntimeException | Error ex) {
			this.attempts.remove(attempt);
			throw ex;
		}
		if (job.document().containsKey(JobDocument.PROGRESS)) {
			// how far another attempt came would mislead
			attempt.notes().progress(0, null);
		}
		return call(call, attempt, context);
	}

	private static @Nullable String lock(JobDocument job, JobFunction function) {
		String own = job.lock();
		return (own != null) ? own : function.lock(job.params(), job.kwargs());
	}

	/** Without it, the job waits for it. */
	private static boolean take(String lock, Claim claim, JobLocks locks) {
		boolean taken = locks.take(lock, claim.job(), claim.token());
		claim.whenSettled(taken ? () -> locks.release(lock, claim.job(), claim.token()) : () -> locks.look(lock));
		return taken;
	}

	private @Nullable Outcome call(JobFunction.Call call, Attempt attempt, AttemptContext context) {
		nameThread(attempt.thread(), context.queue(), attempt.claim().slot());
		MDC.put("job_id", context.jobId());
		MDC.put("job_function", context.function());
		MDC.put("job_attempt", String.valueOf(context.attempt()));
		this.watch.expect(attempt);
		Object result = null;
		Throwable thrown = null;
		try {
			this.events.accept(
					new JobEvent.Executing(context.jobId(), context.function(), context.queue(), context.attempt()));
			result = this.interceptors.invoke(call, context);
		}
		catch (Throwable ex) {
			thrown = ex;
		}
		finally {
			attempt.threadLeaves();
			this.attempts.remove(attempt);
			MDC.remove("job_id");
			MDC.remove("job_function");
			MDC.remove("job_attempt");
		}
		return attempt.takeOutcome() ? outcome(attempt, result, thrown) : null;
	}

	private Outcome outcome(Attempt attempt, @Nullable Object result, @Nullable Throwable thrown) {
		Duration duration = attempt.duration(System.nanoTime());
		Stop stop = attempt.stopReason();
		if (stop == Stop.FENCED) {
			return new Outcome.Abandoned(attempt.claim(), duration);
		}
		if (stop == Stop.TIMEOUT) {
			return timedOut(attempt, duration, thrown);
		}
		if (thrown == null) {
			return new Outcome.Succeeded(attempt.claim(), duration, result, attempt.retention());
		}
		if (stop == Stop.CANCEL) {
			return new Outcome.Cancelled(attempt.claim(), duration);
		}
		if (stop == Stop.SHUTDOWN) {
			return new Outcome.GivenBack(attempt.claim(), duration);
		}
		if (thrown instanceof InvalidArgumentException unstorable) {
			// it ran and its result cannot be kept: to run it again would not help
			return new Outcome.Failed(attempt.claim(), duration,
					error(JobError.Reason.UNREADABLE, unstorable, attempt.claim().attempt()), Retry.NEVER, unstorable);
		}
		logger.debug("Job {} of function '{}' threw", attempt.claim().job().idText(), attempt.function(), thrown);
		CancelExecution cancel = Retries.find(CancelExecution.class, thrown);
		if (cancel != null) {
			return new Outcome.Cancelled(attempt.claim(), duration,
					error(JobError.Reason.CANCELLED, cancel, attempt.claim().attempt()));
		}
		return new Outcome.Failed(attempt.claim(), duration,
				error(JobError.Reason.EXCEPTION, thrown, attempt.claim().attempt()),
				this.retries.after(attempt, thrown), thrown);
	}

	/** The thread ignores its interrupt: the outcome is written without it. */
	private void endWithoutItsThread(Attempt attempt) {
		if (!attempt.takeOutcome()) {
			return;
		}
		try {
			Outcome outcome = outcomeWithoutItsThread(attempt);
			this.outcomes.accept(outcome);
			tellApart(outcome);
		}
		catch (Throwable ex) {
			leaveToRecovery(attempt.claim(), ex);
		}
	}

	/** This thread watches the time of the others. */
	private void tellApart(Outcome outcome) {
		if (this.errorHandlers.want(outcome)) {
			try {
				this.executor.execute(() -> this.errorHandlers.tell(outcome));
			}
			catch (RejectedExecutionException ex) {
				logger.debug("The worker ends: no handler hears of job {}", outcome.claim().job().idText(), ex);
			}
		}
	}

	private Outcome outcomeWithoutItsThread(Attempt attempt) {
		Duration duration = attempt.duration(System.nanoTime());
		Stop stop = attempt.stopReason();
		if (stop == Stop.TIMEOUT) {
			return timedOut(attempt, duration, null);
		}
		if (stop == Stop.CANCEL) {
			return new Outcome.Cancelled(attempt.claim(), duration);
		}
		return (stop == Stop.FENCED) ? new Outcome.Abandoned(attempt.claim(), duration)
				: new Outcome.GivenBack(attempt.claim(), duration);
	}

	private Outcome timedOut(Attempt attempt, Duration duration, @Nullable Throwable thrown) {
		JobError error = new JobError(JobError.Reason.TIMEOUT, null,
				"The attempt took longer than its time-out of " + attempt.timeout().toMillis()
						+ " ms. Make the function " + "'" + attempt.function()
						+ "' quicker, or give it or the job a longer time-out",
				(thrown != null) ? stack(thrown) : null, attempt.claim().attempt(), this.clock.instant());
		return new Outcome.Failed(attempt.claim(), duration, error,
				this.retries.after(attempt, new TimeoutException(error.message())), thrown);
	}

	private Outcome refused(Claim claim, JobError.Reason reason, Throwable cause) {
		return new Outcome.Failed(claim, Duration.ZERO, error(reason, cause, claim.attempt()), Retry.NEVER, cause);
	}

	private JobError error(JobError.Reason reason, Throwable thrown, int attempt) {
		String message = thrown.getMessage();
		return new JobError(reason, thrown.getClass().getName(),
				cut((message != null) ? message : thrown.getClass().getSimpleName(), MESSAGE_LIMIT),
				(reason == JobError.Reason.EXCEPTION) ? stack(thrown) : null, attempt, this.clock.instant());
	}

	private static String stack(Throwable thrown) {
		StringWriter stack = new StringWriter();
		thrown.printStackTrace(new PrintWriter(stack));
		return cut(stack.toString(), STACK_LIMIT);
	}

	private static String cut(String text, int limit) {
		return (text.length() > limit) ? text.substring(0, limit) + "…" : text;
	}

	private static <T> T firstOf(@Nullable T ofJob, @Nullable T ofFunction, T otherwise) {
		if (ofJob != null) {
			return ofJob;
		}
		return (ofFunction != null) ? ofFunction : otherwise;
	}

	private static void nameThread(Thread thread, String queue, int slot) {
		String name = "taskqueue-" + queue + "-" + slot;
		if (!name.equals(thread.getName())) {
			thread.setName(name);
		}
	}

	/**
	 * A running job that is to be cancelled.
	 *
	 * @param id the job's id as stored
	 * @param token of its claim: another attempt of it is another matter
	 */
	record Cancellation(Object id, String token) {

		static Cancellation of(Claim claim) {
			return new Cancellation(claim.job().id(), claim.token());
		}

	}

	/**
	 * An attempt that was told to stop and goes on.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param thread the name of its thread
	 * @param since how long ago it was told to stop
	 */
	public record Stuck(String jobId, String function, String thread, Duration since) {
	}

}
