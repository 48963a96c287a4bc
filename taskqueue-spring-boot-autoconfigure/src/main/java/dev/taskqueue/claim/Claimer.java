package dev.taskqueue.claim;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

import com.mongodb.MongoException;
import dev.taskqueue.claim.QueueOrder.Lane;
import dev.taskqueue.lease.WorkerLease;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.store.UnreadableDocumentException;
import dev.taskqueue.store.UnreadableId;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims due jobs in batches as slots become free: one for each worker, run by one
 * thread. The protocol stands in the package's documentation.
 */
public final class Claimer {

	private static final Logger logger = LoggerFactory.getLogger(Claimer.class);

	private static final String CLAIMING = "claiming jobs";

	/** Where a change stream wakes, polling only covers what it could have missed. */
	private static final int POLLS_SPARED = 15;

	/** In a rush, so often is a look taken at each queue that seems empty. */
	private static final Duration BUSY_POLL = Duration.ofMillis(100);

	private final ClaimQuery query;

	private final Strays strays;

	private final WorkerLease lease;

	private final Clock clock;

	private final Outage outage;

	private final ClaimSettings settings;

	private final Wakeups wakeups = new Wakeups();

	private final HeldTokens tokens = new HeldTokens();

	private final Slots slots;

	private final Ahead ahead;

	private final Rush rush = new Rush();

	private final QueueOrder order;

	private final Discovery discovery;

	private final StandingOrders orders;

	private final Handover handover;

	private final BatchClaim batch;

	private final BornClaims born;

	private volatile Hearing hearing = Hearing.POLLS;

	private volatile boolean lookEverywhere;

	private volatile boolean stopped;

	private volatile boolean quiet;

	/**
	 * Creates one.
	 * @param database the collections
	 * @param lease this worker's lease: nothing is claimed without a fresh one
	 * @param clock the server's clock
	 * @param outage told of failures
	 * @param settings what is taken
	 * @param start runs a claim that has its slot; returns at once
	 * @param giveBack returns a claim to pending that was not started
	 */
	public Claimer(TaskQueueDatabase database, WorkerLease lease, Clock clock, Outage outage, ClaimSettings settings,
			Consumer<Claim> start, Consumer<Claim> giveBack) {
		this.query = new ClaimQuery(database.jobs(), settings.functions());
		this.strays = new Strays(database.jobs(), settings.functions(), settings.failedRetention());
		this.orders = new StandingOrders(database.queues(), clock);
		this.lease = lease;
		this.clock = clock;
		this.outage = outage;
		this.settings = settings;
		this.slots = new Slots(settings.concurrency(), settings.queues(), settings.weights(), this.wakeups::wake,
				this.wakeups::wake);
		this.ahead = new Ahead(this.slots, settings.weights().strict());
		this.order = new QueueOrder(settings.queues().keySet(), settings.otherQueues(), settings.weights());
		if (settings.otherQueues()) {
			this.order.add(JobDocument.DEFAULT_QUEUE);
		}
		this.order.open().forEach(this.wakeups::open);
		this.discovery = new Discovery(this.query, this.strays, this.order, settings.otherQueues(), clock);
		this.handover = new Handover(start, giveBack);
		this.batch = new BatchClaim(this.query, this.strays, lease, this.tokens, this.slots, this.handover);
		this.born = new BornClaims(lease, this.tokens, this.slots, this.orders, this.wakeups, this.handover,
				(ex) -> outage.broke(CLAIMING, ex), () -> this.stopped);
	}

	/** Claims until {@link #stop()}; then gives back what was not started. */
	public void run() {
		while (!this.stopped) {
			try {
				long wait = claimDue();
				this.handover.giveBack(this.ahead.drainImpatient(System.nanoTime()));
				this.wakeups.await(wait).forEach(this.order::wake);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				this.stopped = true;
			}
			catch (RuntimeException | Error ex) {
				recover(ex);
			}
		}
		giveBackAtTheEnd();
	}

