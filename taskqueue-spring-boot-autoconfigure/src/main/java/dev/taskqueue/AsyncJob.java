package dev.taskqueue;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a method of a bean (or a bean class that has exactly one public method) a
 * function that jobs can name. Jobs come from {@link TaskQueue}, from rows of
 * {@code crontab_jobs} and from documents of other programs.
 * <p>
 * The annotation registers a handler and intercepts nothing: calling the method runs it
 * at once, as any method. To run it in the background, enqueue it.
 * <p>
 * Two functions of one name, or a signature that cannot work, stop the start-up.
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface AsyncJob {

	/**
	 * The name of the function; the same as {@link #name()}.
	 * @return the name, by default the method's
	 */
	String value() default "";

	/**
	 * The name of the function; the same as {@link #value()}.
	 * @return the name, by default the method's
	 */
	String name() default "";

	/**
	 * The queue of jobs that name none.
	 * @return the queue, by default {@code default}
	 */
	String queue() default "";

	/**
	 * The priority of jobs that have none of their own: higher runs first.
	 * @return the priority, by default 0
	 */
	int priority() default 0;

	/**
	 * How many attempts a job has until it is {@code failed}, the first one included. A
	 * run that was lost with its worker is no attempt.
	 * @return the number of attempts; 0 leaves it to {@code taskqueue.job.max-attempts}
	 */
	int maxAttempts() default 0;

	/**
	 * The wait before the second attempt, such as {@code 10s} or {@code PT1M}; it grows
	 * from attempt to attempt by {@code taskqueue.job.backoff.multiplier}. Or the wait
	 * before each further attempt, such as {@code 1s, 5s, 1m}, of which the last one
	 * holds for all that follow.
	 * @return a duration as Boot reads it, or several with commas between; empty leaves
	 * it to the bean of type {@link RetryPolicy}, else to {@code taskqueue.job.backoff}
	 */
	String backoff() default "";

	/**
	 * Decides whether and when another attempt follows, instead of {@link #backoff()}.
	 * The bean of this class is taken, else an object is made by its constructor without
	 * parameters.
	 * @return the class of the policy; {@link RetryPolicy} itself means none
	 */
	Class<? extends RetryPolicy> retryPolicy() default RetryPolicy.class;

	/**
	 * The same by the name of a bean.
	 * @return the name of a bean of type {@link RetryPolicy}; empty means none
	 */
	String retryPolicyBean() default "";

	/**
	 * After which exceptions no attempt follows: the job fails at once. Subclasses are
	 * meant too; they are looked for in what was thrown and in the cause of that. An
	 * attempt that took too long counts as a
	 * {@link java.util.concurrent.TimeoutException}.
	 * @return the types, by default none
	 */
	Class<? extends Throwable>[] noRetryFor() default {};

	/**
	 * How long an attempt may take, such as {@code 90s}, until it is interrupted and its
	 * outcome is no longer taken.
	 * @return a duration as Boot reads it; {@code 0} is no limit; empty leaves it to
	 * {@code taskqueue.job.timeout}
	 */
	String timeout() default "";

	/**
	 * How long a job that succeeded is kept with its result, such as {@code 7d}; then the
	 * server removes it, within a minute or so. Jobs that end otherwise are kept for
	 * {@code taskqueue.retention.failed} and so on.
	 * @return a duration as Boot reads it; {@code 0} removes the job as it ends, the
	 * result with it; empty leaves it to {@code taskqueue.retention.succeeded}
	 */
	String retention() default "";

	/**
	 * What makes a job unique among those of this function: a SpEL expression of the
	 * arguments, such as {@code #order.id}. While a job is pending or running, no other
	 * with the same value is submitted by a node that has this function. Arguments are
	 * known by their names (with {@code -parameters}) and as {@code #p0}, {@code #p1}, …;
	 * properties can be read, methods not called. A job with a
	 * {@link JobBuilder#uniqueKey} of its own has that instead.
	 * @return the expression; empty for none
	 */
	String uniqueBy() default "";

	/**
	 * Holds the key of {@link #uniqueBy()} for at least this time, such as {@code 10m},
	 * counted from the submit, also when the job ends before. What a job says itself goes
	 * before it: another period by {@link JobBuilder#uniqueFor}, or a key of its own,
	 * which is held as the job says.
	 * @return a duration as Boot reads it, above 0; empty for no longer than the job
	 */
	String uniqueFor() default "";

	/**
	 * The lock that a job takes while it runs: of those that have the same, one runs at a
	 * time, over all nodes and functions. The others wait, the oldest first. A text
	 * without {@code #} is the name of the lock itself; one with it is a SpEL expression
	 * of the arguments, such as {@code 'customer-' + #customer.id}.
	 * @return a name or an expression, by default none
	 */
	String lock() default "";

	/**
	 * What happens to a job whose worker died while it ran.
	 * @return by default the job runs again
	 */
	WorkerLoss onWorkerLoss() default WorkerLoss.RETRY;

	/**
	 * Runs the method again and again at the times of a cron expression:
	 * {@code @AsyncJob(cron = "30 3 * * mon-fri")}. The method then has no parameters
	 * that must be given. The job is a row of {@code crontab_jobs} with the function's
	 * name, which one of all nodes turns into jobs.
	 * @return five fields or a macro, see {@link Schedule#parse}; {@code ${…}} is taken
	 * from the properties; {@code -} is none
	 */
	String cron() default "";

	/**
	 * As {@link #cron()}, at an interval that is counted from 1970.
	 * @return such as {@code 90s}, {@code 1h30m} or {@code PT5M}, at least a second;
	 * {@code ${…}} is taken from the properties; {@code -} is none
	 */
	String every() default "";

	/**
	 * The zone of {@link #cron()}.
	 * @return such as {@code Europe/Berlin}; {@code ${…}} is taken from the properties;
	 * empty leaves it to {@code taskqueue.crontab.zone}
	 */
	String zone() default "";

}
