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
final class StoredJobHandle<R> extends AbstractJobHandle<R> {

	private static final long FIRST_WAIT = TimeUnit.MILLISECONDS.toNanos(5);

	private static final long LONGEST_WAIT = TimeUnit.MILLISECONDS.toNanos(250);

	private final JobQueries queries;

	private final JobWaits waits;

	private final Steering steering;

	StoredJobHandle(String id, Class<R> type, JobQueries queries, ArgumentMapper mapper, JobWaits waits,
			Steering steering, boolean duplicate) {
		super(id, type, mapper, duplicate);
		this.queries = queries;
		this.waits = waits;
		this.steering = steering;
	}

	@Override
	public Optional<Job> find() {
		return this.queries.find(id());
	}

	@Override
	public JobState state() {
		return existing(this.queries.readStates(List.of(id())).get(id()));
	}

	@Override
	public Optional<JobResult<R>> result() {
		return resultIfEnded(existing(this.queries.readOutcome(id())));
	}

	@Override
	public <T> JobHandle<T> as(Class<T> type) {
		return new StoredJobHandle<>(id(), type, this.queries, mapper(), this.waits, this.steering, isDuplicate());
	}

	@Override
	public Optional<JobProgress> progress() {
		return Optional.ofNullable(existing(this.queries.readProgress(id())).toJob().progress());
	}

	@Override
	public JobWatch onEvent(Consumer<Job> listener) {
		return this.waits.watches().begin(Wanted.job(id()), listener);
	}

	@Override
	public CancelResult cancel() {
		return this.steering.cancel(id());
	}

	@Override
	public @Nullable R await(Duration timeout) throws TimeoutException, InterruptedException {
		return resultOf(awaitEnd(timeout));
	}

	@Override
	public CompletableFuture<@Nullable R> completion() {
		return this.waits.completions().begin(id(), this::resultOf);
	}

	private JobDocument awaitEnd(Duration timeout) throws TimeoutException, InterruptedException {
		long deadline = System.nanoTime() + nanos(timeout);
		long pause = FIRST_WAIT;
		// before the first look, so that no event falls between the look and the wait
		try (EndWaits.Wait wait = this.waits.ends().begin(id())) {
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
		return existing(this.queries.findOutcome(id(), Duration.ofNanos(atMost)));
	}

	private TimeoutException late(Duration timeout, @Nullable MongoException outage) throws TimeoutException {
		String message = "Job " + id() + " had not ended within " + timeout + "; it goes on";
		if (outage != null) {
			throw new TaskQueueException(message + ". MongoDB could not be read: " + outage.getMessage(), outage);
		}
		return new TimeoutException(message);
	}

	/** Outcomes are read without the arguments. */
	@Override
	protected Job complete(Job ended) {
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

}
