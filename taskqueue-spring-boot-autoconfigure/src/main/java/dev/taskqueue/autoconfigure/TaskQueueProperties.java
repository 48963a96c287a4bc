package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
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
 *
 * @param enabled Whether the application takes part in the task queue at all.
 * @param mode Where jobs are kept and run. For tests there is inline: in memory, without
 * MongoDB, in the thread that submits them.
 * @param worker the attempts that this application runs
 * @param crontab the schedules in the collection crontab_jobs
 * @param mongodb the collections
 * @param job what holds for jobs whose document and function say nothing else
 * @param submit how jobs are submitted
 * @param retention how long ended jobs are kept
 * @param shutdown the end of the application
 */
@ConfigurationProperties(prefix = "taskqueue", ignoreUnknownFields = false)
public record TaskQueueProperties(@DefaultValue("true") boolean enabled, @DefaultValue("normal") Mode mode,
		@DefaultValue Worker worker, @DefaultValue Crontab crontab, @DefaultValue Mongodb mongodb,
		@DefaultValue Job job, @DefaultValue Submit submit, @DefaultValue Retention retention,
		@DefaultValue Shutdown shutdown) {

	/** Where jobs are kept and run. */
	public enum Mode {

		/** In MongoDB, by the workers. */
		NORMAL,

		/** In memory, in the thread that submits them. For tests. */
		INLINE

	}

	/**
	 * The attempts that this application runs.
	 *
	 * @param enabled Whether this application runs jobs. When false, it only submits
	 * them, and its crontab scheduler is off too.
	 * @param concurrency The most attempts at a time in this application, over all
	 * queues.
	 * @param threads Kind of threads that run attempts. Follows
	 * spring.threads.virtual.enabled unless set.
	 * @param queues Queues that this application serves, by name, with settings for each.
	 * It serves every queue unless some are named here; an entry '[*]' keeps the rest.
	 * @param queueOrder What the weights of queues mean. Weighted: where several have due
	 * jobs, as many of each are started as its weight says. Strict: one of a lower weight
	 * waits as long as one of a higher has due jobs.
	 * @param lease How long this application's jobs stay its own without a heart-beat.
	 * After that other workers take them over.
	 * @param pollInterval Longest wait between two looks for due jobs where no change
	 * stream tells of them.
	 */
	public record Worker(@DefaultValue("true") boolean enabled, @DefaultValue("10") int concurrency,
			@Nullable ThreadKind threads, @DefaultValue Map<String, Queue> queues,
			@DefaultValue("weighted") QueueOrder queueOrder,
			@DefaultValue("30s") @DurationUnit(ChronoUnit.SECONDS) Duration lease,
			@DefaultValue("1s") @DurationUnit(ChronoUnit.SECONDS) Duration pollInterval) {
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

	/**
	 * The schedules.
	 *
	 * @param enabled Whether this application turns due rows of the crontab into jobs. It
	 * does so only when its worker is enabled too.
	 * @param collection Name of the collection of schedules.
	 * @param batchSize How many due rows are dispatched at a time.
	 * @param maxLateness A one-time row that is later than this is not run but gets an
	 * error. The text 'none' lifts the limit.
	 * @param maxAttempts Attempts of a row's job where neither the row nor its function
	 * says how many.
	 * @param zone Time zone of cron expressions whose row names none.
	 * @param validator What the server does with a row that is not in order when it is
	 * written. Anything but off gives the collection a validator when the application
	 * starts; off leaves the collection as it is.
	 * @param syncInterval How often the file and the beans of type PeriodicJobProvider
	 * are asked for their periodic jobs.
	 * @param file YAML file of periodic jobs. A change of it counts without a restart.
	 * @param jobs Periodic jobs by name.
	 */
	public record Crontab(@DefaultValue("true") boolean enabled, @DefaultValue("crontab_jobs") String collection,
			@DefaultValue("1000") int batchSize, @DefaultValue("1d") String maxLateness,
			@DefaultValue("1") int maxAttempts, @DefaultValue("UTC") ZoneId zone,
			@DefaultValue("off") CrontabSettings.Validation validator,
			@DefaultValue("10s") @DurationUnit(ChronoUnit.SECONDS) Duration syncInterval, @Nullable Resource file,
			@DefaultValue Map<String, Periodic> jobs) {
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

	/**
	 * The collections.
	 *
	 * @param collectionPrefix Prefix of the names of all collections but the crontab.
	 * Another prefix is another queue, and needs a taskqueue.crontab.collection of its
	 * own.
	 * @param createIndexes Whether missing indexes are created when the worker starts.
	 * When false, they are printed as commands for mongosh.
	 * @param timeout Longest time that one operation on MongoDB may take, and that a
	 * submit tries to get its job stored.
	 */
	public record Mongodb(@DefaultValue("taskqueue_") String collectionPrefix,
			@DefaultValue("true") boolean createIndexes,
			@DefaultValue("10s") @DurationUnit(ChronoUnit.SECONDS) Duration timeout) {
	}

	/**
	 * What holds for jobs whose document and function say nothing else.
	 *
	 * @param maxAttempts Attempts until a job is failed, the first one included.
	 * @param timeout How long an attempt may take until it is interrupted; 0 is no limit.
	 * @param maxArgumentsSize Largest size of a job's arguments.
	 * @param maxResultSize Largest size of a job's result.
	 * @param backoff the waits between attempts
	 */
	public record Job(@DefaultValue("10") int maxAttempts,
			@DefaultValue("30m") @DurationUnit(ChronoUnit.SECONDS) Duration timeout,
			@DefaultValue("1MB") DataSize maxArgumentsSize, @DefaultValue("1MB") DataSize maxResultSize,
			@DefaultValue Backoff backoff) {
	}

	/**
	 * The waits between attempts.
	 *
	 * @param initial Wait before the second attempt.
	 * @param multiplier Factor by which the wait grows from attempt to attempt.
	 * @param max Longest wait.
	 * @param jitter Part of the wait by which it varies at random to both sides, from 0
	 * to 1.
	 */
	public record Backoff(@DefaultValue("5s") @DurationUnit(ChronoUnit.SECONDS) Duration initial,
			@DefaultValue("2") double multiplier, @DefaultValue("1h") @DurationUnit(ChronoUnit.SECONDS) Duration max,
			@DefaultValue("0.2") double jitter) {
	}

	/**
	 * How jobs are submitted.
	 *
	 * @param transaction When a submit in a transaction of another kind than MongoDB's
	 * takes place: at once, so that a rollback does not take the job back, or after the
	 * commit, so that a crash between the two loses the job.
	 */
	public record Submit(@DefaultValue("now") SubmitTime transaction) {
	}

	/**
	 * How long ended jobs are kept; 0 deletes them as they end.
	 *
	 * @param succeeded How long jobs that succeeded are kept; 0 deletes them as they end.
	 * @param failed How long jobs that failed are kept; 0 deletes them as they end.
	 * @param cancelled How long jobs that were cancelled are kept; 0 deletes them as they
	 * end.
	 * @param expired How long jobs that were not started in time are kept; 0 deletes them
	 * as they end.
	 */
	public record Retention(@DefaultValue("1d") @DurationUnit(ChronoUnit.SECONDS) Duration succeeded,
			@DefaultValue("30d") @DurationUnit(ChronoUnit.SECONDS) Duration failed,
			@DefaultValue("7d") @DurationUnit(ChronoUnit.SECONDS) Duration cancelled,
			@DefaultValue("7d") @DurationUnit(ChronoUnit.SECONDS) Duration expired) {
	}

	/**
	 * The end of the application.
	 *
	 * @param timeout How long running attempts may go on when the application stops,
	 * until they are interrupted and given back.
	 */
	public record Shutdown(@DefaultValue("25s") @DurationUnit(ChronoUnit.SECONDS) Duration timeout) {
	}

}
