package dev.taskqueue.benchmark;

import java.time.Duration;
import java.util.List;

/**
 * A node that has nothing to do.
 */
final class Idle implements Suite {

	/** Until then the compiler is busy with what the start has called. */
	private static final Duration SETTLE = Duration.ofMinutes(1);

	/** By then it has done what it will. */
	private static final Duration LATER = Duration.ofMinutes(4);

	private static final Duration SPAN = Duration.ofMinutes(1);

	private final Figures ours = new Figures("taskqueue");

	@Override
	public void run(Settings settings) {
		try (Store store = new Store(settings)) {
			double without;
			try (Node ignored = Node.start(settings, List.of("--taskqueue.enabled=false"))) {
				Load.pause(SETTLE);
				without = cpuPercent();
			}
			try (Node ignored = Node.start(settings, List.of())) {
				Load.pause(SETTLE);
				Store.Traffic before = store.traffic();
				double with = cpuPercent();
				this.ours.tell("idle-queries-per-second",
						(double) store.traffic().since(before).commands() / SPAN.toSeconds());
				this.ours.tell("idle-cpu-percent", with);
				this.ours.tell("idle-cpu-percent-added", with - without);
				Load.pause(LATER.minus(SETTLE).minus(SPAN));
				this.ours.tell("idle-cpu-percent-later", cpuPercent());
				this.ours.tell("idle-memory", Memory.residentMegabytes());
			}
		}
	}

	/** Of one core. */
	private static double cpuPercent() {
		long cpu = Load.cpuNanos();
		Load.pause(SPAN);
		return (Load.cpuNanos() - cpu) * 100.0 / SPAN.toNanos();
	}

}
