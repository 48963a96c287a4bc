package dev.taskqueue.execute;

import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import dev.taskqueue.execute.Attempt.Stop;
import dev.taskqueue.store.Outage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Interrupts attempts whose time is over, and ends those that ignore it. It looks at all
 * attempts when the next one is due instead of keeping a timer for each: most attempts
 * end long before their time.
 */
final class TimeoutWatch {

	private static final Logger logger = LoggerFactory.getLogger(TimeoutWatch.class);

	private static final String WATCHING = "watching the time of attempts";

	/**
	 * How long an interrupted attempt may clean up before it is ended without its thread.
	 */
	static final Duration GRACE = Duration.ofSeconds(2);

	private static final long LONGEST_REST = TimeUnit.SECONDS.toNanos(1);

	private final Set<Attempt> attempts;

	private final Consumer<Attempt> end;

	private final Lock lock = new ReentrantLock();

	private final Condition sooner = this.lock.newCondition();

	private volatile long nextLook;

	private boolean signalled;

	private volatile boolean stopped;

	TimeoutWatch(Set<Attempt> attempts, Consumer<Attempt> end) {
		this.attempts = attempts;
		this.end = end;
		this.nextLook = System.nanoTime() + LONGEST_REST;
	}

	void run(Outage outage) {
		while (!this.stopped) {
			long next = LONGEST_REST;
			try {
				next = look(System.nanoTime());
				outage.over(WATCHING);
			}
			catch (RuntimeException | Error ex) {
				outage.broke(WATCHING, ex);
			}
			try {
				rest(next);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return;
			}
		}
	}

	void stop() {
		this.stopped = true;
		signal();
	}

	/** A new attempt, whose time may be over before the next look. */
	void expect(Attempt attempt) {
		long nanoTime = System.nanoTime();
		if (attempt.nanosToTimeout(nanoTime) < this.nextLook - nanoTime) {
			signal();
		}
	}

	Set<AttemptRunner.Stuck> stuck() {
		long nanoTime = System.nanoTime();
		return this.attempts.stream()
			.filter((attempt) -> isStuck(attempt, nanoTime))
			.map((attempt) -> new AttemptRunner.Stuck(attempt.claim().job().idText(), attempt.function(),
					attempt.thread().getName(), attempt.sinceStop(nanoTime)))
			.collect(Collectors.toSet());
	}

	/**
	 * Looks at all attempts.
	 * @return nanoseconds until the next look
	 */
	long look(long nanoTime) {
		long next = LONGEST_REST;
		for (Attempt attempt : this.attempts) {
			long left = attempt.nanosToTimeout(nanoTime);
			if (left <= 0) {
				attempt.stop(Stop.TIMEOUT, nanoTime);
			}
			else {
				next = Math.min(next, left);
			}
			if (isStuck(attempt, nanoTime)) {
				if (attempt.complainOnce()) {
					complain(attempt, nanoTime);
				}
				if (attempt.stopReason() == Stop.TIMEOUT || attempt.stopReason() == Stop.CANCEL) {
					this.end.accept(attempt);
				}
			}
		}
		return next;
	}

	private static boolean isStuck(Attempt attempt, long nanoTime) {
		return attempt.stopReason() != null && attempt.sinceStop(nanoTime).compareTo(GRACE) > 0;
	}

	private static void complain(Attempt attempt, long nanoTime) {
		logger.warn(
				"Job {} of function '{}' was interrupted {} ms ago ({}) and goes on: it keeps its slot until its "
						+ "thread {} ends. Let the function heed interrupts. It is at:\n\tat {}",
				attempt.claim().job().idText(), attempt.function(), attempt.sinceStop(nanoTime).toMillis(),
				attempt.stopReason(), attempt.thread().getName(),
				Arrays.stream(attempt.thread().getStackTrace())
					.map(StackTraceElement::toString)
					.collect(Collectors.joining("\n\tat ")));
	}

	private void rest(long nanos) throws InterruptedException {
		this.lock.lock();
		try {
			this.nextLook = System.nanoTime() + nanos;
			long left = nanos;
			while (!this.signalled && left > 0) {
				left = this.sooner.awaitNanos(left);
			}
			this.signalled = false;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void signal() {
		this.lock.lock();
		try {
			this.signalled = true;
			this.sooner.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

}
