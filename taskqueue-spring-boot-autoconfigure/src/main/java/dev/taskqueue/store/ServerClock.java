package dev.taskqueue.store;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's clock: measured on the primary, carried on by the monotonic clock. A wrong
 * or jumping wall clock of this machine changes nothing. Right to half the round trip of
 * the measurement.
 */
public final class ServerClock extends Clock {

	private static final Logger logger = LoggerFactory.getLogger(ServerClock.class);

	/** A difference that people should know of. */
	private static final Duration SUSPICIOUS = Duration.ofSeconds(1);

	/** A reply slower than this says little, so a measurement before it is kept. */
	private static final Duration SLOW = Duration.ofMillis(100);

	private final Supplier<Document> hello;

	private final Clock wallClock;

	private final LongSupplier nanoTime;

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
		this(hello, wallClock, System::nanoTime);
	}

	ServerClock(Supplier<Document> hello, Clock wallClock, LongSupplier nanoTime) {
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
		Instant now = known.serverTime.plusNanos(this.nanoTime.getAsLong() - known.nanoTime);
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
		long before = this.nanoTime.getAsLong();
		Document reply = this.hello.get();
		long roundTrip = this.nanoTime.getAsLong() - before;
		Date localTime = Objects.requireNonNullElseGet(reply.getDate("localTime"),
				() -> Date.from(this.wallClock.instant()));
		Measurement found = new Measurement(localTime.toInstant(), before + roundTrip / 2, reply.getString("me"));
		Measurement known = this.measurement;
		if (known != null && roundTrip > SLOW.toNanos() && Objects.equals(known.primary, found.primary)
				&& agree(known, found, roundTrip)) {
			return known;
		}
		this.measurement = found;
		compareWithWallClock();
		return found;
	}

	/** Within what the slow one can tell: then the quick one before it is the better. */
	private static boolean agree(Measurement known, Measurement found, long error) {
		Instant expected = known.serverTime.plusNanos(found.nanoTime - known.nanoTime);
		return Duration.between(expected, found.serverTime).abs().toNanos() <= error;
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
	 */
	public record Measurement(Instant serverTime, long nanoTime, @Nullable String primary) {
	}

}
