package dev.taskqueue.autoconfigure;

import dev.taskqueue.TaskQueue;
import dev.taskqueue.WorkerControl;
import dev.taskqueue.actuate.KnownFields;
import dev.taskqueue.actuate.TaskQueueEndpoint;
import dev.taskqueue.actuate.TaskQueueEndpointWebExtension;
import dev.taskqueue.client.JobQueries;
import dev.taskqueue.crontab.CrontabRows;
import dev.taskqueue.observe.FaultyRows;
import dev.taskqueue.observe.LiveWorkers;
import dev.taskqueue.store.TaskQueueDatabase;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the endpoint {@code taskqueue}.
 */
@AutoConfiguration(after = TaskQueueCrontabAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(TaskQueueEndpoint.class)
@ConditionalOnBean(TaskQueueStore.class)
@EnableConfigurationProperties(TaskQueueEndpointProperties.class)
public final class TaskQueueEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	TaskQueueEndpoint taskQueueEndpoint(TaskQueueStore store, ScannedFunctions functions, CrontabRows rows,
			ObjectProvider<CrontabLifecycle> crontab, ObjectProvider<SanitizingFunction> sanitizingFunctions) {
		TaskQueueDatabase database = store.database();
		return new TaskQueueEndpoint(new JobQueries(database, store.clock()), functions::registry,
				new LiveWorkers(database, store.clock()), new FaultyRows(database), rows,
				() -> crontab.stream().findFirst().map(CrontabLifecycle::status).orElse(null),
				sanitizingFunctions.orderedStream().toList());
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(TaskQueueEndpoint.class)
	@ConditionalOnAvailableEndpoint(endpoint = TaskQueueEndpoint.class, exposure = EndpointExposure.WEB)
	TaskQueueEndpointWebExtension taskQueueEndpointWebExtension(TaskQueueEndpoint endpoint, TaskQueue queue,
			CrontabRows rows, ObjectProvider<WorkerControl> worker, TaskQueueEndpointProperties properties) {
		return new TaskQueueEndpointWebExtension(endpoint, queue, rows, worker::getIfAvailable,
				properties.getShowValues(), properties.getRoles());
	}

	@Bean
	@ConditionalOnBean(TaskQueueEndpointWebExtension.class)
	KnownFields taskQueueKnownFields() {
		return new KnownFields();
	}

}
