package dev.taskqueue.autoconfigure;

import dev.taskqueue.actuate.TaskQueueHealthIndicator;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the health.
 */
@AutoConfiguration(after = TaskQueueCrontabAutoConfiguration.class)
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnEnabledHealthIndicator("taskqueue")
@ConditionalOnBean(WorkerLifecycle.class)
public final class TaskQueueHealthAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = { "taskQueueHealthIndicator", "taskQueueHealthContributor" })
	TaskQueueHealthIndicator taskQueueHealthContributor(TaskQueueStore store, TaskQueueSettings settings,
			WorkerLifecycle worker, ObjectProvider<CrontabLifecycle> crontab, IndexKeeper indexes) {
		return new TaskQueueHealthIndicator(store.outage(), settings.worker().lease(), worker::status,
				() -> crontab.stream().findFirst().map(CrontabLifecycle::status).orElse(null),
				indexes.preparation()::missing);
	}

}
