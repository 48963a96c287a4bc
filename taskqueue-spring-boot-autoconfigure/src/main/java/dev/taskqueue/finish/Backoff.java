package dev.taskqueue.finish;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.springframework.util.backoff.BackOffExecution;
import org.springframework.util.backoff.ExponentialBackOff;

/** The waits between attempts: exponential, with jitter, by Spring's back-off. */
final class Backoff {

	/** By then every wait has reached its maximum, whatever the multiplier of sense. */
	private static final int GROWTHS = 64;

	private final RetrySettings settings;

	Backoff(RetrySettings settings) {
		this.settings = settings;
	}

	/**
	 * The wait after an attempt.
	 * @param attempt its number, from 1
	 * @param initial the function's own first wait, or null
	 */
	Duration after(int attempt, @Nullable Duration initial) {
		long first = ((initial != null) ? initial : this.settings.initialBackoff()).toMillis();
		if (first <= 0) {
			return Duration.ZERO;
		}
		ExponentialBackOff backOff = new ExponentialBackOff(first, this.settings.multiplier());
		backOff.setMaxInterval(Math.max(first, this.settings.maxBackoff().toMillis()));
		BackOffExecution execution = backOff.start();
		long wait = first;
		for (int i = 0; i < Math.min(attempt, GROWTHS); i++) {
			wait = execution.nextBackOff();
		}
		return withJitter(wait);
	}

	private Duration withJitter(long wait) {
		long jitter = (long) (wait * this.settings.jitter());
		if (jitter <= 0) {
			return Duration.ofMillis(wait);
		}
		ExponentialBackOff varied = new ExponentialBackOff(wait, 1);
		varied.setMaxInterval(wait + jitter);
		varied.setJitter(jitter);
		return Duration.ofMillis(varied.start().nextBackOff());
	}

}
