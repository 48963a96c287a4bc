package dev.taskqueue.store;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's clock: measured on the primary, carried on by the monotonic clock. A wrong
 * or jumping wall clock of this machine changes nothing. Right to half the round trip of
 * the measurement, and one that is not as good does not take its place: under load the
 * reply may be late by many times of what two nodes need to tell each other of a job.
 */
public final class ServerClock extends Clock {

	private static final Logger logger = LoggerFactory.getLogger(ServerClock.class);

	/** A difference that people should know of. */
	private static final Duration SUSPICIOUS = Duration.ofSeconds(1);

	/** Two clocks part by no more than this share of the time, 50 ppm, or they jump. */
	private static final int DRIFT = 20_000;

	/**
	 * An older measurement is renewed beside the work. A worker does so with each beat;
	 * an application that only submits does nothing but ask for the time.
	 */
	private static final Duration OLD = Duration.ofSeconds(30);

	private final Supplier<Document> hello;

	private final Clock wallClock;

	private final LongSupplier nanoTime;

	private final Executor beside;

	private final AtomicLong askedAt = new AtomicLong();

	private volatile @Nullable Measurement measurement;

	private boolean suspicious;

	/**
	 * Creates one that compares with the system's clock.
	 * @param hello asks the primary
	 */
	public ServerClock(Supplier<Document> hello) {
		this(hello, Clock.systemUTC());
	}

	/**
	 * Creates one that has measured nothing yet: the first question measures.
	 * @param hello asks the primary
	 * @param wallClock this machine's clock, only for the warning that it is wrong; one
	 * that is {@link MovedAhead} moves this clock too
	 */
	public ServerClock(Supplier<Document> hello, Clock wallClock) {
		this(hello, wallClock, System::nanoTime, (task) -> {
			Thread thread = new Thread(task, "taskqueue-clock");
			thread.setDaemon(true);
			thread.start();
		});
	}

	ServerClock(Supplier<Document> hello, Clock wallClock, LongSupplier nanoTime, Executor beside) {
		this.beside = beside;
		this.hello = hello;
		this.wallClock = wallClock;
		this.nanoTime = nanoTime;
	}

	/**
	 * Whether {@link #instant()} needs no word of the server's.
	 * @return false before the first measurement
	 */
	public boolean isMeasured() {
		return this.measurement != null;
	}

	@Override
	public Instant instant() {
		Measurement known = this.measurement;
		if (known == null) {
			known = measure();
		}
		long nanoTime = this.nanoTime.getAsLong();
		renewIfOld(nanoTime);
		Instant now = known.serverTime.plusNanos(nanoTime - known.nanoTime);
		return (this.wallClock instanceof MovedAhead moved) ? now.plus(moved.ahead()) : now;
	}

	/**
	 * The time as documents have it.
	 * @return now, in milliseconds
	 */
	public Date date() {
		return Date.from(instant());
	}

	/**
	 * Asks the primary for its time.
	 * @return the measurement that holds from now on
	 * @throws com.mongodb.MongoException if the server does not answer
	 */
	public synchronized Measurement measure() {
		if (this.measurement == null) {
			// its reply waits for the connection
			ask();
		}
		return ask();
	}

	private void renewIfOld(long nanoTime) {
		long last = this.askedAt.get();
		if (nanoTime - last > OLD.toNanos() && this.askedAt.compareAndSet(last, nanoTime)) {
			this.beside.execute(() -> {
				try {
					measure();
				}
				catch (RuntimeException ex) {
					logger.debug("The server's time is carried on, since it does not answer", ex);
				}
			});
		}
	}

	private Measurement ask() {
		long before = this.nanoTime.getAsLong();
		this.askedAt.set(before);
		Document reply = this.hello.get();
		long roundTrip = this.nanoTime.getAsLong() - before;
		Date localTime = Objects.requireNonNullElseGet(reply.getDate("localTime"),
				() -> Date.from(this.wallClock.instant()));
		Measurement found = new Measurement(localTime.toInstant(), before + roundTrip / 2, reply.getString("me"),
				roundTrip / 2);
		Measurement known = this.measurement;
		if (known != null && Objects.equals(known.primary, found.primary) && known.isBetterThan(found)) {
			return known;
		}
		this.measurement = found;
		compareWithWallClock();
		return found;
	}

	private void compareWithWallClock() {
		Instant server = instant();
		Instant wall = this.wallClock.instant();
		boolean differs = Duration.between(server, wall).abs().compareTo(SUSPICIOUS) > 0;
		if (differs && !this.suspicious) {
			logger.warn("This machine's clock says {} and the MongoDB server's {}. Jobs follow the server's; "
					+ "set the clocks right, for instance by NTP", wall, server);
		}
		this.suspicious = differs;
	}

	@Override
	public ZoneId getZone() {
		return ZoneOffset.UTC;
	}

	@Override
	public Clock withZone(ZoneId zone) {
		return (zone.equals(ZoneOffset.UTC)) ? this : Clock.tick(this, Duration.ofMillis(1)).withZone(zone);
	}

	/**
	 * What one question to the primary gave.
	 *
	 * @param serverTime its time
	 * @param nanoTime the monotonic time of this machine at that moment
	 * @param primary its name, where it has one
	 * @param error nanoseconds by which it may be wrong
	 */
	public record Measurement(Instant serverTime, long nanoTime, @Nullable String primary, long error) {

		/**
		 * Only where the other one does not contradict it: the server's clock may jump.
		 */
		private boolean isBetterThan(Measurement later) {
			long age = later.nanoTime - this.nanoTime;
			long present = this.error + age / DRIFT;
			Duration difference = Duration.between(this.serverTime.plusNanos(age), later.serverTime);
			return present < later.error && difference.abs().toNanos() <= later.error + present;
		}

	}

}
