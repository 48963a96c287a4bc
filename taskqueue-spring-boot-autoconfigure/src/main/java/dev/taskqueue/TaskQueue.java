package dev.taskqueue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Submits jobs and finds them again: the bean to inject. Safe for several threads.
 * <p>
 * A submit returns when the job is durable on the majority of the servers; from then on
 * it runs to an end, whatever process is killed. Inside a Spring transaction of a
 * {@code MongoTransactionManager} it takes part in that transaction instead; in one of
 * any other kind it takes place at once or after the commit: see {@link SubmitTime}.
 */
public interface TaskQueue {

	/**
	 * Submits a job.
	 * @param function the function's name; this application need not know it
	 * @param args the positional arguments; Jackson must be able to write them
	 * @return the handle
	 * @throws IllegalArgumentException if an argument cannot be written, or is too large
	 * @throws TaskQueueException if the store did not take the job in time; then it is
	 * not known whether the job exists, and the message says so
	 */
	default JobHandle<Object> enqueue(String function, @Nullable Object... args) {
		return job(function, args).enqueue();
	}

	/**
	 * Submits the call of an {@link AsyncJob} method. The lambda is recorded, not run:
	 * {@code enqueue(MailJobs.class, mail -> mail.send("you@example.com"))}. A
	 * {@link JobContext} or {@code ApplicationContext} parameter is filled when the job
	 * runs; give null.
	 * @param <B> the bean's type
	 * @param type the class or interface that declares the method
	 * @param call exactly one call of one method that is a registered function
	 * @return the handle
	 * @throws IllegalArgumentException if no call, two calls or a call of something else
	 * was recorded, or as {@link #enqueue(String, Object...)}
	 * @throws TaskQueueException as {@link #enqueue(String, Object...)}
	 */
	default <B> JobHandle<Object> enqueue(Class<B> type, JobCall<B> call) {
		return job(type, call).enqueue();
	}

	/**
	 * Submits a job.
	 * @param spec what a builder's {@link JobBuilder#spec()} gives
	 * @return the handle
	 * @throws IllegalArgumentException if an argument cannot be written or is too large,
	 * or if another job has the id
	 * @throws DuplicateJobException if another job has the unique key and the
	 * specification asks for this by {@link OnDuplicate#THROW}
	 * @throws TaskQueueException as {@link #enqueue(String, Object...)}
	 */
	JobHandle<Object> enqueue(JobSpec spec);

	/**
	 * Submits a job without waiting for MongoDB. The arguments are taken as they are now;
	 * a thread of the queue's own writes the job, together with others.
	 * <p>
	 * At most 10,000 such submits, with 64 MiB, can be outstanding in one application:
	 * beyond that the future has failed with a {@link TaskQueueException} when it is
	 * returned, and the job does not exist. Whoever submits faster than the store takes
	 * must wait for some, or use {@link #enqueueAll}. Before the store was reached for
	 * the first time, a job counts as large as it may be.
	 * @param spec what a builder's {@link JobBuilder#spec()} gives
	 * @return completes with the handle when the job is durable, and fails as
	 * {@link #enqueue(JobSpec)} does. What depends on it runs in its default executor. To
	 * cancel it does not cancel the submit. A process that dies before it completes may
	 * have lost the job
	 * @throws IllegalArgumentException as {@link #enqueue(JobSpec)}, for what can be seen
	 * without the store
	 * @throws IllegalStateException inside a MongoDB transaction, which the job could not
	 * be part of
	 */
	CompletableFuture<JobHandle<Object>> enqueueAsync(JobSpec spec);

	/**
	 * Submits many jobs with bounded memory and without waiting for each.
	 * @param jobs the jobs; the stream is read as they are written
	 * @return how many were submitted. A job whose unique key another has is not counted,
	 * one that replaced another is
	 * @throws DuplicateJobException as {@link #enqueue(JobSpec)}; the jobs before it may
	 * have been submitted, and the message says how many
	 * @throws IllegalArgumentException as {@link #enqueue(JobSpec)}; the jobs before it
	 * may have been submitted, and the message says how many
	 * @throws TaskQueueException if the store did not take them; the message says how
	 * many were taken
	 */
	long enqueueAll(Stream<JobSpec> jobs);

	/**
	 * Begins a job with more to say about it.
	 * @param function the function's name
	 * @param args the positional arguments
	 * @return a builder
	 */
	default JobBuilder job(String function, @Nullable Object... args) {
		List<@Nullable Object> params = new ArrayList<>(args.length);
		Collections.addAll(params, args);
		return new JobBuilder(function, params, this);
	}

