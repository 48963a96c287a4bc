package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

import dev.taskqueue.SubmitTime;
import dev.taskqueue.claim.QueueWeights;
import dev.taskqueue.crontab.CrontabSettings;
import dev.taskqueue.finish.RetrySettings;
import dev.taskqueue.store.Retention;
import dev.taskqueue.worker.WorkerSettings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.thread.Threading;
import org.springframework.core.env.Environment;

/**
 * The checked properties in the words of the core, which knows nothing of Boot.
 */
final class TaskQueueSettings {

	private static final Logger logger = LoggerFactory.getLogger(TaskQueueSettings.class);

	private static final String PHASE_TIMEOUT = "spring.lifecycle.timeout-per-shutdown-phase";

	/** The name of the entry that stands for all queues without one of their own. */
	private static final String OTHER_QUEUES = "*";

	/** The longest wait where no change stream tells of new rows. */
	private static final Duration POLL_INTERVAL = Duration.ofSeconds(5);

	private final TaskQueueProperties properties;

	private final boolean virtualThreads;

	/**
	 * Creates them.
	 * @param properties what the user set
	 * @param environment tells of the properties of Boot that have to do with ours
	 * @throws org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException
	 * if a value cannot be meant
	 * @throws VirtualThreadsException if virtual threads are wanted and not to be had
	 */
	TaskQueueSettings(TaskQueueProperties properties, Environment environment) {
		PropertyCheck.check(properties);
		this.properties = properties;
		this.virtualThreads = virtualThreads(properties.getWorker().getThreads(), environment);
		warnOfCutOff(environment);
	}

	WorkerSettings worker() {
		TaskQueueProperties.Worker worker = this.properties.getWorker();
		TaskQueueProperties.Job job = this.properties.getJob();
		return new WorkerSettings(worker.getConcurrency(), queues(worker),
				worker.getQueues().isEmpty() || worker.getQueues().containsKey(OTHER_QUEUES), weights(worker),
				worker.getLease(), worker.getPollInterval(), this.properties.getShutdown().getTimeout(),
				job.getTimeout(), job.getMaxAttempts(), job.getMaxResultSize().toBytes(), retry(job), retention());
	}

	Retention retention() {
		TaskQueueProperties.Retention retention = this.properties.getRetention();
		return new Retention(retention.getSucceeded(), retention.getFailed(), retention.getCancelled(),
				retention.getExpired());
	}

	TaskQueueProperties.Mongodb mongodb() {
		return this.properties.getMongodb();
	}

	TaskQueueProperties.Crontab crontab() {
		return this.properties.getCrontab();
	}

	/** How rows of the crontab become jobs. */
	CrontabSettings rows() {
		TaskQueueProperties.Crontab crontab = crontab();
		// with each second look the lock is renewed too: it must not run out between two
		Duration beat = this.properties.getWorker().getLease().dividedBy(6);
		Duration pollInterval = (beat.compareTo(POLL_INTERVAL) < 0) ? beat : POLL_INTERVAL;
		return new CrontabSettings(crontab.getBatchSize(), PropertyCheck.maxLateness(crontab.getMaxLateness()),
				crontab.getMaxAttempts(), maxArgumentsSize(), crontab.getZone(), pollInterval, crontab.getValidator());
	}

	SubmitTime submitTime() {
		return this.properties.getSubmit().getTransaction();
	}

	long maxArgumentsSize() {
		return this.properties.getJob().getMaxArgumentsSize().toBytes();
	}

	boolean usesVirtualThreads() {
		return this.virtualThreads;
	}

	private static Map<String, Integer> queues(TaskQueueProperties.Worker worker) {
		Map<String, Integer> queues = new LinkedHashMap<>();
		worker.getQueues().forEach((name, queue) -> {
			if (!name.equals(OTHER_QUEUES)) {
				queues.put(name, (queue.concurrency() != null) ? queue.concurrency() : worker.getConcurrency());
			}
		});
		return queues;
	}

	private static QueueWeights weights(TaskQueueProperties.Worker worker) {
		Map<String, Integer> weights = new HashMap<>();
		worker.getQueues().forEach((name, queue) -> weights.put(name, queue.weight()));
		Integer others = weights.remove(OTHER_QUEUES);
		return new QueueWeights(weights, (others != null) ? others : 1,
				worker.getQueueOrder() == TaskQueueProperties.QueueOrder.STRICT);
	}

	private static RetrySettings retry(TaskQueueProperties.Job job) {
		TaskQueueProperties.Backoff backoff = job.getBackoff();
		return new RetrySettings(backoff.getInitial(), backoff.getMultiplier(), backoff.getMax(), backoff.getJitter());
	}

	private static boolean virtualThreads(TaskQueueProperties.@Nullable ThreadKind threads, Environment environment) {
		if (threads == TaskQueueProperties.ThreadKind.VIRTUAL && !VirtualThreadsException.areSupported()) {
			throw new VirtualThreadsException();
		}
		// Boot's own rule: set, and a JDK that has them
		return (threads != null) ? threads == TaskQueueProperties.ThreadKind.VIRTUAL
				: Threading.VIRTUAL.isActive(environment);
	}

	private void warnOfCutOff(Environment environment) {
		Duration phase = DurationStyle.detectAndParse(environment.getProperty(PHASE_TIMEOUT, "30s"));
		Duration drain = this.properties.getShutdown().getTimeout();
		if (this.properties.getWorker().isEnabled() && drain.compareTo(phase) > 0) {
			logger.warn(
					"taskqueue.shutdown.timeout ({} s) is longer than {} ({} s): running attempts may hold up the "
							+ "end of the application for longer than that. Raise the latter, or lower the former",
					drain.toSeconds(), PHASE_TIMEOUT, phase.toSeconds());
		}
	}

}
