package dev.taskqueue.actuate;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.taskqueue.CancelResult;
import dev.taskqueue.Job;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobState;
import dev.taskqueue.JobStateException;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.WorkerControl;
import dev.taskqueue.crontab.CrontabRows;
import org.jspecify.annotations.Nullable;

/**
 * What can be done through the endpoint, by the names of actions.
 */
final class TaskQueueActions {

	private static final String CANCEL = "cancel";

	private static final String RETRY = "retry";

	private static final String RUN_NOW = "run-now";

	private static final String RESCHEDULE = "reschedule";

	private static final String EDIT = "edit";

	private static final String DELETE = "delete";

	private static final List<String> OF_JOB = List.of(CANCEL, RETRY, RUN_NOW, RESCHEDULE, EDIT, DELETE);

	private static final List<String> OF_JOBS = List.of(CANCEL, RETRY, RUN_NOW, RESCHEDULE, DELETE);

	private static final List<String> OF_QUEUES = List.of("pause", "resume", "purge");

	private static final List<String> OF_FUNCTIONS = List.of("revoke", "restore");

	private static final List<String> OF_ROWS = List.of("trigger", "enable", "disable", EDIT);

	private static final List<String> OF_WORKERS = List.of("concurrency", "quiet", "resume");

	/** What an action needs or takes; of those that are missing here, nothing. */
	private static final Map<String, List<String>> FIELDS = Map.of(RESCHEDULE, List.of("at"), EDIT,
			List.of("params", "kwargs", "queue", "priority", "runAt", "timeout", "maxAttempts"), "revoke",
			List.of("until"), "concurrency", List.of("concurrency"));

	/** Which jobs are meant. */
	private static final List<String> FILTER = List.of("state", "queue", "function", "reason", "idPrefix",
			"createdAfter", "createdBefore", "limit");

	private final TaskQueue queue;

	private final CrontabRows rows;

	private final Supplier<@Nullable WorkerControl> worker;

	TaskQueueActions(TaskQueue queue, CrontabRows rows, Supplier<@Nullable WorkerControl> worker) {
		this.queue = queue;
		this.rows = rows;
		this.worker = worker;
	}

	/**
	 * The fields of an order besides its action.
	 * @param target what it is about, such as {@code jobs}; there may be more of them
	 * @param isOne whether it is about one of them
	 * @return the names; null if there is no such target, or no such action there
	 */
	static @Nullable List<String> fields(String target, boolean isOne, String action) {
		List<String> own = FIELDS.getOrDefault(action, List.of());
		if (!isOne) {
			return (target.equals("jobs") && OF_JOBS.contains(action))
					? Stream.concat(FILTER.stream(), own.stream()).toList() : null;
		}
		List<String> actions = switch (target) {
			case "jobs" -> OF_JOB;
			case "queues" -> OF_QUEUES;
			case "functions" -> OF_FUNCTIONS;
			case "crontab" -> OF_ROWS;
			case "workers" -> OF_WORKERS;
			default -> List.of();
		};
		if (!actions.contains(action)) {
			return null;
		}
		return (target.equals("crontab") && action.equals(EDIT)) ? RowEdit.FIELDS : own;
	}

	/**
	 * Acts on one job.
	 * @return what was done, or null if there is no such job
	 * @throws IllegalArgumentException if the action is none of a job, or lacks what it
	 * needs
	 * @throws JobStateException if the job is in another state
	 */
	@Nullable ActionDescriptor job(String id, @Nullable String action, @Nullable String at, JobChangeText change) {
		return switch (known(action, OF_JOB)) {
			case CANCEL -> cancel(id);
			case RETRY -> done(this.queue.retry(id), RETRY, id);
			case RUN_NOW -> done(this.queue.runNow(id), RUN_NOW, id);
			case RESCHEDULE -> done(this.queue.reschedule(id, instant("at", at)), RESCHEDULE, id);
			case EDIT -> done(this.queue.edit(id, change.toChange()), EDIT, id);
			default -> done(this.queue.delete(id), DELETE, id);
		};
	}

	private @Nullable ActionDescriptor cancel(String id) {
		CancelResult result = this.queue.cancel(id);
		if (result == CancelResult.ENDED) {
			JobState state = this.queue.find(id).map(Job::state).orElse(JobState.CANCELLED);
			throw new JobStateException(id, state, "Job " + id + " is " + state.text()
					+ ", so it cannot be cancelled. Only a pending or a running one can be.");
		}
		return (result == CancelResult.UNKNOWN) ? null : new ActionDescriptor(CANCEL, id, result.text(), null);
	}

	private static @Nullable ActionDescriptor done(boolean exists, String action, String id) {
		return exists ? ActionDescriptor.done(action, id) : null;
	}