	/** Ends {@link #run()} after the claim that is under way. */
	public void stop() {
		this.stopped = true;
		this.wakeups.wake();
	}

	/**
	 * A queue may have due jobs.
	 * @param queue its name
	 */
	public void wakeUp(String queue) {
		if (this.order.serves(queue)) {
			this.wakeups.wake(queue);
		}
	}

	/**
	 * A job was inserted.
	 * @param queue its queue
	 * @param job as it was inserted, whole: one of a function that this worker has
	 */
	void tell(String queue, JobDocument job) {
		if (this.order.serves(queue)) {
			this.wakeups.tell(queue, job);
		}
	}

	/** Says how this claimer hears of jobs of others, and so how often it must poll. */
	void setHearing(Hearing hearing) {
		this.hearing = hearing;
		// what was inserted before the stream opened was not told
		if (hearing != Hearing.STREAM_PAUSED) {
			this.discovery.ask();
		}
		lookEverywhere();
	}

	/**
	 * Whether it has had more to claim than it could, or very much to do, for a while.
	 * @return true if so
	 */
	public boolean isBusy() {
		return this.rush.isBusy();
	}

	/**
	 * Does something each time that it becomes busy.
	 * @param action returns soon: jobs wait for it
	 */
	public void onBusy(Runnable action) {
		this.rush.onBusy(action);
	}

	/** There is a document in disorder. */
	void discover() {
		this.discovery.ask();
		this.wakeups.wake();
	}

	/** Any queue may have due jobs. */
	void lookEverywhere() {
		this.lookEverywhere = true;
		this.wakeups.wake();
	}

	/**
	 * Changes the most attempts at a time.
	 * @param concurrency from 1
	 */
	public void concurrency(int concurrency) {
		this.handover.begin(this.slots.resize(concurrency));
		lookEverywhere();
	}

	/**
	 * The most attempts at a time.
	 * @return the number
	 */
	public int concurrency() {
		return this.slots.concurrency();
	}

	/**
	 * Stops to claim, and gives back what waits; or goes on.
	 * @param quiet whether it is to stop
	 */
	public void quiet(boolean quiet) {
		this.quiet = quiet;
		lookEverywhere();
	}

	/**
	 * Whether it was told to stop claiming.
	 * @return true if so
	 */
	public boolean isQuiet() {
		return this.quiet;
	}

	/** Functions came or went. */
	public void functionsChanged() {
		// of a new one there may be jobs in queues that are not known yet
		discover();
		lookEverywhere();
	}

	/** Queues were paused or resumed, or functions revoked or restored. */
	public void ordersChanged() {
		this.orders.ask();
		lookEverywhere();
	}

	/**
	 * Whether the jobs of a function are to be cancelled instead of run, as far as this
	 * worker knows.
	 * @param function the function's name
	 * @return true if so
	 */
	public boolean isRevoked(String function) {
		return this.orders.isRevoked(function);
	}

	/**
	 * The queues of which no job is taken, as far as this worker knows.
	 * @return their names
	 */
	public Set<String> pausedQueues() {
		return this.orders.paused();
	}

	/**
	 * Keeps a place for a job that this process is about to insert, so that it is claimed
	 * by its own insert. Only where it takes the place of none of its queue that waits:
	 * nothing is known to be due, and there is room.
	 * @param queue the job's queue
	 * @param function the job's function
	 * @return the place, to be used or given up; null where the job must wait its turn
	 */
	public @Nullable Reservation reserve(String queue, String function) {
		// where queues have weights, one that waits elsewhere may come first
		boolean mayClaim = !this.stopped && !this.quiet && this.settings.functions().contains(function)
				&& this.order.serves(queue) && (this.settings.weights().areEqual()
						|| !this.wakeups.isOpen((other) -> !this.orders.isPaused(other)));
		return mayClaim ? this.born.reserve(queue, this.ahead.allowance()) : null;
	}

