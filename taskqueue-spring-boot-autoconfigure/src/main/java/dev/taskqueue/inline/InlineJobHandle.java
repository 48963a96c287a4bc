package dev.taskqueue.inline;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import dev.taskqueue.CancelResult;
import dev.taskqueue.Job;
import dev.taskqueue.JobGoneException;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobProgress;
import dev.taskqueue.JobResult;
import dev.taskqueue.JobState;
import dev.taskqueue.JobWatch;
import dev.taskqueue.client.AbstractJobHandle;
import dev.taskqueue.client.Wanted;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.store.JobDocument;
import org.jspecify.annotations.Nullable;

/**
 * A handle of a job in memory.
 *
 * @param <R> the type of the result
 */
final class InlineJobHandle<R> extends AbstractJobHandle<R> {

	private final InlineTaskQueue queue;

	private final InlineJobs jobs;

	InlineJobHandle(String id, Class<R> type, InlineTaskQueue queue, InlineJobs jobs, ArgumentMapper mapper,
			boolean duplicate) {
		super(id, type, mapper, duplicate);
		this.queue = queue;
		this.jobs = jobs;
	}

	@Override
	public Optional<Job> find() {
		return this.queue.find(id());
	}

	@Override
	public JobState state() {
		return required().toJob().state();
	}

	@Override
	public <T> JobHandle<T> as(Class<T> type) {
		return new InlineJobHandle<>(id(), type, this.queue, this.jobs, mapper(), isDuplicate());
	}

	@Override
	public Optional<JobResult<R>> result() {
		return resultIfEnded(required());
	}

	/** A pending one is not waited for: nobody would run it meanwhile. */
	@Override
	public @Nullable R await(Duration timeout) throws TimeoutException, InterruptedException {
		this.jobs.awaitRunning(id(), System.nanoTime() + nanos(timeout));
		JobDocument found = required();
		JobState state = found.toJob().state();
		if (!state.isEnd()) {
			throw new TimeoutException("Job " + id() + " is " + state.text() + ", and since taskqueue.mode is inline "
					+ "nobody runs it while it is waited for. Run it before, by TaskQueueTester.runDue(), or set "
					+ "taskqueue.mode=normal.");
		}
		return resultOf(found);
	}

	@Override
	public CompletableFuture<@Nullable R> completion() {
		CompletableFuture<@Nullable R> completion = new CompletableFuture<>();
		JobWatch watch = this.jobs.watch(Wanted.job(id()), (job) -> {
			if (job.state().isEnd()) {
				complete(completion);
			}
		});
		CompletableFuture<@Nullable R> unused = completion.whenComplete((result, thrown) -> watch.close());
		if (this.jobs.find(id()) == null) {
			completion.completeExceptionally(new JobGoneException(id()));
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
		return this.queue.watch(id(), listener);
	}

	@Override
	public CancelResult cancel() {
		return this.queue.cancel(id());
	}

	private JobDocument required() {
		return existing(this.jobs.find(id()));
	}

}
