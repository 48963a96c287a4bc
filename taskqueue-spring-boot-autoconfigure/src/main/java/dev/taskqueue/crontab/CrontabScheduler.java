package dev.taskqueue.crontab;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.submit.LocalWorker;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns due rows of the crontab into jobs, exactly once each. It has two loops,
 * {@link #run()} and {@link #runWatch()}, for two threads of its owner; all other methods
 * may be called by any thread.
 */
public final class CrontabScheduler {

	private static final Logger logger = LoggerFactory.getLogger(CrontabScheduler.class);

	private static final String DISPATCHING = "turning rows of the crontab into jobs";

	private static final String WATCHING = "watching the crontab";

	private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

	/** Between the portions of one row; also where its owner changed it meanwhile. */
	private static final Duration AFTER_CHANGE = Duration.ofMillis(100);

	/** What the server refuses it will refuse again, until somebody grants it. */
	private static final Duration AFTER_REFUSAL = Duration.ofMinutes(1);

	/** The lock is renewed at each look but one. */
	private static final int RENEWAL = 2;

	/** Where changes are told and none was, rows are mended so often all the same. */
	private static final Duration BETWEEN_MENDING = Duration.ofMinutes(10);

	/** So many minutes after a change they are: not each one says which row it was. */
	private static final int MINUTES_AFTER_CHANGE = 2;

	private final TaskQueueDatabase database;

	private final CrontabSettings settings;

	private final BooleanSupplier isLeader;

	private final BooleanSupplier isBusy;

	private final Clock clock;

	private final Outage outage;

	private final DueRows rows;

	private final Rounds rounds;

	private final RowValidator validator;

	private final RowLog log;

	private final RowWatch watch;

	private final Unmarkable unmarkable = new Unmarkable();

	private final Signals signals = new Signals();

	private volatile boolean leader;

	private volatile @Nullable Instant lastTick;

	private long leaderAskedAt;

	private int minutesToMend;

	private Instant mendAgainAt = Instant.EPOCH;

	private @Nullable Instant lastMinute;

	private Instant nextLookUnheard = Instant.EPOCH;

	/** Nothing falls due before, unless a change is told. */
	private Instant quietUntil = Instant.EPOCH;

	/**
	 * Creates one; nothing is sent.
	 * @param database the collections, with their indexes
	 * @param functions the functions of this node, against which arguments are checked
	 * @param isLeader asked with each poll interval: whether this node is to do the work.
	 * True on several nodes at once is waste, and no fault
	 * @param isBusy whether this node has so many jobs to run that the server is not to
	 * be kept busy by a change stream too
	 * @param clock the server's clock
	 * @param outage told when the server cannot be reached
	 * @param settings how rows become jobs
	 * @param worker runs jobs in this process, or is told the queues that got due ones
	 * @param liveFunctions the functions of all live workers; may ask the server, and is
	 * asked only when a row is due whose function this node does not have
	 * @param declared the periodic jobs that nodes ask for
	 * @param cancel cancels a job by its id, for rows that say so of their last one
	 */
	public CrontabScheduler(TaskQueueDatabase database, FunctionRegistry functions, BooleanSupplier isLeader,
			BooleanSupplier isBusy, ServerClock clock, Outage outage, CrontabSettings settings, LocalWorker worker,
			Supplier<Set<String>> liveFunctions, DeclaredJobs declared, Consumer<String> cancel) {
		this(database, new RegisteredFunctions(functions), isLeader, isBusy, clock, outage, settings, worker,
				liveFunctions, declared, cancel, () -> {
				});
	}

	CrontabScheduler(TaskQueueDatabase database, KnownFunctions functions, BooleanSupplier isLeader,
			BooleanSupplier isBusy, Clock clock, Outage outage, CrontabSettings settings, LocalWorker worker,
			Supplier<Set<String>> liveFunctions, DeclaredJobs declared, Consumer<String> cancel, Runnable beforeMark) {
		this.database = database;
		this.settings = settings;
		this.isLeader = isLeader;
		this.isBusy = isBusy;
		this.clock = clock;
		this.outage = outage;
		this.log = new RowLog(database.crontab().getNamespace().getCollectionName());
		LiveFunctions live = new LiveFunctions(liveFunctions);
		LiveFunctions schedules = new LiveFunctions(declared.live());
		RowReader reader = new RowReader(functions, live::contains,
				(key) -> declared.own().contains(key) || schedules.contains(key), settings);
		this.validator = new RowValidator(database, settings.validation());
		this.rows = new DueRows(database, settings, this.unmarkable);
		this.rounds = new Rounds(this.rows,
				new Dispatch(database, reader, settings.batchSize(), this.log, this.unmarkable,
						this.rows::isOfReplicaSet, worker, new LastJobs(database.jobs(), cancel),
						new PeriodicRows(database, clock)::remove, beforeMark),
				live, schedules, clock, () -> this.signals.takeChanged(settings.batchSize()), this::rest);
		this.watch = new RowWatch(database, this.signals);
	}

	/**
	 * The loop that turns rows into jobs, on each whole minute of the server's clock, at
	 * each known due time in between, when {@link #runWatch()} hears of a change, and at
	 * the latest after the poll interval. It returns after {@link #stop()}, or when the
	 * thread is interrupted.
	 */
	public void run() {
		while (!this.signals.isStopped()) {
			Duration pause;
			boolean failed = true;
			try {
				this.validator.prepare();
				pause = round();
				this.outage.over(DISPATCHING);
				failed = false;
			}
			catch (MongoException ex) {
				this.outage.failed(DISPATCHING, ex);
				pause = afterFailure();
			}
			catch (RuntimeException | Error ex) {
				this.outage.broke(DISPATCHING, ex);
				pause = afterFailure();
			}
			if (isInterruptedWaiting(pause, failed)) {
				break;
			}
		}
		this.leader = false;
	}

	/**
	 * The loop that hears of changed rows, so that they are seen at once. It returns
	 * where the server tells of no changes (a stand-alone one), after {@link #stop()}, or
	 * when the thread is interrupted.
	 */
	public void runWatch() {
		String said = "";
		while (!this.signals.isStopped()) {
			Duration pause = AFTER_FAILURE;
			try {
				if (!this.database.hasChangeStreams()) {
					logger.info("The MongoDB server tells of no changes, so rows of the crontab are looked for each {}",
							this.settings.pollInterval());
					return;
				}
				if (this.leader && !this.isBusy.getAsBoolean()) {
					this.watch.follow(this::goesOnWatching);
				}
				else {
					this.outage.over(WATCHING);
				}
				if (this.isBusy.getAsBoolean()) {
					// rows are polled so often meanwhile
					pause = this.settings.pollInterval();
				}
			}
			catch (MongoCommandException ex) {
				if (!Outage.isPassing(ex.getErrorCode())) {
					pause = AFTER_REFUSAL;
					if (!said.equals(ex.getErrorMessage())) {
						said = ex.getErrorMessage();
						logger.warn("Changes of the crontab cannot be watched ({}), so rows are looked for each {}",
								said, this.settings.pollInterval());
					}
				}
			}
			catch (MongoException ex) {
				this.outage.failed(WATCHING, ex);
			}
			catch (RuntimeException | Error ex) {
				this.outage.broke(WATCHING, ex);
			}
			try {
				this.signals.awaitStop(pause);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return;
			}
		}
	}

	private boolean goesOnWatching() {
		this.outage.over(WATCHING);
		return this.leader && !this.signals.isStopped() && !this.isBusy.getAsBoolean();
	}

	/**
	 * Closes the stream of changes for now: this node is busy. What is not told meanwhile
	 * is looked for when it is opened again.
	 */
	public void stopWatching() {
		this.watch.cancel();
	}

	/** Ends both loops; a portion under way is finished first. Does not wait for that. */
	public void stop() {
		this.signals.stop();
		this.watch.cancel();
	}

	/**
	 * How it stands. Asks the server, for a bounded time's work.
	 * @return the state
	 * @throws MongoException if the server cannot be reached
	 */
	public CrontabStatus status() {
		Instant now = this.clock.instant();
		return new CrontabStatus(this.leader, this.watch.isOpen(), this.lastTick, this.rows.countDue(now),
				this.rows.countErrors(), this.rows.lag(now));
	}

	/**
	 * One round: all that is due, then as much of the mending as fits in before something
	 * is due again.
	 * @return how long there is nothing to do
	 */
	Duration round() {
		Instant now = this.clock.instant();
		if (!isLeading()) {
			this.rounds.abandon();
			this.signals.clear();
			this.quietUntil = Instant.EPOCH;
			return untilNextLook(now, false);
		}
		if (this.watch.isOpen() && now.isBefore(this.quietUntil) && !this.signals.isRaised()) {
			this.lastTick = now;
			return untilRenewal(Duration.between(now, this.quietUntil));
		}
		boolean told = this.watch.isOpen();
		// a row may have fallen due since, and would not be found after the present
		// moment
		Instant lookedUpTo = tick(now);
		Instant next = lookedUpTo.plus(untilNextLook(lookedUpTo, told));
		boolean mended = false;
		while (this.rounds.isMending() && isLeading()) {
			this.rounds.mend();
			mended = true;
			if (this.signals.isRaised() || !this.clock.instant().isBefore(next)) {
				return Duration.ZERO;
			}
		}
		if (mended) {
			// rows that had no time, or another one, may have got an earlier one
			next = lookedUpTo.plus(untilNextLook(lookedUpTo, told));
		}
		this.quietUntil = (told && this.rounds.isAtRest()) ? next : Instant.EPOCH;
		Duration pause = untilRenewal(atLeastZero(Duration.between(this.clock.instant(), next)));
		// the mending too may have left something
		return (this.rounds.mustLookAgain() && pause.compareTo(AFTER_CHANGE) > 0) ? AFTER_CHANGE : pause;
	}

	/** With each round the lock is renewed. */
	private Duration untilRenewal(Duration pause) {
		return (pause.compareTo(this.settings.pollInterval()) < 0) ? pause : this.settings.pollInterval();
	}

	private Instant tick(Instant now) {
		this.lastTick = now;
		Instant minute = now.truncatedTo(ChronoUnit.MINUTES);
		if (!minute.equals(this.lastMinute)) {
			this.lastMinute = minute;
			this.log.nextMinute();
			this.unmarkable.forget();
			if (this.signals.takeHeard() || !this.watch.isOpen()) {
				this.minutesToMend = MINUTES_AFTER_CHANGE;
			}
			if (this.minutesToMend > 0 || this.rounds.areKeysTaken() || !minute.isBefore(this.mendAgainAt)) {
				this.mendAgainAt = minute.plus(BETWEEN_MENDING);
				this.rounds.wantMending();
			}
			this.minutesToMend = Math.max(0, this.minutesToMend - 1);
		}
		if (this.signals.takeAll()) {
			this.rounds.wantMending();
			this.rounds.wantAll();
		}
		if (!this.watch.isOpen() && !now.isBefore(this.nextLookUnheard)) {
			this.nextLookUnheard = now.plus(this.settings.pollInterval());
			this.rounds.wantRecurring();
		}
		Instant lookedUpTo = this.rounds.dispatchDue(now, this::isStillTicking);
		this.rounds.beginMending(now);
		return lookedUpTo;
	}

	/** A million due rows take minutes, in which it is not late. */
	private boolean isStillTicking() {
		this.lastTick = this.clock.instant();
		return isLeading();
	}

	/** Asks for the lock not more often than it is needed: the answer costs a write. */
	private boolean isLeading() {
		long nanoTime = System.nanoTime();
		if (!this.leader || nanoTime - this.leaderAskedAt >= this.settings.pollInterval().toNanos() * RENEWAL) {
			boolean now = !this.signals.isStopped() && this.isLeader.getAsBoolean();
			this.leaderAskedAt = nanoTime;
			if (now != this.leader) {
				logger.info(now ? "This node turns the rows of the crontab into jobs from now on"
						: "Another node turns the rows of the crontab into jobs from now on");
				this.leader = now;
			}
		}
		return this.leader && !this.signals.isStopped();
	}

	/**
	 * Where changes are told, what is not due by the next minute need not be asked for.
	 */
	private Duration untilNextLook(Instant now, boolean told) {
		Instant next = now.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
		Instant poll = now.plus(this.settings.pollInterval());
		if (!told && poll.isBefore(next)) {
			next = poll;
		}
		if (this.leader) {
			if (this.rounds.mustLookAgain()) {
				next = now.plus(AFTER_CHANGE);
			}
			Instant due = this.rows.nextDue(now, next);
			if (due != null) {
				next = due;
			}
		}
		return Duration.between(now, next);
	}

	private Duration afterFailure() {
		// what was under way is lost, and changes that were heard may be too
		this.rounds.abandon();
		this.quietUntil = Instant.EPOCH;
		return AFTER_FAILURE;
	}

	private boolean isInterruptedWaiting(Duration pause, boolean failed) {
		try {
			if (failed) {
				// a change that is still to be looked at must not shorten it
				this.signals.awaitStop(pause);
			}
			else {
				this.signals.await(pause);
			}
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return true;
		}
	}

	private void rest(Duration rest) {
		try {
			this.signals.awaitStop(rest);
		}
		catch (InterruptedException ex) {
			// the next question to the server ends the round
			Thread.currentThread().interrupt();
		}
	}

	private static Duration atLeastZero(Duration duration) {
		return duration.isNegative() ? Duration.ZERO : duration;
	}

}
