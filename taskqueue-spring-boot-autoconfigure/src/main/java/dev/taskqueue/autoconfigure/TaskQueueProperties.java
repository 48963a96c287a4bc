package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.taskqueue.Misfire;
import dev.taskqueue.PeriodicJobBuilder;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.SubmitTime;
import dev.taskqueue.WhileRunning;
import dev.taskqueue.crontab.CrontabSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.core.io.Resource;
import org.springframework.util.unit.DataSize;

/**
 * What users set under {@code taskqueue}. A duration without a unit is in seconds. An
 * unknown name stops the start-up: a misspelt limit that is quietly not there would be
 * found out in production.
 * <p>
 * What is always there has setters, what users add by a name is a record: the default
 * values of a record are annotations, which are read and converted at each start.
 */
@ConfigurationProperties(prefix = "taskqueue", ignoreUnknownFields = false)
public class TaskQueueProperties {

	/** Whether the application takes part in the task queue at all. */
	private boolean enabled = true;

	/**
	 * Where jobs are kept and run. For tests there is inline: in memory, without MongoDB,
	 * in the thread that submits them.
	 */
	private Mode mode = Mode.NORMAL;

	/** The attempts that this application runs. */
	private final Worker worker = new Worker();

	/** The schedules in the collection crontab_jobs. */
	private final Crontab crontab = new Crontab();

	/** The collections. */
	private final Mongodb mongodb = new Mongodb();

	/** What holds for jobs whose document and function say nothing else. */
	private final Job job = new Job();

	/** How jobs are submitted. */
	private final Submit submit = new Submit();

	/** How long ended jobs are kept. */
	private final Retention retention = new Retention();

	/** The end of the application. */
	private final Shutdown shutdown = new Shutdown();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public Mode getMode() {
		return this.mode;
	}

	public void setMode(Mode mode) {
		this.mode = mode;
	}

	public Worker getWorker() {
		return this.worker;
	}

	public Crontab getCrontab() {
		return this.crontab;
	}

	public Mongodb getMongodb() {
		return this.mongodb;
	}

	public Job getJob() {
		return this.job;
	}

	public Submit getSubmit() {
		return this.submit;
	}

	public Retention getRetention() {
		return this.retention;
	}

	public Shutdown getShutdown() {
		return this.shutdown;
	}

	/** Where jobs are kept and run. */
	public enum Mode {

		/** In MongoDB, by the workers. */
		NORMAL,

		/** In memory, in the thread that submits them. For tests. */
		INLINE

	}

	/** The attempts that this application runs. */
	public static class Worker {

		/**
		 * Whether this application runs jobs. When false, it only submits them, and its
		 * crontab scheduler is off too.
		 */
		private boolean enabled = true;

		/** The most attempts at a time in this application, over all queues. */
		private int concurrency = 10;

		/**
		 * Kind of threads that run attempts. Follows spring.threads.virtual.enabled
		 * unless set.
		 */
		private @Nullable ThreadKind threads;

		/**
		 * Queues that this application serves, by name, with settings for each. It serves
		 * every queue unless some are named here; an entry '[*]' keeps the rest.
		 */
		private final Map<String, Queue> queues = new LinkedHashMap<>();

		/**
		 * What the weights of queues mean. Weighted: where several have due jobs, as many
		 * of each are started as its weight says. Strict: one of a lower weight waits as
		 * long as one of a higher has due jobs.
		 */
		private QueueOrder queueOrder = QueueOrder.WEIGHTED;

		/**
		 * How long this application's jobs stay its own without a heart-beat. After that
		 * other workers take them over.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration lease = Duration.ofSeconds(30);

		/**
		 * Longest wait between two looks for due jobs where no change stream tells of
		 * them.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration pollInterval = Duration.ofSeconds(1);

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public int getConcurrency() {
			return this.concurrency;
		}

		public void setConcurrency(int concurrency) {
			this.concurrency = concurrency;
		}

		public @Nullable ThreadKind getThreads() {
			return this.threads;
		}

		public void setThreads(@Nullable ThreadKind threads) {
			this.threads = threads;
		}

		public Map<String, Queue> getQueues() {
			return this.queues;
		}

		public QueueOrder getQueueOrder() {
			return this.queueOrder;
		}

		public void setQueueOrder(QueueOrder queueOrder) {
			this.queueOrder = queueOrder;
		}

		public Duration getLease() {
			return this.lease;
		}

		public void setLease(Duration lease) {
			this.lease = lease;
		}

		public Duration getPollInterval() {
			return this.pollInterval;
		}

		public void setPollInterval(Duration pollInterval) {
			this.pollInterval = pollInterval;
		}

	}

	/** Kinds of threads. */
	public enum ThreadKind {

