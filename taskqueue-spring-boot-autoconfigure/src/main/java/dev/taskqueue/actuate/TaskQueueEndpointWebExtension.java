package dev.taskqueue.actuate;

import java.util.Set;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.client.JobFilter;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * The paths of the endpoint: {@code jobs}, {@code jobs/{id}}, {@code queues},
 * {@code workers}, {@code functions}, {@code crontab}.
 */
@EndpointWebExtension(endpoint = TaskQueueEndpoint.class)
public class TaskQueueEndpointWebExtension {

	private static final int DEFAULT_LIMIT = 50;

	private static final int MAX_LIMIT = 1000;

	private static final int UNAVAILABLE = 503;

	private final TaskQueueEndpoint endpoint;

	private final Show showValues;

	private final Set<String> roles;

	/**
	 * Creates it.
	 * @param endpoint answers
	 * @param showValues when to show arguments and results
	 * @param roles who may see them
	 */
	public TaskQueueEndpointWebExtension(TaskQueueEndpoint endpoint, Show showValues, Set<String> roles) {
		this.endpoint = endpoint;
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
	 * @param limit the most jobs
	 * @param after the id of the last job of the page before
	 * @return the part, or why it cannot be given
	 */
	@ReadOperation
	public WebEndpointResponse<Object> part(SecurityContext securityContext,
			@Selector(match = Match.ALL_REMAINING) String[] path, @Nullable String state, @Nullable String queue,
			@Nullable String function, @Nullable String limit, @Nullable String after) {
		boolean showValues = isShown(securityContext);
		return switch (String.join("/", path)) {
			case "jobs" ->
				answer(() -> this.endpoint.jobs(JobFilter.of(state, queue, function), limit(limit), after, showValues));
			case "queues" -> answer(this.endpoint::queues);
			case "workers" -> answer(this.endpoint::workers);
			case "functions" -> answer(this.endpoint::functions);
			case "crontab" -> answer(() -> this.endpoint.crontab(showValues));
			default -> (path.length == 2 && path[0].equals("jobs")) ? job(path[1], showValues)
					: problem(WebEndpointResponse.STATUS_NOT_FOUND,
							"There is no such path. There are: jobs, jobs/{id}, queues, workers, functions, crontab.");
		};
	}

	private WebEndpointResponse<Object> job(String id, boolean showValues) {
		return answer(() -> this.endpoint.job(id, showValues).orElse(null));
	}

	private boolean isShown(SecurityContext securityContext) {
		return this.showValues.isShown(securityContext, this.roles);
	}

	private static int limit(@Nullable String text) {
		try {
			int limit = (text != null) ? Integer.parseInt(text) : DEFAULT_LIMIT;
			if (limit >= 1 && limit <= MAX_LIMIT) {
				return limit;
			}
		}
		catch (NumberFormatException ex) {
			// said below
		}
		throw new IllegalArgumentException("limit is '" + text + "', expected a number from 1 to " + MAX_LIMIT
				+ ". Read page by page with 'after'.");
	}

	private static WebEndpointResponse<Object> answer(Supplier<? extends @Nullable Object> question) {
		try {
			Object found = question.get();
			return (found != null) ? new WebEndpointResponse<>(found) : problem(WebEndpointResponse.STATUS_NOT_FOUND,
					"There is no such job: it was never submitted, or its retention is over.");
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
