package dev.taskqueue.crontab;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.bson.BsonValue;
import org.bson.RawBsonDocument;

/**
 * The work of the scheduler, in portions. First the rows that are due, which is all that
 * is in a hurry; then, once a minute, those that need mending: too late, never due, with
 * an error that may be gone by now.
 */
final class Rounds {

	/** After a longer pass too, which waited for a server that was away. */
	private static final Duration LONGEST_REST = Duration.ofMillis(250);

	/** A million rows take some seconds to look through. */
	private static final Duration BETWEEN_ALL = Duration.ofMinutes(1);

	private final DueRows rows;

	private final Dispatch dispatch;

	private final LiveFunctions live;

	private final LiveFunctions schedules;

	private final Clock clock;

	private final Supplier<List<BsonValue>> changed;

	private final Consumer<Duration> rest;

	private final Deque<Walk> mending = new ArrayDeque<>();

	private boolean mendWanted = true;

	private boolean recurringWanted;

	private boolean lateWanted;

	private boolean allWanted;

	private Instant allAgainAt = Instant.EPOCH;

	private boolean waiting;

	private boolean again;

	private boolean blocked;

	private boolean keyless;

	/**
	 * Creates one.
	 * @param rows the rows
	 * @param dispatch treats them
	 * @param live the functions of all live workers
	 * @param schedules the keys of the periodic jobs that live workers ask for
	 * @param clock the time
	 * @param changed the ids of rows that changed, a portion of them
	 * @param rest does nothing for so long, or until this node is to stop
	 */
	Rounds(DueRows rows, Dispatch dispatch, LiveFunctions live, LiveFunctions schedules, Clock clock,
			Supplier<List<BsonValue>> changed, Consumer<Duration> rest) {
		this.schedules = schedules;
		this.clock = clock;
		this.changed = changed;
		this.rest = rest;
		this.rows = rows;
		this.dispatch = dispatch;
		this.live = live;
	}

	/**
	 * Makes jobs of all rows that are due, and looks at a portion of those that changed.
	 * Where there are many, rows that change or fall due meanwhile do not wait for the
	 * end of them, and much of the server's time is left to others.
	 * @param now the time
	 * @param goOn asked between two portions
	 * @return up to when rows that fell due were looked at
	 */
	Instant dispatchDue(Instant now, BooleanSupplier goOn) {
		// what must be looked at again may be recurring rows that are later than all of
		// these
		this.lateWanted |= this.again || this.blocked;
		this.again = false;
		this.blocked = false;
		nextRound();
		if (this.waiting && this.live.haveChanged()) {
			this.mendWanted = true;
		}
		List<Walk> walks = new ArrayList<>(this.rows.due(now));
		List<Walk> later = new ArrayList<>();
		Instant walkedUpTo = now;
		while (!walks.isEmpty() && goOn.getAsBoolean()) {
			long begun = System.nanoTime();
			nextOfEach(walks);
			lookAt(this.changed.get());
			Instant then = this.clock.instant();
			if (!walks.isEmpty() && later.isEmpty() && then.isAfter(walkedUpTo)) {
				later.addAll(this.rows.due(walkedUpTo, then));
				walkedUpTo = then;
			}
			nextOfEach(later);
			nextRound();
			if (!walks.isEmpty()) {
				this.rest.accept(restAfter(Duration.ofNanos(System.nanoTime() - begun)));
			}
		}
		this.again |= !later.isEmpty();
		return walkedUpTo;
	}

	/** A part of the work's length that was measured: decision 0043. */
	static Duration restAfter(Duration work) {
		Duration rest = work.multipliedBy(9).dividedBy(10);
		return (rest.compareTo(LONGEST_REST) < 0) ? rest : LONGEST_REST;
	}

	private void nextRound() {
		this.live.nextRound();
		this.schedules.nextRound();
	}

	/** In turn, so that a million numbers do not keep the dates waiting. */
	private void nextOfEach(List<Walk> walks) {
		walks.forEach(this::next);
		walks.removeIf(Walk::isOver);
	}

	private void lookAt(List<BsonValue> ids) {
		Set<BsonValue> left = new LinkedHashSet<>(ids);
		while (!left.isEmpty()) {
			long readAt = System.nanoTime();
			dispatch(this.rows.byId(left), readAt);
		}
	}

	/** Has all rows looked through that need mending. */
	void wantMending() {
		this.mendWanted = true;
	}

	/**
	 * Whether a row waits for a job to let go of its unique key, of which nobody tells.
	 */
	boolean areKeysTaken() {
		return this.keyless;
	}

	/** Has the recurring rows looked through, whose owner may have changed them. */
	void wantRecurring() {
		this.recurringWanted = true;
	}

	/**
	 * Has all rows looked through that are not done, since nobody told of new ones for a
	 * while: those that are not due yet have no next times, or no error, until somebody
	 * looks. Not at once where that was done in the last minute.
	 */
	void wantAll() {
		this.allWanted = true;
	}

	/**
	 * Begins to mend, if it is wanted and the time before is over.
	 * @param now the time
	 */
	void beginMending(Instant now) {
		if (!this.mending.isEmpty()) {
			return;
		}
		if (this.mendWanted || this.recurringWanted) {
			this.mending.addAll(this.rows.recurring());
		}
		if (this.mendWanted) {
			// set anew by each row that still waits
			this.waiting = false;
			this.keyless = false;
			this.lateWanted = true;
			this.mending.addAll(this.rows.hopeless());
			this.mending.addAll(this.rows.withErrors(now));
		}
		if (this.lateWanted) {
			this.mending.addAll(this.rows.late(now));
		}
		if (this.allWanted && !now.isBefore(this.allAgainAt)) {
			this.mending.add(this.rows.all());
			this.allAgainAt = now.plus(BETWEEN_ALL);
			this.allWanted = false;
		}
		this.mendWanted = false;
		this.recurringWanted = false;
		this.lateWanted = false;
	}

	boolean isMending() {
		return !this.mending.isEmpty();
	}

	/** Whether nothing is left to be looked at before something changes or falls due. */
	boolean isAtRest() {
		return this.mending.isEmpty() && !this.again && !this.blocked && !this.waiting && !this.mendWanted
				&& !this.recurringWanted && !this.lateWanted && !this.allWanted;
	}

	/** Mends a portion. */
	void mend() {
		Walk walk = this.mending.element();
		next(walk);
		if (walk.isOver()) {
			this.mending.remove();
		}
	}

	/** Leaves what was begun: the next holder begins anew. */
	void abandon() {
		this.mending.clear();
		this.mendWanted = true;
		this.allWanted = true;
	}

	/** Whether rows changed while they were treated, or were not treated wholly. */
	boolean mustLookAgain() {
		return this.again;
	}

	private void next(Walk walk) {
		long readAt = System.nanoTime();
		dispatch(walk.next(), readAt);
	}

	private void dispatch(List<RawBsonDocument> portion, long readAt) {
		if (!portion.isEmpty()) {
			Dispatch.Result result = this.dispatch.dispatch(portion, readAt, this.clock.instant());
			this.again |= result.again();
			this.waiting |= result.waiting();
			this.blocked |= result.blocked();
			this.keyless |= result.keyless();
		}
	}

}
