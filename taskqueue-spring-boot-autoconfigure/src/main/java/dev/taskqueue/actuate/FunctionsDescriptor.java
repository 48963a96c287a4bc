package dev.taskqueue.actuate;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The functions.
 *
 * @param functions those of this application
 * @param revoked those that are revoked, of whatever application
 */
public record FunctionsDescriptor(List<FunctionDescriptor> functions,
		List<RevocationDescriptor> revoked) implements OperationResponseBody {

	/**
	 * A function whose jobs are cancelled instead of run.
	 *
	 * @param name the function
	 * @param until when that ends; null: when it is restored
	 */
	public record RevocationDescriptor(String name, @Nullable Instant until) {
	}

}
