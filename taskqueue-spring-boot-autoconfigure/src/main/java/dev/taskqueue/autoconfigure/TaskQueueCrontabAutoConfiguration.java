package dev.taskqueue.autoconfigure;

import java.util.Objects;

import dev.taskqueue.TaskQueue;
import dev.taskqueue.crontab.CrontabScheduler;
import dev.taskqueue.crontab.DeclaredJobs;
import dev.taskqueue.crontab.PeriodicSync;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.lease.NamedLock;
import dev.taskqueue.observe.LiveWorkers;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.TaskQueueDatabase;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the scheduler that turns due rows of the crontab into jobs. Only
 * where there is a worker: who only submits watches no clock.
 */
@AutoConfiguration(after = TaskQueueWorkerAutoConfiguration.class)
@ConditionalOnBean(WorkerLifecycle.class)
@ConditionalOnBooleanProperty(name = "taskqueue.crontab.enabled", matchIfMissing = true)
public final class TaskQueueCrontabAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	RequestedJobs taskQueueRequestedJobs(ScannedFunctions functions, TaskQueueSettings settings,
			ListableBeanFactory beans) {
		return new RequestedJobs(functions::registry, settings.crontab(), beans);
	}

	@Bean
	@ConditionalOnMissingBean
	CrontabLifecycle taskQueueCrontab(TaskQueueStore store, ScannedFunctions functions, TaskQueueSettings settings,
			IndexKeeper indexes, WorkerLifecycle worker, RequestedJobs requested, ArgumentMapper mapper,
			TaskQueue queue) {
		TaskQueueDatabase database = store.database();
		Outage outage = store.outage();
		LiveWorkers liveWorkers = new LiveWorkers(database, store.clock());
		return new CrontabLifecycle(
				(isLeader) -> new CrontabScheduler(database, functions.registry(), isLeader, worker::isBusy,
						store.clock(), outage, settings.rows(), new RunningWorker(worker), liveWorkers::functions,
						new DeclaredJobs(requested.sources().keys(), liveWorkers::schedules), queue::cancel),
				() -> new PeriodicSync(database, store.clock(), mapper, outage, requested.sources(),
						liveWorkers::schedules, worker::workerId, settings.crontab().getSyncInterval()),
				worker,
				() -> new NamedLock(database, store.clock(), "crontab",
						() -> Objects.requireNonNull(worker.workerId(), "nobody leads without an identity"),
						settings.worker().lease()),
				outage, indexes.preparation());
	}

}