	/**
	 * Whether this process holds a job: the token of its claim is registered, and the
	 * outcome is not written.
	 * @param token the token of a claim
	 * @param id the job's id
	 * @return true if so; also for a job whose outcome is written while others of its
	 * token have none yet
	 */
	public boolean isHeld(String token, Object id) {
		return this.tokens.contains(token, id);
	}

	/** Drops claims that were not started, since the worker was fenced. */
	public void abandonWaiting() {
		this.slots.drainWaiting().forEach(Claim::settle);
	}

	/**
	 * The attempts under way.
	 * @return the number of slots taken
	 */
	public int running() {
		return this.slots.running();
	}

	/**
	 * The attempts under way by queue.
	 * @return queues without any are missing
	 */
	public Map<String, Integer> runningByQueue() {
		return this.slots.runningByQueue();
	}

	/**
	 * How the server would find due jobs.
	 * @return a problem, or an empty text when it takes the index
	 */
	public String checkPlan() {
		Document plan = this.query.explain();
		return (plan != null) ? PlanCheck.problem(plan) : "";
	}

	/**
	 * Claims what is due and there is room for.
	 * @return how long there is nothing to do, in nanoseconds
	 */
	long claimDue() {
		long nanoTime = System.nanoTime();
		if (!this.lease.isFresh()) {
			return Patience.LENGTH.toNanos() / 10;
		}
		long wait = claimDue(nanoTime);
		// without room too: it has nothing to fail at
		this.outage.over(CLAIMING);
		return wait;
	}

	private long claimDue(long nanoTime) {
		this.batch.resolve();
		if (mustReadOrders(nanoTime)) {
			readOrders();
		}
		if (this.quiet) {
			this.rush.is(false);
			this.handover.giveBack(this.slots.drainWaiting());
			return Patience.LENGTH.toNanos();
		}
		if (this.lookEverywhere) {
			this.lookEverywhere = false;
			this.order.wakeAll();
			this.discovery.lookSoon(nanoTime);
		}
		this.discovery.look(nanoTime, this.hearing == Hearing.STREAM);
		int ahead = this.ahead.measure(nanoTime);
		List<Lane> due = this.order.foremost(withoutPaused(this.order.due(nanoTime)));
		int rank = due.isEmpty() ? 0 : this.settings.weights().rank(due.get(0).queue());
		boolean full = this.slots.want(Math.max(1, ahead / 2), ahead, rank);
		boolean isClaimed = false;
		ToIntFunction<String> rooms = full ? (queue) -> this.slots.roomForFirst(queue, ahead) : parts(due, ahead, rank);
		for (Lane lane : inTurn(due)) {
			if (this.stopped) {
				break;
			}
			int within = this.ahead.roomWithin(lane.queue(), nanoTime);
			int room = rooms.applyAsInt(lane.queue());
			if (Math.min(within, room) > 0) {
				claim(lane, Math.min(within, room));
				isClaimed = true;
			}
			else if (within == 0) {
				// the next attempt of this queue that ends wakes
				lane.contentUntil(nanoTime + Patience.LENGTH.toNanos());
			}
			else {
				this.wakeups.open(lane.queue());
			}
		}
		if (isClaimed) {
			this.ahead.tookToClaim(System.nanoTime() - nanoTime);
		}
		List<String> open = this.order.open();
		open.forEach(this.wakeups::open);
		this.rush.is(!open.isEmpty() || ahead >= Rush.MANY);
		if (full) {
			return ((ahead > 0) ? BUSY_POLL : Patience.LENGTH).toNanos();
		}
		long now = System.nanoTime();
		long wait = this.order.nanosToNext(now, this.discovery.nanosToNext(now));
		// what was claimed ahead is looked after, and how far ahead is measured anew
		return (ahead > 0 || this.slots.waiting() > 0) ? Math.min(wait, Patience.LENGTH.toNanos()) : wait;
	}

