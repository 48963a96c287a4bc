package dev.taskqueue.autoconfigure;

import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

import dev.taskqueue.JobErrorHandler;
import dev.taskqueue.JobInterceptor;
import dev.taskqueue.RetryPolicy;
import dev.taskqueue.execute.AttemptHooks;
import dev.taskqueue.observe.LiveWorkers;
import dev.taskqueue.worker.Worker;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.mongodb.autoconfigure.MongoConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.core.task.TaskDecorator;

/**
 * Auto-configuration of the worker. Not there where an application only submits.
 */
@AutoConfiguration(after = TaskQueueAutoConfiguration.class)
@ConditionalOnBean(TaskQueueStore.class)
@ConditionalOnBooleanProperty(name = "taskqueue.worker.enabled", matchIfMissing = true)
public final class TaskQueueWorkerAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	IndexKeeper taskQueueIndexKeeper(TaskQueueStore store, TaskQueueSettings settings,
			ObjectProvider<MongoConnectionDetails> connection) {
		MongoConnectionDetails details = connection.getIfUnique();
		String where = (details != null) ? String.join(", ", details.getConnectionString().getHosts())
				: "the host of its client";
		return new IndexKeeper(
				new StorePreparation(store.database(), store.outage(), settings.mongodb().isCreateIndexes(), where),
				store.outage());
	}

	@Bean
	@ConditionalOnMissingBean
	WorkerLifecycle taskQueueWorker(TaskQueueStore store, ScannedFunctions functions, TaskQueueSettings settings,
			IndexKeeper indexes, JobEventListeners events, ObjectProvider<TaskDecorator> decorators,
			ObjectProvider<RetryPolicy> retryPolicy, ObjectProvider<JobInterceptor> interceptors,
			ObjectProvider<JobErrorHandler> errorHandlers, ObjectProvider<RequestedJobs> requested) {
		return new WorkerLifecycle(() -> {
			Executor executor = AttemptExecutor.create(settings.usesVirtualThreads(),
					decorators.orderedStream().toList());
			AttemptHooks hooks = new AttemptHooks(retryPolicy.getIfUnique(), interceptors.orderedStream().toList(),
					errorHandlers.orderedStream().toList());
			return new Worker(store.database(), functions.registry(), store.clock(), store.outage(), settings.worker(),
					executor, indexes.preparation()::prepare, events, hooks, () -> facts(requested.getIfAvailable()));
		});
	}

	/** What others must know to tell whether a periodic job is still asked for. */
	private static Document facts(@Nullable RequestedJobs requested) {
		Set<String> keys = (requested != null) ? requested.sources().keys() : Set.of();
		return keys.isEmpty() ? new Document() : new Document(LiveWorkers.SCHEDULES, List.copyOf(keys));
	}

}
