package dev.taskqueue.benchmark;

import java.time.Duration;
import java.util.List;

/**
 * A node that has nothing to do.
 */
final class Idle implements Suite {

	/** Until then the compiler is busy with what the start has called. */
	private static final Duration SETTLE = Duration.ofSeconds(60);

	private static final Duration SPAN = Duration.ofSeconds(60);

	private final Figures ours = new Figures("taskqueue");

	@Override
	public void run(Settings settings) {
		try (Store store = new Store(settings)) {
			double without = cpuPercent(store, Node.start(settings, List.of("--taskqueue.enabled=false")), false);
			double with = cpuPercent(store, Node.start(settings, List.of()), true);
			this.ours.tell("idle-cpu-percent", with);
			this.ours.tell("idle-cpu-percent-added", with - without);
		}
	}

	/** Of one core. */
	private double cpuPercent(Store store, Node node, boolean tellAll) {
		try (node) {
			Load.pause(SETTLE);
			Store.Traffic traffic = store.traffic();
			long cpu = Load.cpuNanos();
			Load.pause(SPAN);
			double percent = (Load.cpuNanos() - cpu) * 100.0 / SPAN.toNanos();
			if (tellAll) {
				this.ours.tell("idle-queries-per-second",
						(double) store.traffic().since(traffic).commands() / SPAN.toSeconds());
				this.ours.tell("idle-memory", Memory.residentMegabytes());
			}
			return percent;
		}
	}

}
