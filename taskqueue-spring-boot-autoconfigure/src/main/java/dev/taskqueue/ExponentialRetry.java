package dev.taskqueue;

import java.time.Duration;

import org.springframework.util.backoff.BackOffExecution;
import org.springframework.util.backoff.ExponentialBackOff;

/** Waits that grow, with jitter, by Spring's back-off. */
record ExponentialRetry(Duration initial, double multiplier, Duration max, double jitter) implements RetryPolicy {

	/** By then every wait has reached its maximum, whatever the multiplier of sense. */
	private static final int GROWTHS = 64;

	/** What milliseconds can count, and more than any process lives. */
	private static final Duration LONGEST = Duration.ofDays(36_500);

	ExponentialRetry {
		check(!initial.isNegative(), "initial", initial, "zero or more");
		check(multiplier >= 1 && multiplier <= 1000, "multiplier", multiplier, "a number from 1 to 1000");
		check(max.compareTo(initial) >= 0, "max", max, "at least the initial wait, which is " + initial);
		check(jitter >= 0 && jitter <= 1, "jitter", jitter, "a number from 0 to 1");
		max = (max.compareTo(LONGEST) > 0) ? LONGEST : max;
		initial = (initial.compareTo(LONGEST) > 0) ? LONGEST : initial;
	}

	@Override
	public Duration next(int attempt, Throwable thrown) {
		return next(attempt);
	}

	private Duration next(int attempt) {
		long first = this.initial.toMillis();
		if (first <= 0) {
			return Duration.ZERO;
		}
		ExponentialBackOff backOff = new ExponentialBackOff(first, this.multiplier);
		backOff.setMaxInterval(this.max.toMillis());
		BackOffExecution execution = backOff.start();
		long wait = first;
		for (int i = 0; i < Math.min(attempt, GROWTHS); i++) {
			wait = execution.nextBackOff();
		}
		return withJitter(wait);
	}

	private Duration withJitter(long wait) {
		long varied = (long) (wait * this.jitter);
		if (varied <= 0) {
			return Duration.ofMillis(wait);
		}
		ExponentialBackOff backOff = new ExponentialBackOff(wait, 1);
		backOff.setMaxInterval(wait + varied);
		backOff.setJitter(varied);
		return Duration.ofMillis(backOff.start().nextBackOff());
	}

	private static void check(boolean valid, String name, Object value, String expected) {
		if (!valid) {
			throw new IllegalArgumentException(
					"The " + name + " of an exponential RetryPolicy is '" + value + "', expected " + expected + ".");
		}
	}

}
