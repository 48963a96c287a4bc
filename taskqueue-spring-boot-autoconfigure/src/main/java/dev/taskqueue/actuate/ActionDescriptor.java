package dev.taskqueue.actuate;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What an action did.
 *
 * @param action its name
 * @param target what it was done to
 * @param result {@code done}; of a cancellation {@code cancelled} or {@code requested};
 * of a trigger the id of the job
 * @param jobs how many jobs were changed, where there may be many
 */
public record ActionDescriptor(String action, String target, String result,
		@Nullable Long jobs) implements OperationResponseBody {

	static ActionDescriptor done(String action, String target) {
		return new ActionDescriptor(action, target, "done", null);
	}

	static ActionDescriptor done(String action, String target, long jobs) {
		return new ActionDescriptor(action, target, "done", jobs);
	}

}