	/**
	 * Begins a job from a recorded call, as {@link #enqueue(Class, JobCall)}.
	 * @param <B> the bean's type
	 * @param type the class or interface that declares the method
	 * @param call exactly one call
	 * @return a builder
	 * @throws IllegalArgumentException as {@link #enqueue(Class, JobCall)}
	 */
	<B> JobBuilder job(Class<B> type, JobCall<B> call);

	/**
	 * Reads a job.
	 * @param id its id in text form
	 * @return the job as it is now, or empty
	 * @throws TaskQueueException if the store cannot be read
	 */
	Optional<Job> find(String id);

	/**
	 * A handle on a job that was submitted elsewhere; reads nothing.
	 * @param id its id in text form
	 * @return the handle
	 */
	JobHandle<Object> handle(String id);

	/**
	 * Has a listener told of a job: at once as it is, and whenever it has changed (its
	 * state, attempt, time, queue, priority, progress, or that it is to be cancelled). Of
	 * changes that follow each other quickly the last one alone may be told; the state in
	 * which the job ended always is, unless retention removes the job as it ends. A job
	 * that does not exist is told when it does.
	 * <p>
	 * All listeners of an application share two threads and, on a replica set, one change
	 * stream, which goes on where it was after an outage. A stand-alone server is asked
	 * each second. A listener that throws is logged, and told of further changes; one
	 * that takes its time holds up the others.
	 * @param id the job's id in text form
	 * @param listener told of the job as it is, without its log
	 * @return closes it; the end of the application does too
	 * @throws TaskQueueException if the store has never answered, or the application has
	 * ended
	 */
	JobWatch watch(String id, Consumer<Job> listener);

	/**
	 * Has a listener told of all jobs whose id is a text that begins so, as they change
	 * from now on, as {@link #watch(String, Consumer)} does.
	 * @param prefix the beginning of the ids
	 * @param listener told of the jobs as they are
	 * @return closes it
	 * @throws TaskQueueException as {@link #watch(String, Consumer)}
	 */
	default JobWatch watchPrefix(String prefix, Consumer<Job> listener) {
		return watch(JobQuery.all().idPrefix(prefix), listener);
	}

	/**
	 * Has a listener told of all jobs that fit a query, as they change from now on, as
	 * {@link #watch(String, Consumer)} does. A job is told as long as it fits.
	 * @param query which jobs; its limit is not looked at
	 * @param listener told of the jobs as they are
	 * @return closes it
	 * @throws TaskQueueException as {@link #watch(String, Consumer)}
	 */
	JobWatch watch(JobQuery query, Consumer<Job> listener);

	/**
	 * Cancels a job. A pending one is cancelled at once; of a running one the worker is
	 * told, wherever it is: {@link JobContext#isCancelled()} becomes true, the thread is
	 * interrupted, and the job ends cancelled whatever the function throws. If the
	 * function returns all the same, the job has succeeded. One that ignores its
	 * interrupt for two seconds ends cancelled too; its slot stays taken until the thread
	 * ends. Takes part in no transaction.
	 * @param id its id in text form
	 * @return what was done
	 * @throws TaskQueueException if the store cannot be reached; cancel again
	 */
	CancelResult cancel(String id);

	/**
	 * Has a job run again that failed, was cancelled or expired: it is pending and due
	 * now. Its attempts are counted anew and it expires no more; its last error is kept
	 * until another attempt fails.
	 * @param id its id in text form
	 * @return false if there is no such job
	 * @throws JobStateException if it is pending, running or succeeded, or if another job
	 * has its unique key
	 * @throws TaskQueueException if the store cannot be reached
	 */
	boolean retry(String id);

	/**
	 * Makes a pending job due now, whatever its time was.
	 * @param id its id in text form
	 * @return false if there is no such job
	 * @throws JobStateException if it is not pending
	 * @throws TaskQueueException if the store cannot be reached
	 */
	boolean runNow(String id);

	/**
	 * Gives a pending job another time.
	 * @param id its id in text form
	 * @param at not to be started earlier
	 * @return false if there is no such job
	 * @throws JobStateException if it is not pending
	 * @throws IllegalArgumentException if no date can hold that time
	 * @throws TaskQueueException if the store cannot be reached
	 */
	boolean reschedule(String id, Instant at);

