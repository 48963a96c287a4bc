package dev.taskqueue.actuate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.InvocationContext;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvoker;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvokerAdvisor;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameters;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * Refuses orders to the endpoint with a field that the action does not know, and
 * questions with a parameter that the path does not know: Boot leaves such a one out, so
 * a filter with a slip of the pen would mean all jobs.
 */
public final class KnownFields implements OperationInvokerAdvisor {

	private static final EndpointId ENDPOINT = EndpointId.of("taskqueue");

	private static final List<String> OF_PAGES = List.of("limit", "after");

	private static final List<String> OF_JOBS = List.of("state", "queue", "function", "reason", "idPrefix", "limit",
			"after");

	private static final String PATH = "path";

	private static final String ACTION = "action";

	@Override
	public OperationInvoker apply(EndpointId endpoint, OperationType type, OperationParameters parameters,
			OperationInvoker invoker) {
		return endpoint.equals(ENDPOINT) ? (context) -> {
			String problem = (type == OperationType.READ) ? question(context) : order(context);
			return (problem != null)
					? new WebEndpointResponse<>(new ProblemDescriptor(problem), WebEndpointResponse.STATUS_BAD_REQUEST)
					: invoker.invoke(context);
		} : invoker;
	}

	private static @Nullable String question(InvocationContext context) {
		Map<String, Object> given = context.getArguments();
		String path = (given.get(PATH) instanceof String[] parts) ? String.join("/", parts) : "";
		List<String> known = parameters(path);
		return (known == null) ? null
				: given.keySet()
					.stream()
					.filter((parameter) -> !parameter.equals(PATH) && !known.contains(parameter))
					.map((parameter) -> "There is a parameter '%s', expected for '%s' %s. Correct it, or leave it out."
						.formatted(parameter, path.isEmpty() ? "taskqueue" : path,
								known.isEmpty() ? "none" : "only " + String.join(", ", known)))
					.findFirst()
					.orElse(null);
	}

	/** Null where the endpoint says what is wrong with the path. */
	private static @Nullable List<String> parameters(String path) {
		return switch (path) {
			case "jobs" -> OF_JOBS;
			case "crontab" -> OF_PAGES;
			case "", "queues", "workers", "functions" -> List.of();
			default -> path.matches("jobs/[^/]+") ? List.of() : null;
		};
	}

	private static @Nullable String order(InvocationContext context) {
		Map<String, Object> given = context.getArguments();
		List<String> known = (given.get(PATH) instanceof String[] path && path.length <= 2)
				? TaskQueueActions.fields(path[0], path.length == 2, String.valueOf(given.get(ACTION))) : null;
		if (known == null) {
			// the endpoint says what is wrong with the path or the action
			return null;
		}
		List<String> fields = new ArrayList<>(known);
		fields.add(PATH);
		fields.add(ACTION);
		return given.entrySet()
			.stream()
			.filter((field) -> field.getValue() != null && !fields.contains(field.getKey()))
			.map((field) -> "The order has a field '%s', expected for '%s' here %s. Correct it, or leave it out."
				.formatted(field.getKey(), given.get(ACTION),
						known.isEmpty() ? "none besides the action" : "only " + String.join(", ", known)))
			.findFirst()
			.orElse(null);
	}

}
