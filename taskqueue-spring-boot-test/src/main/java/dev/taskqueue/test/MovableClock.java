package dev.taskqueue.test;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import dev.taskqueue.store.MovedAhead;

/**
 * A clock that goes as this machine's does, and that tests move ahead. The task queue
 * follows it where it is the application's only {@link Clock} bean. Safe for several
 * threads.
 */
public final class MovableClock extends Clock implements MovedAhead {

	private final Clock base;

	private final AtomicReference<Duration> ahead;

	/** Creates one that shows the time of this machine in UTC. */
	public MovableClock() {
		this(Clock.systemUTC(), new AtomicReference<>(Duration.ZERO));
	}

	private MovableClock(Clock base, AtomicReference<Duration> ahead) {
		this.base = base;
		this.ahead = ahead;
	}

	/**
	 * Moves the clock.
	 * @param by zero or more
	 * @throws IllegalArgumentException if it is less
	 */
	public void advance(Duration by) {
		if (by.isNegative()) {
			throw new IllegalArgumentException("The clock cannot be moved by '" + by
					+ "', expected zero or more: what runs by it does not bear that it goes back.");
		}
		this.ahead.accumulateAndGet(by, Duration::plus);
	}

	/**
	 * Moves the clock to a time.
	 * @param time not before the time that it shows
	 * @throws IllegalArgumentException if it is before
	 */
	public void moveTo(Instant time) {
		advance(Duration.between(instant(), time));
	}

	/** Shows the true time again; nothing that has noted a later one may be there. */
	void reset() {
		this.ahead.set(Duration.ZERO);
	}

	@Override
	public Duration ahead() {
		return Objects.requireNonNull(this.ahead.get());
	}

	@Override
	public Instant instant() {
		return this.base.instant().plus(ahead());
	}

	@Override
	public ZoneId getZone() {
		return this.base.getZone();
	}

	/** Another view of the same clock: it moves with this one. */
	@Override
	public Clock withZone(ZoneId zone) {
		return new MovableClock(this.base.withZone(zone), this.ahead);
	}

}
