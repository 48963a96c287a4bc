package dev.taskqueue.actuate;

import java.util.Set;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import dev.taskqueue.DuplicateJobException;
import dev.taskqueue.JobStateException;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.WorkerControl;
import dev.taskqueue.crontab.CrontabRows;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * The paths of the endpoint: {@code jobs}, {@code jobs/{id}}, {@code queues},
 * {@code workers}, {@code functions}, {@code crontab}; and what can be done by a
 * {@code POST} to some of them.
 */
@EndpointWebExtension(endpoint = TaskQueueEndpoint.class)
public class TaskQueueEndpointWebExtension {

	private static final int DEFAULT_LIMIT = 50;

	private static final int MAX_LIMIT = 1000;

	private static final int UNAVAILABLE = 503;

	/** What a bulk action changes where no limit is given. */
	private static final int DEFAULT_BULK = 1000;

	private static final int MAX_BULK = 1_000_000;

	private static final int CONFLICT = 409;

	private static final String NO_SUCH_JOB = "There is no such job: it was never submitted, or its retention is over.";

	private final TaskQueueEndpoint endpoint;

	private final TaskQueueActions actions;

	private final Show showValues;

	private final Set<String> roles;

	/**
	 * Creates it.
	 * @param endpoint answers
	 * @param queue does what is asked for
	 * @param rows the rows of the crontab
	 * @param worker gives the worker of this application, or null
	 * @param showValues when to show arguments and results
	 * @param roles who may see them
	 */
	public TaskQueueEndpointWebExtension(TaskQueueEndpoint endpoint, TaskQueue queue, CrontabRows rows,
			Supplier<@Nullable WorkerControl> worker, Show showValues, Set<String> roles) {
		this.endpoint = endpoint;
		this.actions = new TaskQueueActions(queue, rows, worker);
		this.showValues = showValues;
		this.roles = roles;
	}

	/**
	 * Everything at a glance.
	 * @param securityContext who asks
	 * @return the overview, or why it cannot be given
	 */
	@ReadOperation
	public WebEndpointResponse<Object> overview(SecurityContext securityContext) {
		return answer(() -> this.endpoint.overview(isShown(securityContext)));
	}

	/**
	 * One part in full.
	 * @param securityContext who asks
	 * @param path the part: there are no literal sub-paths in an endpoint
	 * @param state of jobs
	 * @param queue of jobs
	 * @param function of jobs
	 * @param reason of the latest error of jobs
	 * @param idPrefix how the ids of jobs begin
	 * @param limit the most jobs, or rows that recur
	 * @param after the id of the last job, or row, of the page before
	 * @return the part, or why it cannot be given
	 */
	@ReadOperation
	public WebEndpointResponse<Object> part(SecurityContext securityContext,
			@Selector(match = Match.ALL_REMAINING) String[] path, @Nullable String state, @Nullable String queue,
			@Nullable String function, @Nullable String reason, @Nullable String idPrefix, @Nullable String limit,
			@Nullable String after) {
		boolean showValues = isShown(securityContext);
		return switch (String.join("/", path)) {
			case "jobs" -> answer(() -> this.endpoint.jobs(JobQueryText.of(state, queue, function, reason, idPrefix),
					limit(limit, DEFAULT_LIMIT, MAX_LIMIT), after, showValues));
			case "queues" -> answer(this.endpoint::queues);
			case "workers" -> answer(this.endpoint::workers);
			case "functions" -> answer(this.endpoint::functions);
			case "crontab" ->
				answer(() -> this.endpoint.crontab(showValues, limit(limit, DEFAULT_LIMIT, MAX_LIMIT), after));
			default -> (path.length == 2 && path[0].equals("jobs")) ? job(path[1], showValues)
					: problem(WebEndpointResponse.STATUS_NOT_FOUND,
							"There is no such path. There are: jobs, jobs/{id}, queues, workers, functions, crontab.");
		};
	}

