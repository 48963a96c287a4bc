package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

import dev.taskqueue.Schedule;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;

/**
 * Refuses values that cannot be meant, by names that are found in the user's file. Needs
 * no validation library, which the application may not have.
 */
final class PropertyCheck {

	private static final Duration LONGEST_LEASE = Duration.ofHours(1);

	private static final Duration LONGEST_POLL = Duration.ofMinutes(1);

	/** What a document can hold, with room for the rest of the job. */
	private static final DataSize LARGEST = DataSize.ofMegabytes(15);

	/** The two names that belong together. */
	private static final String DEFAULT_PREFIX = "taskqueue_";

	private static final String DEFAULT_CRONTAB = "crontab_jobs";

	private static final String YAML = "org.yaml.snakeyaml.Yaml";

	private PropertyCheck() {
	}

	static void check(TaskQueueProperties properties) {
		worker(properties.getWorker());
		crontab(properties.getCrontab(), properties.getMongodb());
		job(properties.getJob());
		range("taskqueue.mongodb.timeout", properties.getMongodb().getTimeout(), Duration.ofMillis(100),
				Duration.ofMinutes(10));
		notNegative("taskqueue.retention.succeeded", properties.getRetention().getSucceeded());
		notNegative("taskqueue.retention.failed", properties.getRetention().getFailed());
		notNegative("taskqueue.retention.cancelled", properties.getRetention().getCancelled());
		notNegative("taskqueue.retention.expired", properties.getRetention().getExpired());
		notNegative("taskqueue.shutdown.timeout", properties.getShutdown().getTimeout());
	}

	/**
	 * Reads the longest lateness.
	 * @param text the value of the property
	 * @return the duration, or null for no limit
	 */
	static @Nullable Duration maxLateness(String text) {
		if ("none".equalsIgnoreCase(text.strip())) {
			return null;
		}
		String name = "taskqueue.crontab.max-lateness";
		String expected = "a positive duration such as 1d or 90m, or 'none' for no limit";
		Duration duration;
		try {
			duration = DurationStyle.detectAndParse(text.strip(), ChronoUnit.SECONDS);
		}
		catch (IllegalArgumentException ex) {
			throw invalid(name, text, expected);
		}
		require((!duration.isNegative() && !duration.isZero()), name, text, expected);
		return duration;
	}

	private static void worker(TaskQueueProperties.Worker worker) {
		number("taskqueue.worker.concurrency", worker.getConcurrency(), 1, 10_000);
		worker.getQueues().forEach((name, queue) -> {
			if (queue.concurrency() != null) {
				number("taskqueue.worker.queues." + name + ".concurrency", queue.concurrency(), 1, 10_000);
			}
			number("taskqueue.worker.queues." + name + ".weight", queue.weight(), 1, 1000);
		});
		require(worker.getQueueOrder() != TaskQueueProperties.QueueOrder.STRICT
				|| worker.getQueues().values().stream().map(TaskQueueProperties.Queue::weight).distinct().count() > 1,
				"taskqueue.worker.queue-order", "strict", "to go with queues of different weights, such as "
						+ "taskqueue.worker.queues.urgent.weight=2 beside taskqueue.worker.queues.default.weight=1");
		range("taskqueue.worker.lease", worker.getLease(), Duration.ofSeconds(2), LONGEST_LEASE);
		range("taskqueue.worker.poll-interval", worker.getPollInterval(), Duration.ofMillis(10), LONGEST_POLL);
	}

	private static void crontab(TaskQueueProperties.Crontab crontab, TaskQueueProperties.Mongodb mongodb) {
		collection("taskqueue.crontab.collection", crontab.getCollection());
		collection("taskqueue.mongodb.collection-prefix", mongodb.getCollectionPrefix());
		boolean ownQueue = !mongodb.getCollectionPrefix().equals(DEFAULT_PREFIX);
		require(!ownQueue || !crontab.getCollection().equals(DEFAULT_CRONTAB), "taskqueue.mongodb.collection-prefix",
				mongodb.getCollectionPrefix(),
				"to go with a taskqueue.crontab.collection of its own: another prefix is another queue, and two "
						+ "queues must not share the rows of '" + crontab.getCollection()
						+ "'. Set taskqueue.crontab.collection too, for instance to '" + mongodb.getCollectionPrefix()
						+ "crontab'");
		number("taskqueue.crontab.batch-size", crontab.getBatchSize(), 1, 100_000);
		number("taskqueue.crontab.max-attempts", crontab.getMaxAttempts(), 1, Integer.MAX_VALUE);
		maxLateness(crontab.getMaxLateness());
		range("taskqueue.crontab.sync-interval", crontab.getSyncInterval(), Duration.ofSeconds(1),
				Duration.ofMinutes(5));
		require(crontab.getFile() == null || ClassUtils.isPresent(YAML, null), "taskqueue.crontab.file",
				String.valueOf(crontab.getFile()), "the library org.yaml:snakeyaml on the class path");
		crontab.getJobs().forEach(PropertyCheck::periodic);
	}

