package dev.taskqueue.benchmark;

import java.time.Duration;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * A node that has nothing to do.
 */
final class Idle implements Suite {

	/** Until then the compiler is busy with what the start has called. */
	private static final Duration SETTLE = Duration.ofMinutes(1);

	/** By then it has compiled most of what a node does that has nothing to do. */
	private static final Duration LATER = Duration.ofMinutes(10);

	private static final Duration SPAN = Duration.ofMinutes(1);

	private final Figures ours = new Figures("taskqueue");

	@Override
	public void run(Settings settings) {
		try (Store store = new Store(settings)) {
			double without = beside(Node.start(settings, List.of("--taskqueue.enabled=false")), () -> {
				Load.pause(SETTLE);
				return cpuPercent();
			});
			double with = beside(Node.start(settings, List.of()), () -> {
				Load.pause(SETTLE);
				Store.Traffic before = store.traffic();
				double soon = cpuPercent();
				Load.pause(LATER.minus(SETTLE).minus(SPAN));
				this.ours.tell("idle-cpu-percent-later", cpuPercent());
				this.ours.tell("idle-queries-per-second",
						(double) store.traffic().since(before).commands() / LATER.plus(SPAN).minus(SETTLE).toSeconds());
				this.ours.tell("idle-memory", Memory.residentMegabytes());
				return soon;
			});
			this.ours.tell("idle-cpu-percent", with);
			this.ours.tell("idle-cpu-percent-added", with - without);
		}
	}

	private static double beside(Node node, DoubleSupplier measure) {
		try (node) {
			return measure.getAsDouble();
		}
	}

	/** Of one core. */
	private static double cpuPercent() {
		long cpu = Load.cpuNanos();
		Load.pause(SPAN);
		return (Load.cpuNanos() - cpu) * 100.0 / SPAN.toNanos();
	}

}
