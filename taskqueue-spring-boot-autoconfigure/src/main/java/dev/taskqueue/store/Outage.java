package dev.taskqueue.store;

import java.time.Duration;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the server can be reached, as seen by all loops of this node: said once in the
 * log when it begins and once when it is over, and asked by the health.
 */
public final class Outage {

	private static final Logger logger = LoggerFactory.getLogger(Outage.class);

	private final LongSupplier nanoTime;

	private @Nullable Long since;

	private @Nullable String cause;

	/** Creates one: all is well. */
	public Outage() {
		this(System::nanoTime);
	}

	Outage(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	/**
	 * An operation failed.
	 * @param what a few words for the log, such as "claiming jobs"
	 * @param exception what the driver threw
	 */
	public synchronized void failed(String what, RuntimeException exception) {
		this.cause = exception.toString();
		if (this.since == null) {
			this.since = this.nanoTime.getAsLong();
			logger.warn("MongoDB fails at {}; it is tried again until it works: {}", what, this.cause);
		}
	}

	/** An operation succeeded. */
	public synchronized void over() {
		if (this.since != null) {
			logger.info("MongoDB works again after {} ms", lasting().toMillis());
			this.since = null;
			this.cause = null;
		}
	}

	/**
	 * How long nothing has worked.
	 * @return zero when all is well
	 */
	public synchronized Duration lasting() {
		return (this.since != null) ? Duration.ofNanos(this.nanoTime.getAsLong() - this.since) : Duration.ZERO;
	}

	/**
	 * What the driver said last.
	 * @return a text, or null when all is well
	 */
	public synchronized @Nullable String cause() {
		return this.cause;
	}

}