		/** Threads of the operating system. */
		PLATFORM,

		/** Virtual threads, which need Java 21 or later. */
		VIRTUAL

	}

	/** What the weights of queues mean. */
	public enum QueueOrder {

		/** As many starts of each queue as its weight says. */
		WEIGHTED,

		/** None of a queue before all of those with a higher weight. */
		STRICT

	}

	/**
	 * A queue that this application serves.
	 *
	 * @param concurrency The most attempts of this queue at a time in this application;
	 * unless set, taskqueue.worker.concurrency.
	 * @param weight How many jobs of this queue are started for each one of a queue of
	 * weight 1, where both have due ones; see taskqueue.worker.queue-order.
	 */
	public record Queue(@Nullable Integer concurrency, @DefaultValue("1") int weight) {
	}

	/** The schedules. */
	public static class Crontab {

		/**
		 * Whether this application turns due rows of the crontab into jobs. It does so
		 * only when its worker is enabled too.
		 */
		private boolean enabled = true;

		/** Name of the collection of schedules. */
		private String collection = "crontab_jobs";

		/**
		 * How many due rows are dispatched at a time. After each portion the scheduler
		 * rests nine tenths of the time that it took.
		 */
		private int batchSize = 200;

		/**
		 * A one-time row that is later than this is not run but gets an error. The text
		 * 'none' lifts the limit.
		 */
		private String maxLateness = "1d";

		/**
		 * Attempts of a row's job where neither the row nor its function says how many.
		 */
		private int maxAttempts = 1;

		/** Time zone of cron expressions whose row names none. */
		private ZoneId zone = ZoneId.of("UTC");

		/**
		 * What the server does with a row that is not in order when it is written.
		 * Anything but off gives the collection a validator when the application starts;
		 * off leaves the collection as it is.
		 */
		private CrontabSettings.Validation validator = CrontabSettings.Validation.OFF;

		/**
		 * How often the file and the beans of type PeriodicJobProvider are asked for
		 * their periodic jobs.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration syncInterval = Duration.ofSeconds(10);

		/** YAML file of periodic jobs. A change of it counts without a restart. */
		private @Nullable Resource file;

		/** Periodic jobs by name. */
		private final Map<String, Periodic> jobs = new LinkedHashMap<>();

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public String getCollection() {
			return this.collection;
		}

		public void setCollection(String collection) {
			this.collection = collection;
		}

		public int getBatchSize() {
			return this.batchSize;
		}

		public void setBatchSize(int batchSize) {
			this.batchSize = batchSize;
		}

		public String getMaxLateness() {
			return this.maxLateness;
		}

		public void setMaxLateness(String maxLateness) {
			this.maxLateness = maxLateness;
		}

		public int getMaxAttempts() {
			return this.maxAttempts;
		}

		public void setMaxAttempts(int maxAttempts) {
			this.maxAttempts = maxAttempts;
		}

		public ZoneId getZone() {
			return this.zone;
		}

		public void setZone(ZoneId zone) {
			this.zone = zone;
		}

		public CrontabSettings.Validation getValidator() {
			return this.validator;
		}

		public void setValidator(CrontabSettings.Validation validator) {
			this.validator = validator;
		}

		public Duration getSyncInterval() {
			return this.syncInterval;
		}

		public void setSyncInterval(Duration syncInterval) {
			this.syncInterval = syncInterval;
		}

		public @Nullable Resource getFile() {
			return this.file;
		}

		public void setFile(@Nullable Resource file) {
			this.file = file;
		}

		public Map<String, Periodic> getJobs() {
			return this.jobs;
		}

	}