	/**
	 * Changes a pending job by one write: what runs is the job before it or after it. A
	 * unique key that the function made of the arguments follows them, one that the job
	 * was given stays.
	 * @param id its id in text form
	 * @param change what is to be different
	 * @return false if there is no such job
	 * @throws JobStateException if it is not pending, or if another job has the unique
	 * key that its new arguments give
	 * @throws IllegalArgumentException if the change is empty, if an argument cannot be
	 * written or is too large, or if the unique key cannot be made of the new ones, since
	 * they do not fit or this application does not have the function
	 * @throws TaskQueueException if the store cannot be reached
	 */
	boolean edit(String id, JobChange change);

	/**
	 * Deletes a job that is pending or has ended. The job of a row of the crontab ends at
	 * once and is deleted five minutes after it came to be, since its id keeps its slot
	 * from being run again.
	 * @param id its id in text form
	 * @return false if there is no such job
	 * @throws JobStateException if it runs
	 * @throws TaskQueueException if the store cannot be reached
	 */
	boolean delete(String id);

	/**
	 * Reads jobs as the stream is read, some at a time: the latest first, where ids are
	 * those of {@code enqueue}.
	 * @param query which jobs
	 * @return the jobs as each was when it was read; the stream throws a
	 * {@link TaskQueueException} if the store cannot be read
	 * @throws TaskQueueException if the store cannot be read
	 */
	Stream<Job> query(JobQuery query);

	/**
	 * Cancels all pending and running jobs that a query means, as
	 * {@link #cancel(String)}, in batches. Jobs that come to be meanwhile may be met or
	 * not.
	 * @param query which jobs
	 * @return how many are cancelled, or are to be by their worker
	 * @throws IllegalArgumentException if the query asks for a state that is an end
	 * @throws TaskQueueException if the store cannot be reached; the message says how
	 * many were done
	 */
	long cancelAll(JobQuery query);

	/**
	 * Retries all jobs that a query means, as {@link #retry(String)}, in batches. One
	 * whose unique key another job has is left as it is.
	 * @param query which jobs
	 * @return how many are pending again
	 * @throws IllegalArgumentException if the query asks for pending, running or
	 * succeeded jobs
	 * @throws TaskQueueException as {@link #cancelAll}
	 */
	long retryAll(JobQuery query);

	/**
	 * Deletes all jobs that a query means and that do not run, as
	 * {@link #delete(String)}, in batches.
	 * @param query which jobs
	 * @return how many are gone
	 * @throws IllegalArgumentException if the query asks for running jobs
	 * @throws TaskQueueException as {@link #cancelAll}
	 */
	long deleteAll(JobQuery query);

	/**
	 * Has no worker start jobs of a queue any more, until {@link #resume}. Each learns of
	 * it within about a second, this one at once. What runs goes on; jobs can be
	 * submitted and wait.
	 * @param queue the name
	 * @throws TaskQueueException if the store cannot be reached
	 */
	void pause(String queue);

	/**
	 * Lets a paused queue go on.
	 * @param queue the name
	 * @throws TaskQueueException if the store cannot be reached
	 */
	void resume(String queue);

	/**
	 * Whether a queue is paused.
	 * @param queue the name
	 * @return true if so
	 * @throws TaskQueueException if the store cannot be reached
	 */
	boolean isPaused(String queue);

	/**
	 * Deletes all pending jobs of a queue, in batches, those whose time is to come among
	 * them. What runs goes on.
	 * @param queue the name
	 * @return how many are gone
	 * @throws TaskQueueException as {@link #deleteAll}
	 */
	default long purge(String queue) {
		return deleteAll(JobQuery.all().state(JobState.PENDING).queue(queue));
	}

	/**
	 * Has all jobs of a function cancelled when they come due, until {@link #restore}.
	 * Each worker learns of it within about a second, this one at once. What runs goes
	 * on.
	 * @param function the name
	 * @throws TaskQueueException if the store cannot be reached
	 */
	void revoke(String function);

	/**
	 * Has all jobs of a function cancelled that come due before a time.
	 * @param function the name
	 * @param until the time, by the server's clock; jobs run again from then on
	 * @throws IllegalArgumentException if no date can hold that time
	 * @throws TaskQueueException if the store cannot be reached
	 */
	void revoke(String function, Instant until);

	/**
	 * Has the jobs of a revoked function run again.
	 * @param function the name
	 * @throws TaskQueueException if the store cannot be reached
	 */
	void restore(String function);

	/**
	 * Whether a function is revoked now.
	 * @param function the name
	 * @return true if so
	 * @throws TaskQueueException if the store cannot be reached
	 */
	boolean isRevoked(String function);

}
