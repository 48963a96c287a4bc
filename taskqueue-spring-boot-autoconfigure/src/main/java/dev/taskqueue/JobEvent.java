package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A signal in the life of a job, told on the node where it happens, as an event of the
 * application: {@code @EventListener} methods that take this type hear of all signals,
 * those that take one of its records of one.
 * <p>
 * What ends an attempt is told after its outcome is durable. On one node the signals of a
 * job come in order: {@code Scheduled}, {@code Executing}, {@code Completed} for a
 * delayed one; {@code Executing}, {@code Error}, {@code Retrying}, {@code Scheduled},
 * {@code Executing}, {@code Completed} for one that fails once. A process that is killed
 * between an outcome and its signal does not tell it.
 * <p>
 * Listeners are called in the thread where it happens, so a slow one slows that down.
 * What one throws is logged and changes nothing.
 */
public sealed interface JobEvent {

	/**
	 * The job's id in text form.
	 * @return the id
	 */
	String jobId();

	/**
	 * The function's name.
	 * @return the name
	 */
	String function();

	/**
	 * The queue.
	 * @return the name
	 */
	String queue();

	/**
	 * A job was submitted on this node.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param queue the queue
	 */
	record Enqueued(String jobId, String function, String queue) implements JobEvent {
	}

	/**
	 * The job waits for its time: told after {@link Enqueued} of a submit with a time to
	 * come, and after {@link Retrying}.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param queue the queue
	 * @param runAt not to be started earlier, by the server's clock
	 */
	record Scheduled(String jobId, String function, String queue, Instant runAt) implements JobEvent {
	}

	/**
	 * An attempt begins.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param queue the queue
	 * @param attempt its number, from 1
	 */
	record Executing(String jobId, String function, String queue, int attempt) implements JobEvent {
	}

	/**
	 * The lock of the job is held by another, so that no attempt begins: it waits for the
	 * lock, and no attempt is counted.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param queue the queue
	 * @param lock the name of the lock
	 */
	record Locked(String jobId, String function, String queue, String lock) implements JobEvent {
	}

	/**
	 * The job succeeded.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param queue the queue
	 * @param duration of the attempt
	 */
	record Completed(String jobId, String function, String queue, Duration duration) implements JobEvent {
	}

	/**
	 * An attempt did not succeed. What becomes of the job is told next: {@link Retrying},
	 * {@link Failed}, or {@link Cancelled} if that was asked for meanwhile.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param queue the queue
	 * @param duration of the attempt; zero where none was begun
	 * @param error what went wrong
	 */
	@SuppressWarnings("JavaLangClash")
	record Error(String jobId, String function, String queue, Duration duration, JobError error) implements JobEvent {
	}

	/**
	 * An attempt did not succeed and another will follow.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param queue the queue
	 * @param duration of the attempt
	 * @param error what went wrong
	 */
	record Retrying(String jobId, String function, String queue, Duration duration,
			JobError error) implements JobEvent {
	}

	/**
	 * The job failed and no attempt will follow.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param queue the queue
	 * @param duration of the attempt; zero where none was begun
	 * @param error what went wrong
	 */
	record Failed(String jobId, String function, String queue, Duration duration, JobError error) implements JobEvent {
	}

	/**
	 * The job ended cancelled.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param queue the queue
	 * @param duration of the attempt; zero where none was begun
	 */
	record Cancelled(String jobId, String function, String queue, Duration duration) implements JobEvent {
	}

	/**
	 * The job is not run, since its function is revoked. It ends cancelled, which is told
	 * next.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param queue the queue
	 */
	record Revoked(String jobId, String function, String queue) implements JobEvent {
	}

	/**
	 * The job was not started in time.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param queue the queue
	 */
	record Expired(String jobId, String function, String queue) implements JobEvent {
	}

	/**
	 * The attempt ended here after another node had taken the job over, or was given back
	 * unfinished: its outcome was not taken.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param queue the queue
	 * @param duration of the attempt
	 */
	record Interrupted(String jobId, String function, String queue, Duration duration) implements JobEvent {
	}

	/**
	 * The job was taken back from a lost worker by this node.
	 *
	 * @param jobId the job's id
	 * @param function the function's name
	 * @param queue the queue
	 * @param worker the lost worker
	 * @param error set if the job failed by this, null if it is pending again
	 */
	record Recovered(String jobId, String function, String queue, String worker,
			@Nullable JobError error) implements JobEvent {
	}

}
