package dev.taskqueue.inline;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import dev.taskqueue.CancelResult;
import dev.taskqueue.Job;
import dev.taskqueue.JobFailedException;
import dev.taskqueue.JobGoneException;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobProgress;
import dev.taskqueue.JobResult;
import dev.taskqueue.JobState;
import dev.taskqueue.JobWatch;
import dev.taskqueue.client.Wanted;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.store.JobDocument;
import org.jspecify.annotations.Nullable;

/**
 * A handle of a job in memory.
 *
 * @param <R> the type of the result
 */
final class InlineJobHandle<R> implements JobHandle<R> {

	/** Beyond what nanoseconds can count; nobody sees its end. */
	private static final Duration LONGEST = Duration.ofDays(10_000);

	private final String id;

	private final Class<R> type;

	private final InlineTaskQueue queue;

	private final InlineJobs jobs;

	private final ArgumentMapper mapper;

	private final boolean duplicate;

	InlineJobHandle(String id, Class<R> type, InlineTaskQueue queue, InlineJobs jobs, ArgumentMapper mapper,
			boolean duplicate) {
		this.id = id;
		this.type = type;
		this.queue = queue;
		this.jobs = jobs;
		this.mapper = mapper;
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
		return this.queue.find(this.id);
	}

	@Override
	public JobState state() {
		return required().toJob().state();
	}

	@Override
	public <T> JobHandle<T> as(Class<T> type) {
		return new InlineJobHandle<>(this.id, type, this.queue, this.jobs, this.mapper, this.duplicate);
	}

	@Override
	public Optional<JobResult<R>> result() {
		JobDocument found = required();
		return found.toJob().state().isEnd() ? Optional.of(new JobResult<>(resultOf(found))) : Optional.empty();
	}

	/** A pending one is not waited for: nobody would run it meanwhile. */
	@Override
	public @Nullable R await(Duration timeout) throws TimeoutException, InterruptedException {
		if (timeout.isNegative()) {
			throw new IllegalArgumentException("timeout is '" + timeout + "', expected zero or more.");
		}
		Duration bounded = (timeout.compareTo(LONGEST) < 0) ? timeout : LONGEST;
		this.jobs.awaitRunning(this.id, System.nanoTime() + bounded.toNanos());
		JobDocument found = required();
		JobState state = found.toJob().state();
		if (!state.isEnd()) {
			throw new TimeoutException("Job " + this.id + " is " + state.text()
					+ ", and since taskqueue.mode is inline "
					+ "nobody runs it while it is waited for. Run it before, by TaskQueueTester.runDue(), or set "
					+ "taskqueue.mode=normal.");
		}
		return resultOf(found);
	}

	@Override
	public CompletableFuture<@Nullable R> completion() {
		CompletableFuture<@Nullable R> completion = new CompletableFuture<>();
		JobWatch watch = this.jobs.watch(Wanted.job(this.id), (job) -> {
			if (job.state().isEnd()) {
				complete(completion);
			}
		});
		CompletableFuture<@Nullable R> unused = completion.whenComplete((result, thrown) -> watch.close());
		if (this.jobs.find(this.id) == null) {
			completion.completeExceptionally(new JobGoneException(this.id));
		}
		return completion;
	}

	private void complete(CompletableFuture<@Nullable R> completion) {
		try {
			completion.complete(resultOf(required()));
		}
		catch (RuntimeException ex) {
			completion.completeExceptionally(ex);
		}
	}

	@Override
	public Optional<JobProgress> progress() {
		return Optional.ofNullable(required().toJob().progress());
	}

	@Override
	public JobWatch onEvent(Consumer<Job> listener) {
		return this.queue.watch(this.id, listener);
	}

	@Override
	public CancelResult cancel() {
		return this.queue.cancel(this.id);
	}

	private JobDocument required() {
		JobDocument found = this.jobs.find(this.id);
		if (found == null) {
			throw new JobGoneException(this.id);
		}
		return found;
	}

	private @Nullable R resultOf(JobDocument found) {
		Job ended = found.toJob();
		if (ended.state() != JobState.SUCCEEDED) {
			throw new JobFailedException(ended);
		}
		return (this.type == Object.class) ? this.type.cast(ended.result())
				: this.mapper.convert(found.document().get(JobDocument.RESULT), this.type);
	}

}
