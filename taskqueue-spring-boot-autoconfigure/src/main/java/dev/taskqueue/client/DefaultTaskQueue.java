package dev.taskqueue.client;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.function.JobFunction;
import dev.taskqueue.steer.Steering;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.submit.CallRecorder;
import dev.taskqueue.submit.RecordedCall;
import dev.taskqueue.submit.Submitted;
import dev.taskqueue.submit.Submitter;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * The queue that keeps its jobs in MongoDB.
 */
public final class DefaultTaskQueue implements TaskQueue, AutoCloseable {

	private final Submitter submitter;

	private final JobQueries queries;

	private final Supplier<FunctionRegistry> functions;

	private final ArgumentMapper mapper;

	private final Clock serverClock;

	private final JobDrafts drafts;

	private final EnqueueHooks hooks;

	private final Steering steering;

	private final BulkActions bulk;

	private final CallRecorder recorder = new CallRecorder();

	private final JobWaits waits;

	/**
	 * Creates one that waits for itself.
	 * @param submitter makes jobs durable
	 * @param queries reads them
	 * @param functions those of this application
	 * @param mapper turns arguments to plain values, and results back
	 * @param serverClock the server's time
	 * @param hooks what the application has to say about submits
	 * @param steering changes jobs that were submitted
	 */
	public DefaultTaskQueue(Submitter submitter, JobQueries queries, FunctionRegistry functions, ArgumentMapper mapper,
			Clock serverClock, EnqueueHooks hooks, Steering steering) {
		this(submitter, queries, () -> functions, mapper, serverClock, hooks, new JobWaits(queries), steering);
	}

	/**
	 * Creates one.
	 * @param submitter makes jobs durable
	 * @param queries reads them
	 * @param functions those of this application, as far as they are known
	 * @param mapper turns arguments to plain values, and results back
	 * @param serverClock the server's time
	 * @param hooks what the application has to say about submits
	 * @param waits who waits on this node
	 * @param steering changes jobs that were submitted
	 */
	public DefaultTaskQueue(Submitter submitter, JobQueries queries, Supplier<FunctionRegistry> functions,
			ArgumentMapper mapper, Clock serverClock, EnqueueHooks hooks, JobWaits waits, Steering steering) {
		this.hooks = hooks;
		this.submitter = submitter;
		this.queries = queries;
		this.functions = functions;
		this.mapper = mapper;
		this.serverClock = serverClock;
		this.drafts = new JobDrafts(functions, mapper, serverClock);
		this.waits = waits;
		this.steering = steering;
		this.bulk = new BulkActions(queries, steering);
	}

	@Override
	public JobHandle<Object> enqueue(JobSpec spec) {
		return this.hooks.watch(spec, () -> {
			Submitted submitted = this.submitter.submit(this.drafts.submission(this.hooks.before(spec)),
					(failure) -> this.hooks.failed(spec, failure));
			return handle(submitted.id(), submitted.isDuplicate());
		});
	}

	@Override
	public CompletableFuture<JobHandle<Object>> enqueueAsync(JobSpec spec) {
		CompletableFuture<Submitted> handedOver = this.hooks.watch(spec, () -> handOver(this.hooks.before(spec)));
		return handedOver.whenComplete((submitted, thrown) -> this.hooks.failed(spec, thrown))
			.thenApply((submitted) -> handle(submitted.id(), submitted.isDuplicate()));
	}

	private CompletableFuture<Submitted> handOver(JobSpec spec) {
		// as they are now, whatever becomes of the caller's objects
		List<@Nullable Object> params = this.drafts.params(spec);
		Document kwargs = this.drafts.kwargs(spec);
		boolean isAtHand = !(this.serverClock instanceof ServerClock clock) || clock.isMeasured();
		return this.submitter.submitAsync(() -> this.drafts.submission(spec, params, kwargs), spec.submitTime(),
				isAtHand);
	}

	@Override
	public long enqueueAll(Stream<JobSpec> jobs) {
		try (Stream<JobSpec> closing = jobs) {
			return this.hooks.watch(null, () -> this.submitter
				.submitAll(closing.map((spec) -> this.drafts.submission(this.hooks.before(spec))).iterator()));
		}
	}

	@Override
	public <B> JobBuilder job(Class<B> type, JobCall<B> call) {
		RecordedCall recorded = this.recorder.record(type, call);
		JobFunction function = this.functions.get().of(type, recorded.method());
		return new JobBuilder(function.name(), recorded.args(), this);
	}

	@Override
	public Optional<Job> find(String id) {
		return this.queries.find(id);
	}

	@Override
	public JobHandle<Object> handle(String id) {
		return handle(id, false);
	}

	private JobHandle<Object> handle(String id, boolean duplicate) {
		return new StoredJobHandle<>(id, Object.class, this.queries, this.mapper, this.waits, this.steering, duplicate);
	}

	@Override
	public CancelResult cancel(String id) {
		return this.steering.cancel(id);
	}

	@Override
	public boolean retry(String id) {
		return this.steering.retry(id);
	}

	@Override
	public boolean runNow(String id) {
		return this.steering.runNow(id);
	}

	@Override
	public boolean reschedule(String id, Instant at) {
		return this.steering.reschedule(id, at);
	}

	@Override
	public boolean edit(String id, JobChange change) {
		Document set = ChangedFields.of(change, this.mapper);
		return this.steering.edit(id, set, (job) -> ChangedKey.of(job, set, this.functions.get()));
	}

	@Override
	public boolean delete(String id) {
		return this.steering.delete(id);
	}

	@Override
	public Stream<Job> query(JobQuery query) {
		JobWalk walk = this.queries.walk(query, new Document(), null);
		Stream<Job> jobs = Stream.iterate(walk.next(), (batch) -> !batch.isEmpty(), (batch) -> walk.next())
			.flatMap(List::stream)
			.map(JobDocument::toJob);
		return (query.limit() != null) ? jobs.limit(query.limit()) : jobs;
	}

	@Override
	public long cancelAll(JobQuery query) {
		return this.bulk.cancel(query);
	}

	@Override
	public long retryAll(JobQuery query) {
		return this.bulk.retry(query);
	}

	@Override
	public long deleteAll(JobQuery query) {
		return this.bulk.delete(query);
	}

	@Override
	public void pause(String queue) {
		this.steering.pause(queue);
	}

	@Override
	public void resume(String queue) {
		this.steering.resume(queue);
	}

	@Override
	public boolean isPaused(String queue) {
		return this.steering.isPaused(queue);
	}

	@Override
	public void revoke(String function) {
		this.steering.revoke(function, null);
	}

	@Override
	public void revoke(String function, Instant until) {
		this.steering.revoke(function, until);
	}

	@Override
	public void restore(String function) {
		this.steering.restore(function);
	}

	@Override
	public boolean isRevoked(String function) {
		return this.steering.isRevoked(function);
	}

	@Override
	public JobWatch watch(String id, Consumer<Job> listener) {
		return this.waits.watches().begin(Wanted.job(id), listener);
	}

	@Override
	public JobWatch watch(JobQuery query, Consumer<Job> listener) {
		return this.waits.watches().begin(Wanted.jobs(query), listener);
	}

	/**
	 * Is told what happens on this node. Returns at once.
	 * @param event the event
	 */
	public void onEvent(JobEvent event) {
		this.waits.onEvent(event);
	}

	/** Ends the waiting. */
	@Override
	public void close() {
		this.waits.close();
	}

	/** How many jobs are waited for. */
	int waiting() {
		return this.waits.ends().size();
	}

}
