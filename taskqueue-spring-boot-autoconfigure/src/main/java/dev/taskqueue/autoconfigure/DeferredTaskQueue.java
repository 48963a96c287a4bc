package dev.taskqueue.autoconfigure;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.taskqueue.CancelResult;
import dev.taskqueue.Job;
import dev.taskqueue.JobBuilder;
import dev.taskqueue.JobCall;
import dev.taskqueue.JobChange;
import dev.taskqueue.JobEvent;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobSpec;
import dev.taskqueue.JobWatch;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.client.DefaultTaskQueue;
import org.jspecify.annotations.Nullable;

/**
 * The bean that users inject. It exists before the functions and the hooks, since beans
 * that are such inject it too, and is made of the rest at its first use: an application
 * starts without it, and who submits while beans are still made gets by with the
 * functions known so far.
 */
final class DeferredTaskQueue implements TaskQueue, AutoCloseable {

	private final Supplier<DefaultTaskQueue> factory;

	private final AtomicReference<@Nullable DefaultTaskQueue> made = new AtomicReference<>();

	DeferredTaskQueue(Supplier<DefaultTaskQueue> factory) {
		this.factory = factory;
	}

	void onEvent(JobEvent event) {
		DefaultTaskQueue known = this.made.get();
		if (known != null) {
			known.onEvent(event);
		}
	}

	@Override
	public void close() {
		DefaultTaskQueue known = this.made.get();
		if (known != null) {
			known.close();
		}
	}

	private DefaultTaskQueue queue() {
		DefaultTaskQueue known = this.made.get();
		if (known != null) {
			return known;
		}
		// under no lock of ours: it asks the container, which has its own
		DefaultTaskQueue created = this.factory.get();
		DefaultTaskQueue first = this.made.compareAndExchange(null, created);
		return (first != null) ? first : created;
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
