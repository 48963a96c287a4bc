package dev.taskqueue.store;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the server can be reached, as seen by all loops of this node: said once in the
 * log when it begins and once when it is over, and asked by the health.
 * <p>
 * Each loop answers for itself: an outage is over when all that failed works again. For a
 * server may read and not write (its majority is away), or refuse one collection only;
 * then one loop's success beside another's failure would begin and end an outage every
 * second.
 */
public final class Outage {

	private static final Logger logger = LoggerFactory.getLogger(Outage.class);

	/** By their codes: the driver's exceptions keep neither type nor label everywhere. */
	private static final int UNAUTHORIZED = 13;

	private static final Set<Integer> PASSING = Set.of(6, 7, 24, 46, 50, 63, 64, 89, 91, 112, 133, 134, 150, 189, 202,
			262, 286, 365, 9001, 10107, 11600, 11601, 11602, 13388, 13435, 13436);

	private static final long AGAIN_AFTER = TimeUnit.MILLISECONDS.toNanos(100);

	private final LongSupplier nanoTime;

	private final Set<String> failing = new HashSet<>();

	private final Set<String> broken = new TreeSet<>();

	private @Nullable Long since;

	private @Nullable String cause;

	private volatile Runnable onMissingIndex = () -> {
	};

	/** Creates one: all is well. */
	public Outage() {
		this(System::nanoTime);
	}

	Outage(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	/**
	 * An operation failed, and whoever does it tries again until {@link #over}.
	 * @param what a few words for the log, always the same for that operation, such as
	 * "claiming jobs"
	 * @param exception what the driver threw
	 */
	public void failed(String what, RuntimeException exception) {
		try {
			fail(what, exception);
			if (Indexes.isMissed(exception)) {
				this.onMissingIndex.run();
			}
		}
		catch (RuntimeException | Error ex) {
			broke(what, ex);
		}
	}

	private synchronized void fail(String what, RuntimeException exception) {
		this.failing.add(what);
		this.cause = exception.toString();
		if (this.since == null) {
			this.since = this.nanoTime.getAsLong();
			logger.warn("MongoDB fails at {}; it is tried again until it works: {}", what, this.cause);
		}
	}

	/**
	 * Something else than MongoDB failed in a loop, which goes on: a defect, or the JVM
	 * has no memory. Said once until {@link #over}, for it may happen at each turn.
	 * Throws nothing itself, so that it can be called where nobody would catch that.
	 * @param what as for {@link #failed}
	 * @param thrown what was thrown
	 */
	public synchronized void broke(String what, Throwable thrown) {
		try {
			if (this.broken.add(what)) {
				logger.error("An error in {}; it is tried again until it works", what, thrown);
			}
			else {
				logger.debug("Another error in {}", what, thrown);
			}
		}
		catch (RuntimeException | Error ex) {
			// no memory to say so either: the loop must not end by that
		}
	}

	/**
	 * Runs a loop, again where an error came through what it catches itself: where there
	 * is no memory, its wait fails too.
	 * @param name the loop's for the log
	 * @param loop returns where it is to end
	 */
	public void guard(String name, Runnable loop) {
		boolean ended = false;
		while (!ended) {
			try {
				over(name);
				loop.run();
				ended = true;
			}
			catch (RuntimeException | Error ex) {
				broke(name, ex);
				LockSupport.parkNanos(loop, AGAIN_AFTER);
			}
		}
	}

	/**
	 * What {@link #broke} and does not work again yet.
	 * @return the words for it
	 */
	public synchronized Set<String> broken() {
		return Set.copyOf(this.broken);
	}

	/**
	 * Has someone told, in the thread of the loop, when the server does not know an index
	 * that a query names.
	 * @param listener returns at once
	 */
	public void onMissingIndex(Runnable listener) {
		this.onMissingIndex = listener;
	}

	/**
	 * An operation succeeded, or need not be done any more.
	 * @param what as for {@link #failed}
	 */
	public synchronized void over(String what) {
		if (this.broken.remove(what)) {
			logger.info("No error in {} any more", what);
		}
		if (this.failing.remove(what) && this.failing.isEmpty()) {
			logger.info("MongoDB works again after {} ms", lasting().toMillis());
			this.since = null;
			this.cause = null;
		}
	}

	/**
	 * Whether a server refuses since it ends, begins, is no primary any more, has no
	 * time, or has no history left for a change stream: that passes. All other refusals
	 * stay until somebody mends what they name.
	 * @param code the code of the server's error
	 * @return true if it passes
	 */
	public static boolean isPassing(int code) {
		return PASSING.contains(code);
	}

	/**
	 * Whether a server refuses since the user of the connection may not.
	 * @param code the code of the server's error
	 * @return true if somebody must give the user a role
	 */
	public static boolean isForbidden(int code) {
		return code == UNAUTHORIZED;
	}

	/**
	 * How long something has failed.
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
