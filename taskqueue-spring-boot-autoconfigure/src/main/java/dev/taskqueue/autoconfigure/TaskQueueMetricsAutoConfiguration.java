package dev.taskqueue.autoconfigure;

import dev.taskqueue.observe.CrontabGauges;
import dev.taskqueue.observe.TaskQueueMetrics;
import dev.taskqueue.observe.WorkerGauges;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the meters, where the application has a registry.
 */
@AutoConfiguration(after = TaskQueueCrontabAutoConfiguration.class, afterName = {
		"org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
		"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
		"org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration" })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ MeterRegistry.class, JobEventListeners.class })
public final class TaskQueueMetricsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	TaskQueueMetrics taskQueueMetrics(MeterRegistry registry, ScannedFunctions functions, JobEventListeners events,
			ObjectProvider<WorkerLifecycle> worker, ObjectProvider<CrontabLifecycle> crontab) {
		TaskQueueMetrics metrics = new TaskQueueMetrics(registry,
				(function) -> functions.registry().find(function) != null);
		events.add(metrics);
		events.measureBy(metrics::listened);
		worker.ifAvailable((running) -> new WorkerGauges(running::status).bindTo(registry));
		crontab.ifAvailable((running) -> new CrontabGauges(running::status).bindTo(registry));
		return metrics;
	}

}
