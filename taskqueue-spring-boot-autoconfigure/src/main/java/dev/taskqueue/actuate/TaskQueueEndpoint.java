package dev.taskqueue.actuate;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

import dev.taskqueue.JobQuery;
import dev.taskqueue.client.JobQueries;
import dev.taskqueue.crontab.CrontabRows;
import dev.taskqueue.crontab.CrontabStatus;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.observe.FaultyRows;
import dev.taskqueue.observe.LiveWorkers;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * The endpoint {@code taskqueue}: what the queue does, for people and scripts. Over the
 * web it has more paths: {@link TaskQueueEndpointWebExtension}.
 */
@Endpoint(id = "taskqueue")
public class TaskQueueEndpoint {

	/** More rows than one looks at on one page. */
	private static final int SHOWN_ROWS = 20;

	private final JobQueries jobs;

	private final Supplier<FunctionRegistry> functions;

	private final LiveWorkers workers;

	private final FaultyRows faultyRows;

	private final CrontabRows rows;

	private final Supplier<@Nullable CrontabStatus> crontab;

	private final ValueSanitizer sanitizer;

	/**
	 * Creates it.
	 * @param jobs reads jobs
	 * @param functions those of this application
	 * @param workers reads the workers
	 * @param faultyRows reads the rows with errors
	 * @param rows reads the rows that recur
	 * @param crontab asks this application's scheduler; gives null where it has none
	 * @param sanitizingFunctions hide values
	 */
	public TaskQueueEndpoint(JobQueries jobs, Supplier<FunctionRegistry> functions, LiveWorkers workers,
			FaultyRows faultyRows, CrontabRows rows, Supplier<@Nullable CrontabStatus> crontab,
			Iterable<SanitizingFunction> sanitizingFunctions) {
		this.jobs = jobs;
		this.functions = functions;
		this.workers = workers;
		this.faultyRows = faultyRows;
		this.rows = rows;
		this.crontab = crontab;
		this.sanitizer = new ValueSanitizer(sanitizingFunctions);
	}

	/**
	 * Everything at a glance; values are hidden.
	 * @return queues, workers, functions and the crontab
	 * @throws dev.taskqueue.TaskQueueException if the store cannot be read
	 */
	@ReadOperation
	public TaskQueueDescriptor taskQueue() {
		return overview(false);
	}

	TaskQueueDescriptor overview(boolean showValues) {
		return new TaskQueueDescriptor(queues().queues(), workers().workers(), functions().functions(),
				crontab(showValues, SHOWN_ROWS, null));
	}

	QueuesDescriptor queues() {
		return new QueuesDescriptor(this.jobs.depths().stream().map(QueueDescriptor::of).toList());
	}

	WorkersDescriptor workers() {
		return new WorkersDescriptor(this.workers.list().stream().map(WorkerDescriptor::of).toList());
	}

	FunctionsDescriptor functions() {
		Map<String, Instant> revoked = this.jobs.revoked();
		return new FunctionsDescriptor(
				this.functions.get()
					.functions()
					.stream()
					.map((function) -> FunctionDescriptor.of(function, revoked.containsKey(function.name())))
					.toList(),
				revoked.entrySet()
					.stream()
					.map((one) -> new FunctionsDescriptor.RevocationDescriptor(one.getKey(),
							one.getValue().equals(Instant.MAX) ? null : one.getValue()))
					.toList());
	}

	CrontabDescriptor crontab(boolean showValues, int limit, @Nullable String after) {
		List<CrontabDescriptor.RowDescriptor> rows = this.faultyRows.list(SHOWN_ROWS)
			.stream()
			.map((row) -> this.sanitizer.row(row, showValues))
			.toList();
		List<PeriodicJobDescriptor> periodic = this.rows.recurring(limit, after)
			.stream()
			.map((row) -> this.sanitizer.periodic(row, showValues))
			.toList();
		// a full page may be followed by another one
		return CrontabDescriptor.of(this.crontab.get(), rows, periodic,
				(periodic.size() == limit) ? periodic.get(limit - 1).id() : null);
	}

	JobsDescriptor jobs(JobQuery query, int limit, @Nullable String after, boolean showValues) {
		List<JobDescriptor> page = this.jobs.list(query, limit, after)
			.stream()
			.map((job) -> this.sanitizer.job(job, showValues))
			.toList();
		// a full page may be followed by another one
		return new JobsDescriptor(page, (page.size() == limit) ? page.get(limit - 1).id() : null);
	}

	Optional<JobDescriptor> job(String id, boolean showValues) {
		return this.jobs.find(id).map((job) -> this.sanitizer.job(job, showValues));
	}

}
