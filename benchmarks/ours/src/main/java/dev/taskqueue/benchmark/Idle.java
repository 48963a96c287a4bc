package dev.taskqueue.benchmark;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;

import com.sun.management.OperatingSystemMXBean;

/**
 * A node that has nothing to do.
 */
final class Idle implements Suite {

	private static final Duration SETTLE = Duration.ofSeconds(15);

	private static final Duration SPAN = Duration.ofSeconds(60);

	private final Figures ours = new Figures("taskqueue");

	@Override
	public void run(Settings settings) {
		OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
		try (Store store = new Store(settings); Node node = Node.start(settings, List.of())) {
			node.queue();
			Load.pause(SETTLE);
			Store.Traffic traffic = store.traffic();
			long cpu = process.getProcessCpuTime();
			Load.pause(SPAN);
			this.ours.tell("idle-cpu-percent", (process.getProcessCpuTime() - cpu) * 100.0 / SPAN.toNanos());
			this.ours.tell("idle-trips-per-second",
					(double) store.traffic().since(traffic).requests() / SPAN.toSeconds());
			this.ours.tell("idle-memory", Memory.residentMegabytes());
		}
	}

}
