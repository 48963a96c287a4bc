package dev.taskqueue.observe;

import java.util.function.Supplier;
import java.util.function.ToIntFunction;

import dev.taskqueue.worker.WorkerStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.jspecify.annotations.Nullable;

/**
 * How much this node does at the moment.
 */
public final class WorkerGauges implements MeterBinder {

	private final Supplier<@Nullable WorkerStatus> worker;

	/**
	 * Creates them.
	 * @param worker asks the worker; null while there is none
	 */
	public WorkerGauges(Supplier<@Nullable WorkerStatus> worker) {
		this.worker = worker;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		Gauge.builder("taskqueue.worker.running", () -> value(WorkerStatus::running))
			.description("Attempts under way on this application")
			.register(registry);
		Gauge.builder("taskqueue.worker.free", () -> value(WorkerGauges::free))
			.description("Attempts that this application could begin now")
			.register(registry);
		Gauge.builder("taskqueue.worker.stuck", () -> value((status) -> status.stuck().size()))
			.description("Attempts that ignore their interrupt and so keep their slot")
			.register(registry);
	}

	private int value(ToIntFunction<WorkerStatus> field) {
		WorkerStatus status = this.worker.get();
		return (status != null) ? field.applyAsInt(status) : 0;
	}

	private static int free(WorkerStatus status) {
		return Math.max(0, status.concurrency() - status.running());
	}

}
