package dev.taskqueue.autoconfigure;

import java.time.Clock;

import dev.taskqueue.EnqueueErrorHandler;
import dev.taskqueue.EnqueueInterceptor;
import dev.taskqueue.PeriodicJobs;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.client.DefaultTaskQueue;
import dev.taskqueue.client.EnqueueHooks;
import dev.taskqueue.client.JobQueries;
import dev.taskqueue.client.JobWaits;
import dev.taskqueue.crontab.CrontabRows;
import dev.taskqueue.crontab.StoredPeriodicJobs;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.inline.InlineTaskQueue;
import dev.taskqueue.steer.Steering;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.submit.Submitter;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.data.mongodb.autoconfigure.DataMongoAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.data.mongodb.MongoDatabaseFactory;

/**
 * Auto-configuration of what submits jobs and reads them: the {@link TaskQueue} bean.
 */
@AutoConfiguration(after = DataMongoAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "taskqueue.enabled", matchIfMissing = true)
@ConditionalOnMissingBean(InlineTaskQueue.class)
@Import(CommonConfiguration.class)
public final class TaskQueueAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	TaskQueueStore taskQueueStore(ObjectProvider<MongoDatabaseFactory> factory,
			@TaskQueueMongo ObjectProvider<MongoDatabaseFactory> marked, TaskQueueSettings settings,
			ObjectProvider<Clock> wallClock, ConfigurableListableBeanFactory beanFactory, Environment environment) {
		MongoDatabaseFactory own = marked.getIfAvailable();
		if (own == null) {
			IgnoredConnection.check(beanFactory, environment);
			own = factory.getObject();
		}
		return new TaskQueueStore(own, settings, wallClock.getIfUnique());
	}

	@Bean
	@Lazy
	@ConditionalOnMissingBean
	TaskQueueDatabase taskQueueDatabase(TaskQueueStore store) {
		return store.database();
	}

	@Bean
	@ConditionalOnMissingBean
	Submitter taskQueueSubmitter(TaskQueueStore store, TaskQueueSettings settings,
			ObjectProvider<WorkerLifecycle> worker, JobEventListeners events) {
		return new Submitter(store.database(), store.transactions(), new RunningWorker(worker), events,
				settings.maxArgumentsSize(), settings.mongodb().getTimeout());
	}

	@Bean
	@ConditionalOnMissingBean
	TaskQueue taskQueue(Submitter submitter, ScannedFunctions functions, ArgumentMapper mapper, TaskQueueStore store,
			TaskQueueSettings settings, ObjectProvider<WorkerLifecycle> worker, JobEventListeners events,
			ObjectProvider<EnqueueInterceptor> interceptors, ObjectProvider<EnqueueErrorHandler> errorHandlers) {
		DeferredTaskQueue queue = new DeferredTaskQueue(() -> {
			JobQueries queries = new JobQueries(store.database(), store.clock());
			EnqueueHooks hooks = new EnqueueHooks(interceptors.orderedStream().toList(),
					errorHandlers.orderedStream().toList());
			Steering steering = new Steering(store.database(), store.clock(), settings.retention(),
					settings.maxArgumentsSize(), new RunningWorker(worker), events);
			return new DefaultTaskQueue(submitter, queries, functions::registry, mapper, store.clock(), hooks,
					new JobWaits(queries), steering);
		});
		events.add(queue::onEvent);
		return queue;
	}

	@Bean
	@Lazy
	@ConditionalOnMissingBean
	CrontabRows taskQueueCrontabRows(TaskQueueStore store, ArgumentMapper mapper, ScannedFunctions functions,
			TaskQueueSettings settings, ObjectProvider<WorkerLifecycle> worker) {
		return new CrontabRows(store.database(), store.clock(), mapper, functions::registry, settings.rows(),
				new RunningWorker(worker)::wakeUp);
	}

	@Bean
	@Lazy
	@ConditionalOnMissingBean
	PeriodicJobs periodicJobs(CrontabRows rows, TaskQueue queue) {
		return new StoredPeriodicJobs(rows, queue::handle);
	}

}
