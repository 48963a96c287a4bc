package dev.taskqueue.actuate;

import java.time.Duration;

import dev.taskqueue.function.JobFunction;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * A function. What is null is left to the properties.
 *
 * @param name the name that jobs call it by
 * @param signature the method
 * @param queue of its jobs that name none
 * @param priority of its jobs that have none
 * @param maxAttempts attempts in all
 * @param timeout of an attempt
 * @param revoked whether its jobs are cancelled instead of run
 */
public record FunctionDescriptor(String name, String signature, String queue, int priority,
		@Nullable Integer maxAttempts, @Nullable Duration timeout, boolean revoked) implements OperationResponseBody {

	static FunctionDescriptor of(JobFunction function, boolean revoked) {
		return new FunctionDescriptor(function.name(), function.signature(), function.queue(), function.priority(),
				function.maxAttempts(), function.timeout(), revoked);
	}

}
