package dev.taskqueue.client;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import dev.taskqueue.Job;
import dev.taskqueue.JobFailedException;
import dev.taskqueue.JobGoneException;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobResult;
import dev.taskqueue.JobState;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.store.JobDocument;
import org.jspecify.annotations.Nullable;

/**
 * What a handle knows by itself, and what it makes of a job's document, wherever that is
 * kept.
 *
 * @param <R> the type of the result
 */
public abstract class AbstractJobHandle<R> implements JobHandle<R> {

	private static final int LONGEST_DAYS = 10_000;

	private final String id;

	private final Class<R> type;

	private final ArgumentMapper mapper;

	private final boolean duplicate;

	/**
	 * Creates one.
	 * @param id the job's id in text form
	 * @param type what the result is converted to
	 * @param mapper converts it
	 * @param duplicate whether a submit met this job instead of making one
	 */
	protected AbstractJobHandle(String id, Class<R> type, ArgumentMapper mapper, boolean duplicate) {
		this.id = id;
		this.type = type;
		this.mapper = mapper;
		this.duplicate = duplicate;
	}

	@Override
	public final String id() {
		return this.id;
	}

	@Override
	public final boolean isDuplicate() {
		return this.duplicate;
	}

	/**
	 * What converts results, for a handle of another type.
	 * @return the mapper
	 */
	protected final ArgumentMapper mapper() {
		return this.mapper;
	}

	/**
	 * The result of a job, if it has ended.
	 * @param found the job
	 * @return the result, or empty
	 * @throws JobFailedException if it ended without success
	 */
	protected final Optional<JobResult<R>> resultIfEnded(JobDocument found) {
		return found.toJob().state().isEnd() ? Optional.of(new JobResult<>(resultOf(found))) : Optional.empty();
	}

	/**
	 * The result of a job that has ended.
	 * @param found the job
	 * @return its result
	 * @throws JobFailedException if it ended without success
	 */
	protected final @Nullable R resultOf(JobDocument found) {
		Job ended = found.toJob();
		if (ended.state() != JobState.SUCCEEDED) {
			throw new JobFailedException(complete(ended));
		}
		return (this.type == Object.class) ? this.type.cast(ended.result())
				: this.mapper.convert(found.document().get(JobDocument.RESULT), this.type);
	}

	/**
	 * The whole of a job that was perhaps read in part.
	 * @param ended the job as read
	 * @return the job
	 */
	protected Job complete(Job ended) {
		return ended;
	}

	/**
	 * The job that was looked for.
	 * @param found the job, or null where there is none
	 * @return the job
	 * @throws JobGoneException if there is none
	 */
	protected final <T> T existing(@Nullable T found) {
		if (found == null) {
			throw new JobGoneException(this.id);
		}
		return found;
	}

	/**
	 * How long to wait.
	 * @param timeout what the caller says
	 * @return in nanoseconds; a longer wait than they can count, of which nobody sees the
	 * end, is cut
	 * @throws IllegalArgumentException if it is negative
	 */
	protected static long nanos(Duration timeout) {
		if (timeout.isNegative()) {
			throw new IllegalArgumentException("timeout is '" + timeout + "', expected zero or more.");
		}
		return (timeout.toDays() >= LONGEST_DAYS) ? TimeUnit.DAYS.toNanos(LONGEST_DAYS) : timeout.toNanos();
	}

}