	/**
	 * A periodic job.
	 *
	 * @param cron Five fields, or a macro such as '@daily'.
	 * @param every Interval such as 90s or 1h30m. Exactly one of cron and every is set.
	 * @param zone Time zone of cron; unless set, taskqueue.crontab.zone.
	 * @param function Name of the function; unless set, the name of the job.
	 * @param params Positional arguments.
	 * @param kwargs Arguments by name.
	 * @param startTime No run before this time, such as 2026-11-21T10:00:00Z.
	 * @param endTime No run after this time.
	 * @param misfire What becomes of missed times.
	 * @param whileRunning What happens while its last job goes on.
	 * @param queue Queue of the jobs; unless set, the function's.
	 * @param priority Priority of the jobs; unless set, the function's.
	 * @param maxAttempts Attempts of each job; unless set, the function's.
	 * @param timeout How long an attempt may take; 0 is no limit; unless set, the
	 * function's.
	 * @param expiresIn A job that was not started so long after its time is not run.
	 * @param uniqueKey Unique key of the jobs; unless set, the function's.
	 * @param enabled Whether it runs.
	 */
	public record Periodic(@Nullable String cron, @Nullable String every, @Nullable ZoneId zone,
			@Nullable String function, @DefaultValue List<Object> params, @DefaultValue Map<String, Object> kwargs,
			@Nullable Instant startTime, @Nullable Instant endTime, @DefaultValue("once") Misfire misfire,
			@DefaultValue("run") WhileRunning whileRunning, @Nullable String queue, @Nullable Integer priority,
			@Nullable Integer maxAttempts, @DurationUnit(ChronoUnit.SECONDS) @Nullable Duration timeout,
			@DurationUnit(ChronoUnit.SECONDS) @Nullable Duration expiresIn, @Nullable String uniqueKey,
			@DefaultValue("true") boolean enabled) {

		/** The same in the words of the core; throws what a value that is none is. */
		PeriodicJobSpec toSpec(String name) {
			PeriodicJobBuilder job = PeriodicJobSpec.named(name)
				.function((this.function != null) ? this.function : name, this.params.toArray())
				.zone(this.zone)
				.startTime(this.startTime)
				.endTime(this.endTime)
				.misfire(this.misfire)
				.whileRunning(this.whileRunning)
				.queue(this.queue)
				.priority(this.priority)
				.maxAttempts(this.maxAttempts)
				.timeout(this.timeout)
				.expiresIn(this.expiresIn)
				.uniqueKey(this.uniqueKey)
				.enabled(this.enabled);
			this.kwargs.forEach(job::kwarg);
			if (this.cron != null) {
				job.cron(this.cron);
			}
			else if (this.every != null) {
				job.every(this.every);
			}
			return job.build();
		}

	}

	/** The collections. */
	public static class Mongodb {

		/**
		 * Prefix of the names of all collections but the crontab. Another prefix is
		 * another queue, and needs a taskqueue.crontab.collection of its own.
		 */
		private String collectionPrefix = "taskqueue_";

		/**
		 * Whether missing indexes are created when the worker starts. When false, they
		 * are printed as commands for mongosh.
		 */
		private boolean createIndexes = true;

		/**
		 * Longest time that one operation on MongoDB may take, and that a submit tries to
		 * get its job stored.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration timeout = Duration.ofSeconds(10);

		public String getCollectionPrefix() {
			return this.collectionPrefix;
		}

		public void setCollectionPrefix(String collectionPrefix) {
			this.collectionPrefix = collectionPrefix;
		}

		public boolean isCreateIndexes() {
			return this.createIndexes;
		}

		public void setCreateIndexes(boolean createIndexes) {
			this.createIndexes = createIndexes;
		}

		public Duration getTimeout() {
			return this.timeout;
		}

		public void setTimeout(Duration timeout) {
			this.timeout = timeout;
		}

	}

	/** What holds for jobs whose document and function say nothing else. */
	public static class Job {

		/** Attempts until a job is failed, the first one included. */
		private int maxAttempts = 10;

		/** How long an attempt may take until it is interrupted; 0 is no limit. */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration timeout = Duration.ofMinutes(30);