	/** The room of each queue; what one leaves of it is for the others. */
	private ToIntFunction<String> parts(List<Lane> due, int ahead, int rank) {
		if (this.settings.weights().areEqual()) {
			AtomicInteger left = new AtomicInteger(due.size());
			return (queue) -> -Math.floorDiv(-this.slots.room(ahead), left.getAndDecrement());
		}
		Map<String, Integer> parts = this.slots.split(due.stream().map(Lane::queue).toList(),
				this.slots.room(ahead, rank));
		return (queue) -> parts.getOrDefault(queue, 0);
	}

	/** What is claimed first has the free slots, so the next in turn is claimed first. */
	private List<Lane> inTurn(List<Lane> due) {
		if (this.settings.weights().areEqual()) {
			return due;
		}
		Map<String, Double> passes = this.slots.passes(due.stream().map(Lane::queue).toList());
		return due.stream().sorted(Comparator.comparingDouble((lane) -> passes.get(lane.queue()))).toList();
	}

	private List<Lane> withoutPaused(List<Lane> due) {
		List<Lane> open = new ArrayList<>(due.size());
		for (Lane lane : due) {
			boolean isNews = this.orders.isPaused(lane.queue()) && this.orders.isStale(System.nanoTime());
			if (isNews) {
				readOrders();
			}
			if (this.orders.isPaused(lane.queue())) {
				restPaused(lane, isNews);
			}
			else {
				open.add(lane);
			}
		}
		return open;
	}

	/** A paused queue is looked at as often as an empty one: whether it is resumed. */
	private void restPaused(Lane lane, boolean isNews) {
		// what waits comes before what is inserted once the queue is resumed
		this.wakeups.open(lane.queue());
		long now = System.nanoTime();
		lane.contentUntil(now
				+ (isNews ? Math.max(StandingOrders.FRESH, pollInterval().toNanos()) : this.orders.nanosToStale(now)));
	}

	private boolean mustReadOrders(long nanoTime) {
		// in a rush they are read while they are believed: a job that is inserted when
		// they are not would wait for the claim that is under way
		boolean soonStale = this.rush.isBusy() && this.orders.isStale(nanoTime + StandingOrders.FRESH / 2);
		return soonStale || this.orders.isAsked() || (this.slots.waiting() > 0 && this.orders.isStale(nanoTime));
	}

	private void readOrders() {
		for (String queue : this.orders.read()) {
			this.handover.giveBack(this.slots.drain(queue));
		}
		// asked for meanwhile: who was inserted after an order must begin after it
		if (!this.orders.isAsked()) {
			this.born.begin();
		}
	}

	private void claim(Lane lane, int limit) {
		if (this.hearing == Hearing.STREAM && lane.isIdle() && isIdleStill(lane)) {
			return;
		}
		Long lastTold = this.wakeups.lastTold(lane.queue());
		Instant now = this.clock.instant();
		int wanted = this.batch.size(limit);
		List<JobDocument> told = lane.look(wanted, System.nanoTime());
		boolean isTold = !told.isEmpty() && told.stream().allMatch((job) -> isDue(job, now));
		List<JobDocument> found = isTold ? told.stream().sorted(ClaimQuery.IN_CLAIM_ORDER).toList()
				: this.query.findDue(lane.queue(), now, lane.rivals().toRead(wanted), this.strays.refused());
		List<JobDocument> mine = lane.rivals()
			.choose(found, wanted, ThreadLocalRandom.current())
			.stream()
			.filter((job) -> isClaimable(job, now))
			.toList();
		if (!mine.isEmpty()) {
			// what was submitted after it was told so must not begin here
			if (this.quiet) {
				return;
			}
			if (this.orders.isStale(System.nanoTime())) {
				readOrders();
			}
			// also where another lane has just read them
			if (this.orders.isPaused(lane.queue())) {
				restPaused(lane, true);
				return;
			}
			int lost = mine.size() - this.batch.claim(mine, now);
			// a told one that is lost is gone, or its change is told too
			if (!isTold && lane.rivals().met(mine.size(), lost)) {
				// step aside, so that they part
				lane.restUntil(
						System.nanoTime() + ThreadLocalRandom.current().nextLong(Duration.ofMillis(20).toNanos()));
				return;
			}
		}
		boolean isLeft = this.batch.isUnfinished() && !found.isEmpty();
		if ((isTold || found.size() < wanted) && mine.size() == found.size() && !isLeft) {
			if (isTold) {
				lane.settleAgain();
			}
			else {
				rest(lane, now);
			}
			this.wakeups.settled(lane.queue(), lastTold);
		}
	}

