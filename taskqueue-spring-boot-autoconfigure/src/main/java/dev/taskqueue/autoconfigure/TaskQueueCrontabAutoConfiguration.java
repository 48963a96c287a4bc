package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.Objects;

import dev.taskqueue.crontab.CrontabScheduler;
import dev.taskqueue.crontab.CrontabSettings;
import dev.taskqueue.lease.NamedLock;
import dev.taskqueue.observe.LiveWorkers;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.TaskQueueDatabase;

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

	/** The longest wait where no change stream tells of new rows. */
	private static final Duration POLL_INTERVAL = Duration.ofSeconds(5);

	@Bean
	@ConditionalOnMissingBean
	CrontabLifecycle taskQueueCrontab(TaskQueueDatabase database, ScannedFunctions functions, TaskQueueStore store,
			Outage outage, TaskQueueSettings settings, StorePreparation preparation, WorkerLifecycle worker,
			LiveWorkers liveWorkers) {
		TaskQueueProperties.Crontab crontab = settings.crontab();
		Duration lease = settings.worker().lease();
		// with each second look the lock is renewed too: it must not run out between two
		Duration beat = lease.dividedBy(6);
		Duration pollInterval = (beat.compareTo(POLL_INTERVAL) < 0) ? beat : POLL_INTERVAL;
		CrontabSettings crontabSettings = new CrontabSettings(crontab.batchSize(),
				PropertyCheck.maxLateness(crontab.maxLateness()), crontab.maxAttempts(), settings.maxArgumentsSize(),
				crontab.zone(), pollInterval, crontab.validator());
		return new CrontabLifecycle(
				(isLeader) -> new CrontabScheduler(database, functions.registry(), isLeader, worker::isBusy,
						store.clock(), outage, crontabSettings, worker::wakeUp, liveWorkers::functions),
				worker,
				() -> new NamedLock(database, store.clock(), "crontab",
						() -> Objects.requireNonNull(worker.workerId(), "nobody leads without an identity"), lease),
				outage, preparation);
	}

}