	private static void periodic(String job, TaskQueueProperties.Periodic periodic) {
		String name = "taskqueue.crontab.jobs." + job;
		String cron = periodic.cron();
		String every = periodic.every();
		require(cron == null || every == null, name + ".every", String.valueOf(every),
				"nothing, since '" + name + ".cron' is set too. Remove one of them");
		require(cron != null || every != null, name + ".cron", "",
				"a cron expression such as '0 3 * * *', or an interval in '" + name + ".every'");
		String text = (cron != null) ? cron : String.valueOf(every);
		try {
			Schedule.parse((cron != null || text.startsWith("@")) ? text : "@every " + text,
					(periodic.zone() != null) ? periodic.zone() : ZoneOffset.UTC);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConfigurationPropertyValueException(name + ((cron != null) ? ".cron" : ".every"), text,
					ex.getMessage());
		}
		try {
			periodic.toSpec(job);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConfigurationPropertyValueException(name, text, ex.getMessage());
		}
	}

	private static void job(TaskQueueProperties.Job job) {
		number("taskqueue.job.max-attempts", job.getMaxAttempts(), 1, Integer.MAX_VALUE);
		notNegative("taskqueue.job.timeout", job.getTimeout());
		size("taskqueue.job.max-arguments-size", job.getMaxArgumentsSize());
		size("taskqueue.job.max-result-size", job.getMaxResultSize());
		TaskQueueProperties.Backoff backoff = job.getBackoff();
		notNegative("taskqueue.job.backoff.initial", backoff.getInitial());
		require(backoff.getMultiplier() >= 1 && backoff.getMultiplier() <= 1000, "taskqueue.job.backoff.multiplier",
				backoff.getMultiplier(), "a number from 1 to 1000");
		require(backoff.getMax().compareTo(backoff.getInitial()) >= 0, "taskqueue.job.backoff.max",
				text(backoff.getMax()),
				"a duration of at least taskqueue.job.backoff.initial, which is " + text(backoff.getInitial()));
		require(backoff.getJitter() >= 0 && backoff.getJitter() <= 1, "taskqueue.job.backoff.jitter",
				backoff.getJitter(), "a number from 0 to 1");
	}

	private static void collection(String name, String value) {
		require(!value.isBlank() && !value.contains("$") && value.indexOf('\0') < 0 && !value.startsWith("system."),
				name, value, "a text that MongoDB takes in the name of a collection");
	}

	private static void number(String name, int value, int min, int max) {
		require(value >= min && value <= max, name, value,
				(max == Integer.MAX_VALUE) ? "a number from " + min : "a number from " + min + " to " + max);
	}

	private static void size(String name, DataSize value) {
		require(!value.isNegative() && value.compareTo(LARGEST) <= 0, name, value,
				"a size such as 512KB, up to 15MB since a document of MongoDB holds no more than 16MB");
	}

	private static void range(String name, Duration value, Duration min, Duration max) {
		require(value.compareTo(min) >= 0 && value.compareTo(max) <= 0, name, text(value),
				"a duration from " + text(min) + " to " + text(max) + "; a number without a unit is in seconds");
	}

	private static void notNegative(String name, Duration value) {
		require(!value.isNegative(), name, text(value), "a duration of 0 or more");
	}

	private static String text(Duration value) {
		if (value.toMillisPart() != 0 || value.isZero()) {
			return value.toMillis() + "ms";
		}
		if (value.toSecondsPart() != 0) {
			return value.toSeconds() + "s";
		}
		return (value.toMinutesPart() != 0) ? value.toMinutes() + "m" : value.toHours() + "h";
	}

	private static void require(boolean valid, String name, Object value, String expected) {
		if (!valid) {
			throw invalid(name, value, expected);
		}
	}

	private static InvalidConfigurationPropertyValueException invalid(String name, Object value, String expected) {
		return new InvalidConfigurationPropertyValueException(name, value, "Expected " + expected + ".");
	}

}
