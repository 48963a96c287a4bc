package dev.taskqueue.testsupport;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock that stands still until a test moves it. Any thread may move and read it; the
 * clocks made by {@link #withZone} show the same time and move with it.
 */
public class MovableClock extends Clock {

	private final AtomicReference<Instant> now;

	private final ZoneId zone;

	/**
	 * A clock in UTC that shows this time.
	 */
	public MovableClock(Instant now) {
		this(new AtomicReference<>(now), ZoneOffset.UTC);
	}

	/**
	 * A clock that shows this time, as in
	 * {@code MovableClock.at("2026-03-29T00:59:00Z")}.
	 */
	public static MovableClock at(String instant) {
		return new MovableClock(Instant.parse(instant));
	}

	private MovableClock(AtomicReference<Instant> now, ZoneId zone) {
		this.now = now;
		this.zone = zone;
	}

	/**
	 * Moves the clock on, or back where the duration is negative.
	 * @return the new time
	 */
	public Instant advance(Duration duration) {
		return Objects.requireNonNull(this.now.updateAndGet((instant) -> instant.plus(duration)));
	}

	public void set(Instant instant) {
		this.now.set(instant);
	}

	@Override
	public Instant instant() {
		return Objects.requireNonNull(this.now.get());
	}

	@Override
	public ZoneId getZone() {
		return this.zone;
	}

	@Override
	public Clock withZone(ZoneId zone) {
		return new MovableClock(this.now, zone);
	}

}
