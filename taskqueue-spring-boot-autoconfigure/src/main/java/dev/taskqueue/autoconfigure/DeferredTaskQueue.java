package dev.taskqueue.autoconfigure;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

import dev.taskqueue.Job;
import dev.taskqueue.JobBuilder;
import dev.taskqueue.JobCall;
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
	public JobHandle<Object> enqueue(String function, @Nullable Object... args) {
		return queue().enqueue(function, args);
	}

	@Override
	public <B> JobHandle<Object> enqueue(Class<B> type, JobCall<B> call) {
		return queue().enqueue(type, call);
	}

	@Override
	public JobHandle<Object> enqueue(JobSpec spec) {
		return queue().enqueue(spec);
	}

	@Override
	public long enqueueAll(Stream<JobSpec> jobs) {
		return queue().enqueueAll(jobs);
	}

	@Override
	public JobBuilder job(String function, @Nullable Object... args) {
		return queue().job(function, args);
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
	public JobWatch watchPrefix(String prefix, Consumer<Job> listener) {
		return queue().watchPrefix(prefix, listener);
	}

	@Override
	public JobWatch watch(JobQuery query, Consumer<Job> listener) {
		return queue().watch(query, listener);
	}

	@Override
	public JobHandle<Object> handle(String id) {
		return queue().handle(id);
	}

}
