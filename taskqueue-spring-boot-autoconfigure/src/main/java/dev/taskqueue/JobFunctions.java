package dev.taskqueue;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Functions that are no annotated beans, registered and taken away while the application
 * runs: what plug-ins bring, or what a configuration names. A bean of every application
 * that has the starter. Jobs name such a function as they name an {@link AsyncJob}
 * method; arguments convert in the same way, and interceptors, events and the endpoint
 * know no difference.
 * <p>
 * A worker takes jobs of a new function at once, those that wait included. When the
 * function is taken away it takes no more of them: what runs ends, what does not stays
 * pending until some node has the function. Functions that are registered before the
 * application has started are there when its worker starts. Registrations are this
 * application's own and end with it. Safe for several threads.
 */
public interface JobFunctions {

	/**
	 * Registers a function of one argument.
	 * @param <T> the type of the argument
	 * @param name the name that jobs call it by, which no other function has
	 * @param type what the argument converts to: {@code params[0]}, or
	 * {@code kwargs.request}
	 * @param handler what a job runs
	 * @return the registration, to take it away again
	 * @throws IllegalArgumentException if the name cannot be one, or nothing stored
	 * converts to the type
	 * @throws IllegalStateException if there is a function of that name
	 */
	default <T> Registration register(String name, Class<T> type, Handler<T> handler) {
		return register(name, type, handler, FunctionOptions.defaults());
	}

	/**
	 * Registers a function of one argument.
	 * @param <T> the type of the argument
	 * @param name the name that jobs call it by, which no other function has
	 * @param type what the argument converts to: {@code params[0]}, or
	 * {@code kwargs.request}
	 * @param handler what a job runs
	 * @param options what the annotation says of others
	 * @return the registration, to take it away again
	 * @throws IllegalArgumentException if the name cannot be one, nothing stored converts
	 * to the type, or an expression of the options cannot work
	 * @throws IllegalStateException if there is a function of that name
	 */
	<T> Registration register(String name, Class<T> type, Handler<T> handler, FunctionOptions options);

	/**
	 * Registers a function that takes any arguments as they are stored.
	 * @param name the name that jobs call it by, which no other function has
	 * @param handler what a job runs
	 * @return the registration, to take it away again
	 * @throws IllegalArgumentException if the name cannot be one
	 * @throws IllegalStateException if there is a function of that name
	 */
	default Registration register(String name, RawHandler handler) {
		return register(name, handler, FunctionOptions.defaults());
	}

	/**
	 * Registers a function that takes any arguments as they are stored.
	 * @param name the name that jobs call it by, which no other function has
	 * @param handler what a job runs
	 * @param options what the annotation says of others
	 * @return the registration, to take it away again
	 * @throws IllegalArgumentException if the name cannot be one, or an expression of the
	 * options cannot work
	 * @throws IllegalStateException if there is a function of that name
	 */
	Registration register(String name, RawHandler handler, FunctionOptions options);

	/**
	 * Takes a function away that was registered here.
	 * @param name its name
	 * @return false if there is none of that name
	 * @throws IllegalArgumentException if the function is an {@link AsyncJob} method,
	 * which stays
	 */
	boolean unregister(String name);

	/**
	 * What a job runs.
	 *
	 * @param <T> the type of its argument
	 */
	@FunctionalInterface
	interface Handler<T> {

		/**
		 * Runs an attempt.
		 * @param request the job's argument
		 * @param context the attempt
		 * @return the job's result, or null for none; of a {@code CompletableFuture} what
		 * it gives
		 * @throws Exception if the attempt failed
		 */
		@Nullable Object handle(T request, JobContext context) throws Exception;

	}

	/** What a job runs, with arguments as they are stored. */
	@FunctionalInterface
	interface RawHandler {

		/**
		 * Runs an attempt.
		 * @param params the arguments by position, in plain Java: texts, numbers,
		 * booleans, dates, lists, maps
		 * @param kwargs the arguments by name
		 * @param context the attempt
		 * @return the job's result, or null for none; of a {@code CompletableFuture} what
		 * it gives
		 * @throws Exception if the attempt failed
		 */
		@Nullable Object handle(List<@Nullable Object> params, Map<String, @Nullable Object> kwargs, JobContext context)
				throws Exception;

	}

	/** A function that is there until it is closed. */
	interface Registration extends AutoCloseable {

		/**
		 * The function's name.
		 * @return the name
		 */
		String name();

		/** Takes the function away; nothing happens if it is gone. */
		@Override
		void close();

	}

}
