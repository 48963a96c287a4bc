package dev.taskqueue.crontab;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What the crontab asks of the functions of this node.
 */
@FunctionalInterface
interface KnownFunctions {

	/**
	 * A function of this node.
	 * @param name its name
	 * @return the function, or null where this node has none of that name
	 */
	@Nullable KnownFunction find(String name);

	/**
	 * A function of this node.
	 *
	 * @param queue of its jobs whose row names none
	 * @param priority of its jobs whose row has none
	 * @param maxAttempts of its jobs whose row has none, or null for the setting
	 * @param check tells what is wrong with arguments, or null
	 * @param uniqueKey of its jobs whose row has none
	 * @param uniqueFor how long such a key is held at least, or null
	 */
	record KnownFunction(String queue, int priority, @Nullable Integer maxAttempts, ArgumentCheck check,
			KeyOfArguments uniqueKey, @Nullable Duration uniqueFor) {
	}

	/**
	 * Whether arguments fit a function.
	 */
	@FunctionalInterface
	interface ArgumentCheck {

		/**
		 * Checks.
		 * @param params the positional arguments in plain Java
		 * @param kwargs the arguments by name in plain Java
		 * @return what is wrong, or null
		 */
		@Nullable RowError check(List<?> params, Map<String, ?> kwargs);

	}

	/**
	 * The unique key that a function gives its jobs.
	 */
	@FunctionalInterface
	interface KeyOfArguments {

		/**
		 * The key for arguments that fit.
		 * @param params the positional arguments in plain Java
		 * @param kwargs the arguments by name in plain Java
		 * @return the key, or null where the function gives none
		 * @throws BadRow if it has none for these arguments
		 */
		@Nullable String of(List<?> params, Map<String, ?> kwargs);

	}

}
