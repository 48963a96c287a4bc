package dev.taskqueue.function;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

import dev.taskqueue.FunctionOptions;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobFunctions;
import dev.taskqueue.RetryPolicy;
import dev.taskqueue.function.Parameter.Kind;
import org.springframework.context.ApplicationContext;
import org.springframework.util.ClassUtils;

/**
 * The functions of this application that are handlers instead of annotated methods.
 */
public final class HandlerFunctions implements JobFunctions {

	private static final Method HANDLE = ClassUtils.getMethod(Handler.class, "handle", Object.class, JobContext.class);

	private static final Method HANDLE_RAW = ClassUtils.getMethod(RawHandler.class, "handle", List.class, Map.class,
			JobContext.class);

	private final ApplicationContext application;

	private final ArgumentMapper mapper;

	private final Map<String, JobFunction> registered = new HashMap<>();

	private @Nullable FunctionRegistry registry;

	/**
	 * Creates one without functions.
	 * @param application the application
	 * @param mapper converts arguments and results
	 */
	public HandlerFunctions(ApplicationContext application, ArgumentMapper mapper) {
		this.application = application;
		this.mapper = mapper;
	}

	/**
	 * Adds what is registered so far to others.
	 * @param registry the functions that are known by then
	 * @throws InvalidFunctionException if two have one name
	 */
	public synchronized void addTo(FunctionRegistry registry) {
		this.registered.values().forEach(registry::add);
	}

	/**
	 * Adds what is registered so far to the functions of the application, and from now on
	 * each one that comes.
	 * @param registry all others
	 * @throws InvalidFunctionException if two have one name
	 */
	public synchronized void joinTo(FunctionRegistry registry) {
		addTo(registry);
		this.registry = registry;
	}

	@Override
	public <T> Registration register(String name, Class<T> type, Handler<T> handler, FunctionOptions options) {
		JavaType javaType = this.mapper.types().constructType(type);
		String refusal = this.mapper.refusal(javaType);
		if (refusal != null) {
			throw new IllegalArgumentException("Function '" + name + "': " + refusal
					+ ". Give a type that arguments convert to, such as a record.");
		}
		List<Parameter> parameters = List.of(new Parameter("request", Kind.ARGUMENT, javaType, false, false),
				context());
		String signature = "handler(" + ArgumentMapper.text(javaType) + ")";
		return register(name, signature, HANDLE, handler, parameters,
				new Arguments(name, signature, parameters, this.mapper, this.application), options);
	}

	@Override
	public Registration register(String name, RawHandler handler, FunctionOptions options) {
		JavaType list = this.mapper.types().constructCollectionType(List.class, Object.class);
		JavaType map = this.mapper.types().constructMapType(Map.class, String.class, Object.class);
		String subject = "Function '" + name + "': ";
		List<Parameter> parameters = List.of(new Parameter("params", Kind.ARGUMENT, list, false, false),
				new Parameter("kwargs", Kind.ARGUMENT, map, false, false), context());
		return register(name, "handler(params, kwargs)", HANDLE_RAW, handler, parameters,
				(params, kwargs,
						context) -> new @Nullable Object[] { this.mapper.convert(params, list, subject, "params"),
								this.mapper.convert(kwargs, map, subject, "kwargs"), context },
				options);
	}

	private Parameter context() {
		return new Parameter("context", Kind.JOB_CONTEXT, this.mapper.types().constructType(JobContext.class), true,
				false);
	}

	private synchronized Registration register(String name, String signature, Method method, Object handler,
			List<Parameter> parameters, ArgumentBinder arguments, FunctionOptions options) {
		if (name.isBlank() || !name.equals(name.strip()) || name.startsWith("$")) {
			throw new IllegalArgumentException("The function has the name '" + name
					+ "': expected one that is not blank, has no blanks around it and does not begin with '$'.");
		}
		JobFunction function = new JobFunction(name, settings(name, options, parameters), signature,
				method.getDeclaringClass(), method, "jobFunctions", () -> handler, arguments, this.mapper);
		JobFunction other = this.registered.get(name);
		if (other == null && this.registry != null) {
			other = this.registry.find(name);
		}
		if (other != null) {
			throw new IllegalStateException("There is a function '" + name + "' already: " + other.signature()
					+ ". Take another name, or unregister that one first if it is a handler too.");
		}
		if (this.registry != null) {
			this.registry.add(function);
		}
		this.registered.put(name, function);
		return new Registered(function);
	}

	@Override
	public synchronized boolean unregister(String name) {
		JobFunction function = this.registered.get(name);
		if (function != null) {
			return remove(function);
		}
		JobFunction other = (this.registry != null) ? this.registry.find(name) : null;
		if (other != null) {
			throw new IllegalArgumentException("Function '" + name + "' is the @AsyncJob method " + other.signature()
					+ ", which stays. To have its jobs wait, pause their queue; to cancel them, revoke the function.");
		}
		return false;
	}

	private synchronized boolean remove(JobFunction function) {
		boolean removed = this.registered.remove(function.name(), function);
		if (removed && this.registry != null) {
			this.registry.remove(function);
		}
		return removed;
	}

	private static JobFunction.Settings settings(String name, FunctionOptions options, List<Parameter> parameters) {
		if (options.uniqueFor() != null && options.uniqueBy() == null) {
			throw new IllegalArgumentException("Function '" + name + "': uniqueFor is '" + options.uniqueFor()
					+ "': expected a uniqueBy beside it, which says what key is held.");
		}
		List<Duration> backoff = options.backoff();
		RetryPolicy policy = (backoff.size() > 1) ? RetryPolicy.delays(backoff.toArray(Duration[]::new))
				: options.retryPolicy();
		return new JobFunction.Settings(options.queue(), options.priority(), options.maxAttempts(),
				(backoff.size() == 1) ? backoff.get(0) : null, (policy != null) ? given(policy) : null,
				options.noRetryFor(), options.timeout(), options.retention(), options.onWorkerLoss(), null,
				read(name, "uniqueBy", options.uniqueBy(), (text) -> UniqueBy.parse(name, text, parameters)),
				options.uniqueFor(),
				read(name, "lock", options.lock(), (text) -> LockName.parse(name, text, parameters)));
	}

	private static <T> @Nullable T read(String name, String option, @Nullable String text, Function<String, T> reader) {
		try {
			return (text != null) ? reader.apply(text) : null;
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(
					"Function '" + name + "': " + option + " is '" + text + "': " + ex.getMessage() + ".", ex);
		}
	}

	private static Supplier<RetryPolicy> given(RetryPolicy policy) {
		return () -> policy;
	}

	/** One of them. */
	private final class Registered implements Registration {

		private final JobFunction function;

		Registered(JobFunction function) {
			this.function = function;
		}

		@Override
		public String name() {
			return this.function.name();
		}

		@Override
		public void close() {
			remove(this.function);
		}

	}

}
