package dev.taskqueue.autoconfigure;

import java.time.Clock;
import java.util.function.Supplier;

import dev.taskqueue.EnqueueErrorHandler;
import dev.taskqueue.EnqueueInterceptor;
import dev.taskqueue.JobErrorHandler;
import dev.taskqueue.JobInterceptor;
import dev.taskqueue.PeriodicJobs;
import dev.taskqueue.RetryPolicy;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.client.EnqueueHooks;
import dev.taskqueue.execute.AttemptHooks;
import dev.taskqueue.execute.ExecutionSettings;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.inline.InlinePeriodicJobs;
import dev.taskqueue.inline.InlineSettings;
import dev.taskqueue.inline.InlineTaskQueue;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.worker.WorkerSettings;
import org.bson.Document;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.data.mongodb.autoconfigure.DataMongoAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.util.function.SingletonSupplier;

/**
 * Auto-configuration of a {@link TaskQueue} that runs jobs in the thread that submits
 * them and needs no MongoDB, for tests.
 */
@AutoConfiguration(before = TaskQueueAutoConfiguration.class, after = DataMongoAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "taskqueue.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "taskqueue.mode", havingValue = "inline")
@Import(CommonConfiguration.class)
public final class TaskQueueInlineAutoConfiguration {

	private static final Logger logger = LoggerFactory.getLogger(TaskQueueInlineAutoConfiguration.class);

	@Bean
	@ConditionalOnMissingBean(TaskQueue.class)
	InlineTaskQueue taskQueue(TaskQueueSettings settings, ScannedFunctions functions, ArgumentMapper mapper,
			JobEventListeners events, ObjectProvider<Clock> clock, ObjectProvider<MongoDatabaseFactory> factory,
			@TaskQueueMongo ObjectProvider<MongoDatabaseFactory> marked, ObjectProvider<RetryPolicy> retryPolicy,
			ObjectProvider<JobInterceptor> interceptors, ObjectProvider<JobErrorHandler> errorHandlers,
			ObjectProvider<EnqueueInterceptor> enqueueInterceptors,
			ObjectProvider<EnqueueErrorHandler> enqueueErrorHandlers) {
		logger.warn("taskqueue.mode is inline: jobs run in the thread that submits them, and are lost with this "
				+ "process. This is for tests");
		WorkerSettings worker = settings.worker();
		InlineSettings inline = new InlineSettings(new ExecutionSettings(worker.jobTimeout(), worker.maxAttempts()),
				worker.retry(), worker.retention(), worker.maxResultSize(), settings.maxArgumentsSize());
		// not before the first submit: hooks may inject the queue themselves
		Supplier<EnqueueHooks> enqueueHooks = SingletonSupplier
			.of(() -> new EnqueueHooks(enqueueInterceptors.orderedStream().toList(),
					enqueueErrorHandlers.orderedStream().toList()));
		Supplier<AttemptHooks> attemptHooks = SingletonSupplier.of(() -> new AttemptHooks(retryPolicy.getIfUnique(),
				interceptors.orderedStream().toList(), errorHandlers.orderedStream().toList()));
		Clock unique = clock.getIfUnique();
		return new InlineTaskQueue(inline, functions::registry, mapper,
				(unique != null) ? unique : new ServerClock(Document::new), enqueueHooks, attemptHooks,
				new CommittedInline(marked.getIfAvailable(factory::getIfUnique), settings.submitTime()), events);
	}

	@Bean
	@ConditionalOnMissingBean
	PeriodicJobs periodicJobs(TaskQueue queue) {
		return new InlinePeriodicJobs(queue);
	}

}
