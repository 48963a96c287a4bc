package dev.taskqueue.autoconfigure;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

import dev.taskqueue.CancelResult;
import dev.taskqueue.Job;
import dev.taskqueue.JobBuilder;
import dev.taskqueue.JobCall;
import dev.taskqueue.JobChange;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobSpec;
import dev.taskqueue.JobWatch;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.client.DefaultTaskQueue;
import dev.taskqueue.client.JobWaits;
import dev.taskqueue.function.FunctionRegistry;
import org.jspecify.annotations.Nullable;

/**
 * The bean that users inject. It exists before the functions are known, since beans with
 * functions inject it too, and works from then on: who submits while beans are still made
 * gets by with the functions known so far.
 */
final class DeferredTaskQueue implements TaskQueue, AutoCloseable {

	private final ScannedFunctions functions;

	private final Function<FunctionRegistry, DefaultTaskQueue> factory;

	private final JobWaits waits;

	private volatile @Nullable DefaultTaskQueue complete;

	DeferredTaskQueue(ScannedFunctions functions, Function<FunctionRegistry, DefaultTaskQueue> factory,
			JobWaits waits) {
		this.functions = functions;
		this.factory = factory;
		this.waits = waits;
	}

	/** Ends the waiting, when the application ends. */
	@Override
	public void close() {
		this.waits.close();
	}

	private DefaultTaskQueue queue() {
		DefaultTaskQueue known = this.complete;
		if (known != null) {
			return known;
		}
		synchronized (this) {
			if (this.complete == null && this.functions.isComplete()) {
				this.complete = this.factory.apply(this.functions.registry());
			}
			known = this.complete;
		}
		return (known != null) ? known : this.factory.apply(this.functions.registry());
	}

	@Override
	public JobHandle<Object> enqueue(JobSpec spec) {
		return queue().enqueue(spec);
	}

	@Override
	public CompletableFuture<JobHandle<Object>> enqueueAsync(JobSpec spec) {
		return queue().enqueueAsync(spec);
	}

	@Override
	public long enqueueAll(Stream<JobSpec> jobs) {
		return queue().enqueueAll(jobs);
	}

	@Override
	public <B> JobBuilder job(Class<B> type, JobCall<B> call) {
		return queue().job(type, call);
	}

	@Override
	public Optional<Job> find(String id) {
		return queue().find(id);
	}

	@Override
	public JobWatch watch(String id, Consumer<Job> listener) {
		return queue().watch(id, listener);
	}

	@Override
	public JobWatch watch(JobQuery query, Consumer<Job> listener) {
		return queue().watch(query, listener);
	}

	@Override
	public JobHandle<Object> handle(String id) {
		return queue().handle(id);
	}

	@Override
	public CancelResult cancel(String id) {
		return queue().cancel(id);
	}

	@Override
	public boolean retry(String id) {
		return queue().retry(id);
	}

	@Override
	public boolean runNow(String id) {
		return queue().runNow(id);
	}

	@Override
	public boolean reschedule(String id, Instant at) {
		return queue().reschedule(id, at);
	}

	@Override
	public boolean edit(String id, JobChange change) {
		return queue().edit(id, change);
	}

	@Override
	public boolean delete(String id) {
		return queue().delete(id);
	}

	@Override
	public Stream<Job> query(JobQuery query) {
		return queue().query(query);
	}

	@Override
	public long cancelAll(JobQuery query) {
		return queue().cancelAll(query);
	}

	@Override
	public long retryAll(JobQuery query) {
		return queue().retryAll(query);
	}

	@Override
	public long deleteAll(JobQuery query) {
		return queue().deleteAll(query);
	}

	@Override
	public void pause(String queue) {
		queue().pause(queue);
	}

	@Override
	public void resume(String queue) {
		queue().resume(queue);
	}

	@Override
	public boolean isPaused(String queue) {
		return queue().isPaused(queue);
	}

	@Override
	public void revoke(String function) {
		queue().revoke(function);
	}

	@Override
	public void revoke(String function, Instant until) {
		queue().revoke(function, until);
	}

	@Override
	public void restore(String function) {
		queue().restore(function);
	}

	@Override
	public boolean isRevoked(String function) {
		return queue().isRevoked(function);
	}

}