	/**
	 * Does something to a job, to many, to a queue, to a function, to a row of the
	 * crontab or to this application's worker.
	 * @param path what it is done to: {@code jobs/{id}}, {@code jobs},
	 * {@code queues/{name}}, {@code functions/{name}}, {@code crontab/{id}},
	 * {@code workers/{id}}
	 * @param action what is done
	 * @param at the new time of {@code reschedule}
	 * @param until the end of {@code revoke}, if it has one
	 * @param params of {@code edit}, of a row too: the positional arguments as JSON
	 * @param kwargs of {@code edit}, of a row too: the arguments by name as JSON
	 * @param priority of {@code edit}
	 * @param runAt of {@code edit}
	 * @param timeout of {@code edit}
	 * @param maxAttempts of {@code edit}
	 * @param state of the jobs that are meant
	 * @param queue of the jobs that are meant; or of {@code edit}
	 * @param function of the jobs that are meant
	 * @param reason of the latest error of the jobs that are meant
	 * @param idPrefix how the ids of the jobs begin that are meant
	 * @param createdAfter when the jobs were submitted at the earliest that are meant
	 * @param createdBefore before when the jobs were submitted that are meant
	 * @param limit the most jobs
	 * @param concurrency the most attempts at a time
	 * @param cron of {@code edit} of a row, as the following ones
	 * @param every the new interval
	 * @param zone the new zone of the cron expression
	 * @param startTime no run before it
	 * @param endTime no run after it
	 * @param misfire what is to become of missed times
	 * @param whileRunning what is to happen while the last job goes on
	 * @return what was done, or why it was not
	 */
	@WriteOperation
	public WebEndpointResponse<Object> act(@Selector(match = Match.ALL_REMAINING) String[] path,
			@Nullable String action, @Nullable String at, @Nullable String until, @Nullable String params,
			@Nullable String kwargs, @Nullable String priority, @Nullable String runAt, @Nullable String timeout,
			@Nullable String maxAttempts, @Nullable String state, @Nullable String queue, @Nullable String function,
			@Nullable String reason, @Nullable String idPrefix, @Nullable String createdAfter,
			@Nullable String createdBefore, @Nullable String limit, @Nullable String concurrency, @Nullable String cron,
			@Nullable String every, @Nullable String zone, @Nullable String startTime, @Nullable String endTime,
			@Nullable String misfire, @Nullable String whileRunning) {
		if (path.length == 1 && path[0].equals("jobs")) {
			return answer(() -> this.actions.jobs(JobQueryText
				.between(JobQueryText.of(state, queue, function, reason, idPrefix), createdAfter, createdBefore)
				.limit(limit(limit, DEFAULT_BULK, MAX_BULK)), action, at));
		}
		return switch ((path.length == 2) ? path[0] : "") {
			case "jobs" -> answer(() -> this.actions.job(path[1], action, at,
					new JobChangeText(params, kwargs, queue, priority, runAt, timeout, maxAttempts)));
			case "queues" -> answer(() -> this.actions.queue(path[1], action));
			case "functions" -> answer(() -> this.actions.function(path[1], action, until));
			case "crontab" -> answer(
					() -> this.actions.row(path[1], action,
							new RowEdit(cron, every, zone, params, kwargs, startTime, endTime, queue, priority, misfire,
									whileRunning)),
					"There is no such row in the crontab. GET taskqueue/crontab lists those that recur.");
			case "workers" -> answer(() -> this.actions.worker(path[1], action, concurrency),
					"This application runs no such worker. Ask the application whose worker it is.");
			default -> problem(WebEndpointResponse.STATUS_NOT_FOUND,
					"There is no such path to act on. There are: jobs/{id}, jobs, queues/{name}, functions/{name}, "
							+ "crontab/{id}, workers/{id}.");
		};
	}

	private WebEndpointResponse<Object> job(String id, boolean showValues) {
		return answer(() -> this.endpoint.job(id, showValues).orElse(null));
	}

	private boolean isShown(SecurityContext securityContext) {
		return this.showValues.isShown(securityContext, this.roles);
	}

	private static int limit(@Nullable String text, int otherwise, int most) {
		try {
			int limit = (text != null) ? Integer.parseInt(text) : otherwise;
			if (limit >= 1 && limit <= most) {
				return limit;
			}
		}
		catch (NumberFormatException ex) {
			// said below
		}
		throw new IllegalArgumentException("limit is '" + text + "', expected a number from 1 to " + most
				+ ((most == MAX_LIMIT) ? ". Read page by page with 'after'." : ". Repeat the action for more."));
	}

	private static WebEndpointResponse<Object> answer(Supplier<? extends @Nullable Object> question) {
		return answer(question, NO_SUCH_JOB);
	}

	private static WebEndpointResponse<Object> answer(Supplier<? extends @Nullable Object> question, String none) {
		try {
			Object found = question.get();
			return (found != null) ? new WebEndpointResponse<>(found)
					: problem(WebEndpointResponse.STATUS_NOT_FOUND, none);
		}
		catch (JobStateException | DuplicateJobException ex) {
			return problem(CONFLICT, String.valueOf(ex.getMessage()));
		}
		catch (IllegalArgumentException ex) {
			return problem(WebEndpointResponse.STATUS_BAD_REQUEST, String.valueOf(ex.getMessage()));
		}
		catch (TaskQueueException | MongoException ex) {
			return problem(UNAVAILABLE, String.valueOf(ex.getMessage()));
		}
	}

	private static WebEndpointResponse<Object> problem(int status, String message) {
		return new WebEndpointResponse<>(new ProblemDescriptor(message), status);
	}

}