	/**
	 * Acts on many jobs.
	 * @throws IllegalArgumentException if the action is none of jobs, or all jobs are
	 * meant
	 */
	ActionDescriptor jobs(JobQuery query, @Nullable String action, @Nullable String at) {
		String known = known(action, OF_JOBS);
		if (!query.isNarrowed()) {
			throw new IllegalArgumentException("No filter is given, so that all jobs are meant. Give one of state, "
					+ "queue, function, reason, idPrefix, createdBefore, createdAfter.");
		}
		long jobs = switch (known) {
			case CANCEL -> this.queue.cancelAll(query);
			case RETRY -> this.queue.retryAll(query);
			case RUN_NOW -> eachPending(query, this.queue::runNow);
			case RESCHEDULE -> {
				Instant time = instant("at", at);
				yield eachPending(query, (id) -> this.queue.reschedule(id, time));
			}
			default -> this.queue.deleteAll(query);
		};
		return ActionDescriptor.done(known, "jobs", jobs);
	}

	private long eachPending(JobQuery query, Predicate<String> change) {
		if (query.state() != null && query.state() != JobState.PENDING) {
			throw new IllegalArgumentException("state is '" + query.state().text()
					+ "', and only pending jobs can be moved. Expected pending or scheduled, or none.");
		}
		JobQuery pending = (query.state() == null) ? query.state(JobState.PENDING) : query;
		try (Stream<Job> jobs = this.queue.query(pending)) {
			return jobs.filter((job) -> isChanged(job.id(), change)).count();
		}
	}

	private static boolean isChanged(String id, Predicate<String> change) {
		try {
			return change.test(id);
		}
		catch (JobStateException ex) {
			// it began meanwhile
			return false;
		}
	}

	/**
	 * Acts on a queue.
	 * @throws IllegalArgumentException if the action is none of queues
	 */
	ActionDescriptor queue(String name, @Nullable String action) {
		String known = known(action, OF_QUEUES);
		switch (known) {
			case "pause" -> this.queue.pause(name);
			case "resume" -> this.queue.resume(name);
			default -> {
				return ActionDescriptor.done(known, name, this.queue.purge(name));
			}
		}
		return ActionDescriptor.done(known, name);
	}

	/**
	 * Acts on a function.
	 * @throws IllegalArgumentException if the action is none of functions
	 */
	ActionDescriptor function(String name, @Nullable String action, @Nullable String until) {
		String known = known(action, OF_FUNCTIONS);
		if (known.equals("restore")) {
			this.queue.restore(name);
		}
		else if (until != null) {
			this.queue.revoke(name, instant("until", until));
		}
		else {
			this.queue.revoke(name);
		}
		return ActionDescriptor.done(known, name);
	}

	/**
	 * Acts on a row of the crontab.
	 * @return what was done, or null if there is no such row
	 * @throws IllegalArgumentException if the action is none of rows, the row's source no
	 * longer asks for it, or the row is not in order
	 */
	@Nullable ActionDescriptor row(String id, @Nullable String action, RowEdit edit) {
		String known = known(action, OF_ROWS);
		if (known.equals("trigger")) {
			String job = this.rows.trigger(id);
			return (job != null) ? new ActionDescriptor(known, id, job, null) : null;
		}
		return done(known.equals(EDIT) ? this.rows.change(id, edit.change())
				: this.rows.setEnabled(id, known.equals("enable")), known, id);
	}

	/**
	 * Acts on the worker of this application.
	 * @return what was done, or null if the worker is none of this application
	 * @throws IllegalArgumentException if the action is none of workers, or if the number
	 * cannot be meant
	 */
	@Nullable ActionDescriptor worker(String id, @Nullable String action, @Nullable String concurrency) {
		String known = known(action, OF_WORKERS);
		WorkerControl own = this.worker.get();
		if (own == null || !id.equals(own.workerId())) {
			return null;
		}
		boolean done = known.equals("concurrency")
				? own.concurrency(number("concurrency", concurrency, "a number from 1"))
				: own.quiet(known.equals("quiet"));
		return done ? ActionDescriptor.done(known, id) : null;
	}

	static int number(String field, @Nullable String text, String expected) {
		try {
			if (text != null) {
				return Integer.parseInt(text);
			}
		}
		catch (NumberFormatException ex) {
			// said below
		}
		throw new IllegalArgumentException(field + " is '" + text + "', expected " + expected + ".");
	}

	private static String known(@Nullable String action, List<String> actions) {
		if (action == null || !actions.contains(action)) {
			throw new IllegalArgumentException(((action != null) ? "action is '" + action + "'" : "action is missing")
					+ ", expected one of " + String.join(", ", actions) + ".");
		}
		return action;
	}

	static Instant instant(String field, @Nullable String text) {
		try {
			if (text != null) {
				return Instant.parse(text);
			}
		}
		catch (DateTimeParseException ex) {
			// said below
		}
		throw new IllegalArgumentException(
				field + " is '" + text + "', expected a time such as '2026-12-24T18:00:00Z'.");
	}

}
