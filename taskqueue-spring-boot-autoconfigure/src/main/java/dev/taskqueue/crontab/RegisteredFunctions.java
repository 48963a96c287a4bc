package dev.taskqueue.crontab;

import java.util.List;
import java.util.Map;

import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.function.InvalidArgumentException;
import dev.taskqueue.function.JobFunction;
import org.jspecify.annotations.Nullable;

/**
 * The functions that this node has registered.
 */
final class RegisteredFunctions implements KnownFunctions {

	private final FunctionRegistry registry;

	RegisteredFunctions(FunctionRegistry registry) {
		this.registry = registry;
	}

	@Override
	public @Nullable KnownFunction find(String name) {
		JobFunction function = this.registry.find(name);
		return (function != null) ? new KnownFunction(function.queue(), function.priority(), function.maxAttempts(),
				(params, kwargs) -> check(function, params, kwargs),
				(params, kwargs) -> uniqueKey(function, params, kwargs), function.uniqueFor()) : null;
	}

	private static @Nullable String uniqueKey(JobFunction function, List<?> params, Map<String, ?> kwargs) {
		try {
			return function.uniqueKey(params, kwargs);
		}
		catch (IllegalArgumentException ex) {
			throw new BadRow(RowError.of(RowFields.UNIQUE_KEY, null, String.valueOf(ex.getMessage())));
		}
	}

	private static @Nullable RowError check(JobFunction function, List<?> params, Map<String, ?> kwargs) {
		try {
			function.check(params, kwargs);
			return null;
		}
		catch (InvalidArgumentException ex) {
			return RowError.of(ex.getField(), ex.getValue(), String.valueOf(ex.getMessage()));
		}
	}

}