	/** A poll that most likely finds nothing asks once, not twice. */
	private boolean isIdleStill(Lane lane) {
		Long lastTold = this.wakeups.lastTold(lane.queue());
		Duration poll = pollInterval();
		if (this.query.isDueBy(lane.queue(), this.clock.instant().plus(poll), this.strays.refused())) {
			return false;
		}
		lane.settleUntil(System.nanoTime() + poll.toNanos(), true);
		this.wakeups.settled(lane.queue(), lastTold);
		return true;
	}

	private static boolean isDue(JobDocument job, Instant now) {
		return job.document().get(JobDocument.RUN_AT) instanceof Date runAt && !runAt.toInstant().isAfter(now);
	}

	private boolean isClaimable(JobDocument job, Instant now) {
		try {
			if (job.document().get(JobDocument.ID) instanceof UnreadableId id) {
				throw new UnreadableDocumentException(JobDocument.ID, id, "a value that can be read");
			}
			job.queue();
			job.attempt();
			if (job.document().containsKey(JobDocument.ATTEMPT) && job.document().get(JobDocument.ATTEMPT) == null) {
				throw new UnreadableDocumentException(JobDocument.ATTEMPT, null, "a number from 0, or no such field");
			}
			job.function();
			return true;
		}
		catch (UnreadableDocumentException ex) {
			this.strays.setAside(job, ex, now);
			return false;
		}
	}

	/**
	 * Nothing more is due in this queue: until the next known job, the next poll or a
	 * wake-up.
	 */
	private void rest(Lane lane, Instant now) {
		Duration poll = pollInterval();
		Instant next = this.query.findNextDue(lane.queue(), now, now.plus(poll));
		Duration wait = (next != null) ? Duration.between(this.clock.instant(), next).plusMillis(1) : poll;
		lane.settleUntil(System.nanoTime() + wait.toNanos(), next == null);
	}

	private Duration pollInterval() {
		Duration asked = this.settings.pollInterval();
		return switch (this.hearing) {
			case POLLS -> asked;
			case STREAM -> asked.multipliedBy(POLLS_SPARED);
			case STREAM_PAUSED -> (asked.compareTo(BUSY_POLL) < 0) ? asked : BUSY_POLL;
		};
	}

	private void giveBackAtTheEnd() {
		try {
			this.batch.resolve();
		}
		catch (MongoException ex) {
			logger.debug("What the last claim took is recovered by others", ex);
		}
		this.born.begin();
		this.handover.giveBack(this.slots.drainWaiting());
	}

	private void recover(Throwable exception) {
		// of what was told meanwhile, some may be forgotten
		this.lookEverywhere = true;
		if (exception instanceof MongoException mongo) {
			this.outage.failed(CLAIMING, mongo);
		}
		else {
			this.outage.broke(CLAIMING, exception);
		}
		LockSupport.parkNanos(this, Patience.LENGTH.toNanos() / 4);
	}

	/** How it hears of jobs that others insert. */
	enum Hearing {

		POLLS, STREAM, STREAM_PAUSED

	}

}
