package dev.taskqueue.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import com.mongodb.MongoException;
import com.mongodb.MongoInterruptedException;
import dev.taskqueue.CancelResult;
import dev.taskqueue.Job;
import dev.taskqueue.JobFailedException;
import dev.taskqueue.JobGoneException;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobProgress;
import dev.taskqueue.JobResult;
import dev.taskqueue.JobState;
import dev.taskqueue.JobWatch;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.steer.Steering;
import dev.taskqueue.store.JobDocument;
import org.jspecify.annotations.Nullable;

/**
 * A handle that asks the store. It waits by looking again: soon at first, then each
 * quarter of a second, and at once when an event of this node says that the job moved.
 *
 * @param <R> the type of the result
 */
final class StoredJobHandle<R> implements JobHandle<R> {

	private static final long FIRST_WAIT = TimeUnit.MILLISECONDS.toNanos(5);

	private static final long LONGEST_WAIT = TimeUnit.MILLISECONDS.toNanos(250);

	private final String id;

	private final Class<R> type;

	private final JobQueries queries;

	private final ArgumentMapper mapper;

	private final JobWaits waits;

	private final Steering steering;

	private final boolean duplicate;

	StoredJobHandle(String id, Class<R> type, JobQueries queries, ArgumentMapper mapper, JobWaits waits,
			Steering steering, boolean duplicate) {
		this.id = id;
		this.type = type;
		this.queries = queries;
		this.mapper = mapper;
		this.waits = waits;
		this.steering = steering;
		this.duplicate = duplicate;
	}

	@Override
	public String id() {
		return this.id;
	}

	@Override
	public boolean isDuplicate() {
		return this.duplicate;
	}

	@Override
	public Optional<Job> find() {
		return this.queries.find(this.id);
	}

	@Override
	public JobState state() {
		JobState state = this.queries.readStates(List.of(this.id)).get(this.id);
		if (state == null) {
			throw new JobGoneException(this.id);
		}
		return state;
	}

	@Override
	public Optional<JobResult<R>> result() {
		JobDocument found = this.queries.readOutcome(this.id);
		if (found == null) {
			throw new JobGoneException(this.id);
		}
		return found.toJob().state().isEnd() ? Optional.of(new JobResult<>(resultOf(found))) : Optional.empty();
	}

	@Override
	public <T> JobHandle<T> as(Class<T> type) {
		return new StoredJobHandle<>(this.id, type, this.queries, this.mapper, this.waits, this.steering,
				this.duplicate);
	}

	@Override
	public Optional<JobProgress> progress() {
		JobDocument found = this.queries.readProgress(this.id);
		if (found == null) {
			throw new JobGoneException(this.id);
		}
		return Optional.ofNullable(found.toJob().progress());
	}

	@Override
	public JobWatch onEvent(Consumer<Job> listener) {
		return this.waits.watches().begin(Wanted.job(this.id), listener);
	}

	@Override
	public CancelResult cancel() {
		return this.steering.cancel(this.id);
	}

	@Override
	public @Nullable R await(Duration timeout) throws TimeoutException, InterruptedException {
		if (timeout.isNegative()) {
			throw new IllegalArgumentException("timeout is '" + timeout + "', expected zero or more.");
		}
		return resultOf(awaitEnd(timeout));
	}

	@Override
	public CompletableFuture<@Nullable R> completion() {
		return this.waits.completions().begin(this.id, this::resultOf);
	}

	private @Nullable R resultOf(JobDocument found) {
		Job ended = found.toJob();
		if (ended.state() != JobState.SUCCEEDED) {
			throw new JobFailedException(withArguments(ended));
		}
		return (this.type == Object.class) ? this.type.cast(ended.result())
				: this.mapper.convert(found.document().get(JobDocument.RESULT), this.type);
	}

	private JobDocument awaitEnd(Duration timeout) throws TimeoutException, InterruptedException {
		long deadline = System.nanoTime() + nanos(timeout);
		long pause = FIRST_WAIT;
		// before the first look, so that no event falls between the look and the wait
		try (EndWaits.Wait wait = this.waits.ends().begin(this.id)) {
			while (true) {
				MongoException outage = null;
				try {
					JobDocument found = look(deadline);
					if (found.toJob().state().isEnd()) {
						return found;
					}
				}
				catch (MongoInterruptedException ex) {
					throw interrupted(ex);
				}
				catch (MongoException ex) {
					outage = ex;
				}
				long left = deadline - System.nanoTime();
				if (left <= 0) {
					throw late(timeout, outage);
				}
				wait.forEventAtMost(Math.min(pause, left));
				pause = Math.min(LONGEST_WAIT, pause + pause / 2);
			}
		}
	}

	private JobDocument look(long deadline) {
		// a last look is not given up before it has begun
		long atMost = Math.max(LONGEST_WAIT, deadline - System.nanoTime());
		JobDocument found = this.queries.findOutcome(this.id, Duration.ofNanos(atMost));
		if (found == null) {
			throw new JobGoneException(this.id);
		}
		return found;
	}

	private TimeoutException late(Duration timeout, @Nullable MongoException outage) throws TimeoutException {
		String message = "Job " + this.id + " had not ended within " + timeout + "; it goes on";
		if (outage != null) {
			throw new TaskQueueException(message + ". MongoDB could not be read: " + outage.getMessage(), outage);
		}
		return new TimeoutException(message);
	}

	private Job withArguments(Job ended) {
		try {
			return find().orElse(ended);
		}
		catch (TaskQueueException ex) {
			return ended;
		}
	}

	private static InterruptedException interrupted(MongoInterruptedException cause) {
		// the exception says it now
		boolean cleared = Thread.interrupted();
		InterruptedException exception = new InterruptedException(
				"Interrupted while waiting for a job" + (cleared ? "" : " in the driver"));
		exception.initCause(cause);
		return exception;
	}

	private static long nanos(Duration timeout) {
		// a longer wait than that overflows, and nobody sees its end
		return Math.min(timeout.toDays(), 10_000) == 10_000 ? TimeUnit.DAYS.toNanos(10_000) : timeout.toNanos();
	}

}
