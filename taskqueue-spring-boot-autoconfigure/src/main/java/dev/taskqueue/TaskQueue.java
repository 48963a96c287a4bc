package dev.taskqueue;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Submits jobs and finds them again: the bean to inject. Safe for several threads.
 * <p>
 * A submit returns when the job is durable on the majority of the servers; from then on
 * it runs to an end, whatever process is killed. Inside a Spring transaction of a
 * {@code MongoTransactionManager} it takes part in that transaction instead.
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
	JobHandle<Object> enqueue(String function, @Nullable Object... args);

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
	<B> JobHandle<Object> enqueue(Class<B> type, JobCall<B> call);

	/**
	 * Submits a job.
	 * @param spec what a builder's {@link JobBuilder#spec()} gives
	 * @return the handle
	 * @throws IllegalArgumentException if an argument cannot be written or is too large,
	 * or if another job has the id
	 * @throws TaskQueueException as {@link #enqueue(String, Object...)}
	 */
	JobHandle<Object> enqueue(JobSpec spec);

	/**
	 * Submits many jobs with bounded memory and without waiting for each.
	 * @param jobs the jobs; the stream is read as they are written
	 * @return how many were submitted
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
	JobBuilder job(String function, @Nullable Object... args);

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
	JobWatch watchPrefix(String prefix, Consumer<Job> listener);

	/**
	 * Has a listener told of all jobs that fit a query, as they change from now on, as
	 * {@link #watch(String, Consumer)} does. A job is told as long as it fits.
	 * @param query which jobs; its limit is not looked at
	 * @param listener told of the jobs as they are
	 * @return closes it
	 * @throws TaskQueueException as {@link #watch(String, Consumer)}
	 */
	JobWatch watch(JobQuery query, Consumer<Job> listener);

}
