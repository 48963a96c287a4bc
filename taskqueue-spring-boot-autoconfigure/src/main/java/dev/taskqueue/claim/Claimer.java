package dev.taskqueue.claim;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import com.mongodb.MongoException;
import com.mongodb.MongoWriteException;
import dev.taskqueue.claim.QueueOrder.Lane;
import dev.taskqueue.lease.WorkerLease;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.store.UnreadableDocumentException;
import dev.taskqueue.store.UnreadableId;
import org.bson.Document;
import org.bson.types.ObjectId;
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

	/**
	 * Queues that only other programs use, and documents in disorder, are looked for so
	 * often.
	 */
	private static final Duration DISCOVERY = Duration.ofSeconds(10);

	/** Where a change stream tells of both; it does not tell of all disorder. */
	private static final Duration DISCOVERY_BESIDE_STREAM = Duration.ofSeconds(60);

	/** Where a change stream wakes, polling only covers what it could have missed. */
	private static final int POLLS_SPARED = 15;

	/** A shorter rush is over before the stream is closed and opened again. */
	private static final long BUSY_AFTER = Duration.ofMillis(300).toNanos();

	/** With so many jobs in a tenth of a second it is a rush, though all are claimed. */
	private static final int MANY = 100;

	/** In a rush, so often is a look taken at each queue that seems empty. */
	private static final Duration BUSY_POLL = Duration.ofMillis(100);

	/** So many jobs with no name as queue are set aside with each look for queues. */
	private static final int MOST_ASIDE = 1000;

	private final ClaimQuery query;

	private final Strays strays;

	private final WorkerLease lease;

	private final Clock clock;

	private final Outage outage;

	private final ClaimSettings settings;

	private final Consumer<Claim> start;

	private final Consumer<Claim> giveBack;

	private final Wakeups wakeups = new Wakeups();

	private final HeldTokens tokens = new HeldTokens();

	private final Slots slots;

	private final Prefetch prefetch = new Prefetch(System.nanoTime());

	private final Patience patience = new Patience(System.nanoTime());

	private final Map<String, Prefetch> prefetchOfBounded = new HashMap<>();

	private final Map<String, Patience> patienceOfBounded = new HashMap<>();

	private final QueueOrder order;

	private final StandingOrders orders;

	/** Jobs of this process that are inserted and wait until the orders are read. */
	private final Queue<Claim> unbegun = new ConcurrentLinkedQueue<>();

	private @Nullable Unresolved unresolved;

	/** So many jobs are still to be claimed one by one. */
	private int single;

	private long discoverAt = System.nanoTime();

	private volatile Hearing hearing = Hearing.POLLS;

	private volatile boolean lookEverywhere;

	private volatile boolean discover;

	private final List<Runnable> onBusy = new CopyOnWriteArrayList<>();

	private boolean saidBusy;

	private volatile boolean stopped;

	private volatile boolean quiet;

	private volatile boolean inRush;

	/** Since when, where it is. */
	private volatile long rushSince;

	/** How many claims may wait in line. */
	private volatile int ahead;

	private final SharedToken sharedToken = new SharedToken();

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
		this.start = start;
		this.giveBack = giveBack;
		this.slots = new Slots(settings.concurrency(), settings.queues(), this.wakeups::wake, this.wakeups::wake);
		for (String queue : this.slots.bounded()) {
			this.prefetchOfBounded.put(queue, new Prefetch(System.nanoTime()));
			this.patienceOfBounded.put(queue, new Patience(System.nanoTime()));
		}
		this.order = new QueueOrder(settings.queues().keySet(), settings.otherQueues());
		if (settings.otherQueues()) {
			this.order.add(JobDocument.DEFAULT_QUEUE);
		}
		this.order.open().forEach(this.wakeups::open);
	}

	/** Claims until {@link #stop()}; then gives back what was not started. */
	public void run() {
		while (!this.stopped) {
			try {
				long wait = claimDue();
				giveBackImpatient();
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

	/** Says how this claimer hears of jobs of others, and so how often it must poll. */
	void setHearing(Hearing hearing) {
		this.hearing = hearing;
		// what was inserted before the stream opened was not told
		this.discover |= hearing != Hearing.STREAM_PAUSED;
		lookEverywhere();
	}

	/**
	 * Whether it has had more to claim than it could, or very much to do, for a while.
	 * @return true if so
	 */
	public boolean isBusy() {
		return this.inRush && System.nanoTime() - this.rushSince > BUSY_AFTER;
	}

	/**
	 * Does something each time that it becomes busy.
	 * @param action returns soon: jobs wait for it
	 */
	public void onBusy(Runnable action) {
		this.onBusy.add(action);
	}

	/** There is a document in disorder. */
	void discover() {
		this.discover = true;
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
		begin(new ArrayDeque<>(this.slots.resize(concurrency)));
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
	 * Keeps a place for a job that this process is about to insert, so that it is claimed
	 * by its own insert. Only where it takes the place of none of its queue that waits:
	 * nothing is known to be due, and there is room.
	 * @param queue the job's queue
	 * @param function the job's function
	 * @return the place, to be used or given up; null where the job must wait its turn
	 */
	public @Nullable Reservation reserve(String queue, String function) {
		if (this.stopped || this.quiet || this.orders.isUnknown() || this.orders.isPaused(queue)
				|| !this.wakeups.isQuiet(queue) || !this.settings.functions().contains(function)
				|| !this.order.serves(queue) || !this.lease.isFresh() || !this.slots.reserve(queue, this.ahead)) {
			return null;
		}
		// read while the job is inserted, and looked at before it begins
		askForOrders();
		String token = this.sharedToken.next(System.nanoTime());
		this.tokens.join(token);
		return new Reservation(queue, this.lease.workerId(), token, this.tokens, this.slots, this::begin);
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
		resolve();
		if (this.orders.isAsked() || (this.slots.waiting() > 0 && this.orders.isStale(nanoTime))) {
			readOrders();
		}
		if (this.quiet) {
			rush(false);
			giveBack(this.slots.drainWaiting());
			return Patience.LENGTH.toNanos();
		}
		if (this.lookEverywhere) {
			this.lookEverywhere = false;
			this.order.wakeAll();
			// in a queue, perhaps, of which this worker has not heard yet
			this.discoverAt = Math.min(this.discoverAt - nanoTime, DISCOVERY.toNanos()) + nanoTime;
		}
		if (this.discover || nanoTime - this.discoverAt >= 0) {
			this.discover = false;
			// should it fail, it is still to be done
			this.discoverAt = nanoTime;
			findStrays();
			this.discoverAt = nanoTime
					+ ((this.hearing == Hearing.STREAM) ? DISCOVERY_BESIDE_STREAM : DISCOVERY).toNanos();
		}
		int ahead = this.prefetch.allowance(this.slots.released(), nanoTime);
		this.ahead = ahead;
		boolean full = this.slots.want(Math.max(1, ahead / 2), ahead);
		List<Lane> due = withoutPaused(this.order.due(nanoTime));
		int left = due.size();
		for (Lane lane : due) {
			if (this.stopped) {
				break;
			}
			int within = roomWithin(lane.queue(), nanoTime);
			int room = full ? this.slots.roomForFirst(lane.queue(), ahead)
					: -Math.floorDiv(-this.slots.room(ahead), left--);
			if (Math.min(within, room) > 0) {
				claim(lane, Math.min(within, room));
			}
			else if (within == 0) {
				// the next attempt of this queue that ends wakes
				lane.contentUntil(nanoTime + Patience.LENGTH.toNanos());
			}
			else {
				this.wakeups.open(lane.queue());
			}
		}
		List<String> open = this.order.open();
		open.forEach(this.wakeups::open);
		rush(!open.isEmpty() || ahead >= MANY);
		if (full) {
			return ((ahead > 0) ? BUSY_POLL : Patience.LENGTH).toNanos();
		}
		long now = System.nanoTime();
		long wait = this.order.nanosToNext(now, this.discoverAt - now);
		// what was claimed ahead is looked after, and how far ahead is measured anew
		return (ahead > 0 || this.slots.waiting() > 0) ? Math.min(wait, Patience.LENGTH.toNanos()) : wait;
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

	private void readOrders() {
		for (String queue : this.orders.read()) {
			giveBack(this.slots.drain(queue));
		}
		beginUnbegun();
	}

	private void beginUnbegun() {
		for (Claim claim = this.unbegun.poll(); claim != null; claim = this.unbegun.poll()) {
			beginInserted(claim);
		}
	}

	private void rush(boolean now) {
		if (now && !this.inRush) {
			this.rushSince = System.nanoTime();
		}
		this.inRush = now;
		boolean busy = isBusy();
		if (busy && !this.saidBusy) {
			this.onBusy.forEach(Runnable::run);
		}
		this.saidBusy = busy;
	}

	private int roomWithin(String queue, long nanoTime) {
		Prefetch own = this.prefetchOfBounded.get(queue);
		return this.slots.roomWithin(queue, (own != null) ? own.allowance(this.slots.released(queue), nanoTime) : 0);
	}

	private void claim(Lane lane, int limit) {
		lane.look();
		Long lastTold = this.wakeups.lastTold(lane.queue());
		Instant now = this.clock.instant();
		int wanted = (this.single > 0) ? 1 : limit;
		this.single = Math.max(0, this.single - 1);
		List<JobDocument> found = this.query.findDue(lane.queue(), now, lane.rivals().toRead(wanted),
				this.strays.refused());
		List<JobDocument> mine = lane.rivals()
			.choose(found, wanted, ThreadLocalRandom.current())
			.stream()
			.filter((job) -> isClaimable(job, now))
			.toList();
		if (!mine.isEmpty() && this.orders.isStale(System.nanoTime())) {
			readOrders();
			if (this.orders.isPaused(lane.queue())) {
				restPaused(lane, true);
				return;
			}
		}
		if (!mine.isEmpty()) {
			int lost = mine.size() - claim(mine, now);
			if (lane.rivals().met(mine.size(), lost)) {
				// step aside, so that they part
				lane.restUntil(
						System.nanoTime() + ThreadLocalRandom.current().nextLong(Duration.ofMillis(20).toNanos()));
				return;
			}
		}
		// of a batch that was refused some are still to be claimed, one by one
		boolean isLeft = this.single > 0 && !found.isEmpty();
		if (found.size() < wanted && mine.size() == found.size() && !isLeft) {
			rest(lane, now);
			this.wakeups.settled(lane.queue(), lastTold);
		}
	}

	private int claim(List<JobDocument> found, Instant now) {
		List<Object> ids = found.stream().map(JobDocument::id).toList();
		String token = new ObjectId().toHexString();
		String worker = this.lease.workerId();
		this.tokens.register(token);
		this.unresolved = new Unresolved(ids, token, worker);
		CrashPoint.CLAIM_REGISTERED.reached();
		// A job that was claimed before keeps its last token, and may have changed since
		// the find by way of another attempt, or by who changed it while it was pending;
		// one that has no token is as it was read.
		boolean neverClaimed = found.stream().allMatch((job) -> job.document().get(JobDocument.CLAIM) == null);
		long taken;
		try {
			taken = this.query.claim(ids, worker, token, now, neverClaimed);
			CrashPoint.CLAIM_WRITTEN.reached();
		}
		catch (MongoWriteException ex) {
			return claimAroundRefused(found, ex, now);
		}
		boolean asRead = taken == ids.size() && neverClaimed;
		List<JobDocument> claimed = List.of();
		if (taken > 0) {
			claimed = asRead ? found : this.query.findClaimed(ids, token);
		}
		this.unresolved = null;
		begin(claimed, worker, token);
		return claimed.size();
	}

	/**
	 * The server refuses to write one of the jobs: those before it are taken, and all go
	 * one by one from here until the one is found and set aside.
	 */
	private int claimAroundRefused(List<JobDocument> found, MongoWriteException refusal, Instant now) {
		resolve();
		if (found.size() > 1) {
			this.single = found.size();
		}
		else {
			this.strays.setAside(found.get(0), new UnreadableDocumentException(JobDocument.ID, found.get(0).id(),
					"a document that can be updated (" + refusal.getMessage() + ")"), now);
		}
		return found.size();
	}

	/**
	 * A job that was inserted for a place that was kept for it: its submit has succeeded.
	 */
	private void begin(Claim claim) {
		if (this.orders.isStale(System.nanoTime())) {
			// what was asked for when the place was kept is mostly there by now
			this.unbegun.add(claim);
			// read meanwhile, or nobody reads any more
			if (this.stopped || !this.orders.isStale(System.nanoTime())) {
				beginUnbegun();
			}
			else {
				this.orders.ask();
				this.wakeups.wake();
			}
		}
		else {
			beginInserted(claim);
		}
	}

	private void askForOrders() {
		if (!this.orders.isAsked() && this.orders.isStale(System.nanoTime())) {
			this.orders.ask();
			this.wakeups.wake();
		}
	}

	private void beginInserted(Claim claim) {
		// not before: while it waits for the orders its place is not another's
		this.slots.unreserve(claim.queue());
		try {
			if (this.orders.isPaused(claim.queue())) {
				this.wakeups.open(claim.queue());
				this.giveBack.accept(claim);
			}
			else if (claim.worker().equals(this.lease.workerId())) {
				begin(new ArrayDeque<>(this.slots.take(List.of(claim))));
			}
			else {
				// fenced meanwhile: others recover it, so it must not begin here
				claim.settle();
			}
		}
		catch (RuntimeException | Error ex) {
			// given back, or an orphan, which this worker gives back
			claim.settle();
			this.outage.broke(CLAIMING, ex);
		}
	}

	private void begin(Collection<JobDocument> jobs, String worker, String token) {
		if (!worker.equals(this.lease.workerId())) {
			// fenced meanwhile: others recover these jobs, so they must not begin here
			this.tokens.claimed(token, 0);
			return;
		}
		Deque<Claim> started;
		try {
			this.tokens.claimed(token, jobs.size());
			started = new ArrayDeque<>(this.slots
				.take(jobs.stream().map((job) -> new Claim(job, worker, token, this.slots, this.tokens)).toList()));
		}
		catch (RuntimeException | Error ex) {
			// no memory, perhaps: under a token that is not held they are orphans, which
			// this worker gives back
			this.tokens.claimed(token, 0);
			throw ex;
		}
		begin(started);
	}

	private void begin(Deque<Claim> started) {
		try {
			CrashPoint.CLAIM_TAKEN.reached();
			while (!started.isEmpty()) {
				this.start.accept(started.remove());
			}
		}
		finally {
			// an Error came between: the others must not keep their slots
			for (Claim left : started) {
				for (Claim next = left; next != null; next = next.release()) {
					this.giveBack.accept(next);
				}
			}
		}
	}

	/** A claim whose reply was lost may have succeeded: asks before claiming again. */
	private void resolve() {
		Unresolved claim = this.unresolved;
		if (claim == null) {
			return;
		}
		List<JobDocument> claimed = this.query.findClaimed(claim.ids, claim.token);
		this.unresolved = null;
		begin(claimed, claim.worker, claim.token);
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
		lane.contentUntil(System.nanoTime() + wait.toNanos());
	}

	private Duration pollInterval() {
		Duration asked = this.settings.pollInterval();
		return switch (this.hearing) {
			case POLLS -> asked;
			case STREAM -> asked.multipliedBy(POLLS_SPARED);
			case STREAM_PAUSED -> (asked.compareTo(BUSY_POLL) < 0) ? asked : BUSY_POLL;
		};
	}

	private void findStrays() {
		Instant now = this.clock.instant();
		if (this.strays.mend(now)) {
			this.order.wakeAll();
		}
		if (!this.settings.otherQueues()) {
			return;
		}
		String last = null;
		JobDocument job = this.query.findInNextQueue(null, this.strays.refused());
		for (int aside = 0; job != null
				&& aside < MOST_ASIDE; job = this.query.findInNextQueue(last, this.strays.refused())) {
			if (job.document().get(JobDocument.QUEUE) instanceof String queue) {
				this.order.add(queue);
				last = queue;
			}
			else {
				// an array, which is found by its elements, or what compares as a text
				// and is none
				this.strays.setAside(job, new UnreadableDocumentException(JobDocument.QUEUE,
						job.document().get(JobDocument.QUEUE), "the name of a queue"), now);
				aside++;
			}
		}
	}

	/** Claims that wait for attempts that turned out long are better run elsewhere. */
	private void giveBackImpatient() {
		long nanoTime = System.nanoTime();
		if (this.patience.isOver(this.slots.waiting() > 0, this.slots.released(), nanoTime)) {
			giveBack(this.slots.drainWaiting());
		}
		this.patienceOfBounded.forEach((queue, own) -> {
			if (own.isOver(true, this.slots.released(queue), nanoTime)) {
				giveBack(this.slots.drainAtBound(queue));
			}
		});
	}

	private void giveBackAtTheEnd() {
		try {
			resolve();
		}
		catch (MongoException ex) {
			logger.debug("What the last claim took is recovered by others", ex);
		}
		beginUnbegun();
		giveBack(this.slots.drainWaiting());
	}

	private void giveBack(List<Claim> waiting) {
		Deque<Claim> withdrawn = new ArrayDeque<>(waiting);
		try {
			while (!withdrawn.isEmpty()) {
				CrashPoint.CLAIM_WITHDRAWN.reached();
				this.giveBack.accept(withdrawn.remove());
			}
		}
		finally {
			withdrawn.forEach(this.giveBack);
		}
	}

	private void recover(Throwable exception) {
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

	/** A claim command whose reply is not known. */
	private record Unresolved(List<Object> ids, String token, String worker) {
	}

}
