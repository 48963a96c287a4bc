package dev.taskqueue.observe;

import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

import dev.taskqueue.crontab.CrontabStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.jspecify.annotations.Nullable;

/**
 * How the schedules stand. Nothing is told while there is no scheduler.
 */
public final class CrontabGauges implements MeterBinder {

	private final Supplier<@Nullable CrontabStatus> crontab;

	/**
	 * Creates them.
	 * @param crontab asks the scheduler; null while there is none
	 */
	public CrontabGauges(Supplier<@Nullable CrontabStatus> crontab) {
		this.crontab = crontab;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		Gauge.builder("taskqueue.crontab.lag", () -> value((status) -> status.lag().toMillis() / 1000.0))
			.description("How long the oldest due row has waited to become a job")
			.baseUnit("seconds")
			.register(registry);
		Gauge.builder("taskqueue.crontab.errors", () -> value(CrontabStatus::rowsWithErrors))
			.description("Rows that wait for their owner to mend them")
			.register(registry);
	}

	private double value(ToDoubleFunction<CrontabStatus> field) {
		CrontabStatus status = this.crontab.get();
		return (status != null) ? field.applyAsDouble(status) : Double.NaN;
	}

}