		/** Largest size of a job's arguments. */
		private DataSize maxArgumentsSize = DataSize.ofMegabytes(1);

		/** Largest size of a job's result. */
		private DataSize maxResultSize = DataSize.ofMegabytes(1);

		/** The waits between attempts. */
		private final Backoff backoff = new Backoff();

		public int getMaxAttempts() {
			return this.maxAttempts;
		}

		public void setMaxAttempts(int maxAttempts) {
			this.maxAttempts = maxAttempts;
		}

		public Duration getTimeout() {
			return this.timeout;
		}

		public void setTimeout(Duration timeout) {
			this.timeout = timeout;
		}

		public DataSize getMaxArgumentsSize() {
			return this.maxArgumentsSize;
		}

		public void setMaxArgumentsSize(DataSize maxArgumentsSize) {
			this.maxArgumentsSize = maxArgumentsSize;
		}

		public DataSize getMaxResultSize() {
			return this.maxResultSize;
		}

		public void setMaxResultSize(DataSize maxResultSize) {
			this.maxResultSize = maxResultSize;
		}

		public Backoff getBackoff() {
			return this.backoff;
		}

	}

	/** The waits between attempts. */
	public static class Backoff {

		/** Wait before the second attempt. */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration initial = Duration.ofSeconds(5);

		/** Factor by which the wait grows from attempt to attempt. */
		private double multiplier = 2;

		/** Longest wait. */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration max = Duration.ofHours(1);

		/** Part of the wait by which it varies at random to both sides, from 0 to 1. */
		private double jitter = 0.2;

		public Duration getInitial() {
			return this.initial;
		}

		public void setInitial(Duration initial) {
			this.initial = initial;
		}

		public double getMultiplier() {
			return this.multiplier;
		}

		public void setMultiplier(double multiplier) {
			this.multiplier = multiplier;
		}

		public Duration getMax() {
			return this.max;
		}

		public void setMax(Duration max) {
			this.max = max;
		}

		public double getJitter() {
			return this.jitter;
		}

		public void setJitter(double jitter) {
			this.jitter = jitter;
		}

	}

	/** How jobs are submitted. */
	public static class Submit {

		/**
		 * When a submit in a transaction of another kind than MongoDB's takes place: at
		 * once, so that a rollback does not take the job back, or after the commit, so
		 * that a crash between the two loses the job.
		 */
		private SubmitTime transaction = SubmitTime.NOW;

		public SubmitTime getTransaction() {
			return this.transaction;
		}

		public void setTransaction(SubmitTime transaction) {
			this.transaction = transaction;
		}

	}

	/** How long ended jobs are kept; 0 deletes them as they end. */
	public static class Retention {

		/** How long jobs that succeeded are kept; 0 deletes them as they end. */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration succeeded = Duration.ofDays(1);

		/** How long jobs that failed are kept; 0 deletes them as they end. */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration failed = Duration.ofDays(30);

		/** How long jobs that were cancelled are kept; 0 deletes them as they end. */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration cancelled = Duration.ofDays(7);

		/**
		 * How long jobs that were not started in time are kept; 0 deletes them as they
		 * end.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration expired = Duration.ofDays(7);

		public Duration getSucceeded() {
			return this.succeeded;
		}

		public void setSucceeded(Duration succeeded) {
			this.succeeded = succeeded;
		}

		public Duration getFailed() {
			return this.failed;
		}

		public void setFailed(Duration failed) {
			this.failed = failed;
		}

		public Duration getCancelled() {
			return this.cancelled;
		}

		public void setCancelled(Duration cancelled) {
			this.cancelled = cancelled;
		}

		public Duration getExpired() {
			return this.expired;
		}

		public void setExpired(Duration expired) {
			this.expired = expired;
		}

	}

	/** The end of the application. */
	public static class Shutdown {

		/**
		 * How long running attempts may go on when the application stops, until they are
		 * interrupted and given back.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration timeout = Duration.ofSeconds(25);

		public Duration getTimeout() {
			return this.timeout;
		}

		public void setTimeout(Duration timeout) {
			this.timeout = timeout;
		}

	}

}
