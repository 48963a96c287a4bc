package dev.taskqueue.benchmark;

import java.util.Arrays;
import java.util.Locale;

/**
 * Tells figures, a line each: {@code FIGURE system name value}.
 */
final class Figures {

	private final String system;

	Figures(String system) {
		this.system = system;
	}

	void tell(String name, double value) {
		System.out.printf(Locale.ROOT, "FIGURE %s %s %.3f%n", this.system, name, value);
	}

	/** The spread of times, in milliseconds. */
	void tellTimes(String name, long[] nanos) {
		long[] sorted = nanos.clone();
		Arrays.sort(sorted);
		tell(name + "-p50", millis(sorted, 0.5));
		tell(name + "-p95", millis(sorted, 0.95));
		tell(name + "-p99", millis(sorted, 0.99));
		tell(name + "-max", millis(sorted, 1));
	}

	private static double millis(long[] sorted, double share) {
		return sorted[(int) Math.ceil(share * sorted.length) - 1] / 1e6;
	}

}
