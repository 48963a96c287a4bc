package dev.taskqueue.function;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.RetryPolicy;
import dev.taskqueue.WorkerLoss;
import org.springframework.aop.support.AopUtils;
import org.springframework.util.ReflectionUtils;

/**
 * The named code that a job runs: an {@link AsyncJob} method of a bean, or a handler.
 * Safe for several threads.
 */
public final class JobFunction {

	private final String name;

	private final Settings settings;

	private final String signature;

	private final Class<?> type;

	private final Method method;

	private final String beanName;

	private final Supplier<Object> bean;

	private final ArgumentBinder arguments;

	private final ArgumentMapper mapper;

	/** How the bean was called last: it is of the same class each time, mostly. */
	private volatile @Nullable Invocable invocable;

	JobFunction(String name, Settings settings, String signature, Class<?> type, Method method, String beanName,
			Supplier<Object> bean, ArgumentBinder arguments, ArgumentMapper mapper) {
		this.name = name;
		this.settings = settings;
		this.signature = signature;
		this.type = type;
		this.method = method;
		this.beanName = beanName;
		this.bean = bean;
		this.arguments = arguments;
		this.mapper = mapper;
	}

	/**
	 * The name by which jobs call it.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * The queue of jobs that name none.
	 * @return the queue, {@code default} when unset
	 */
	public String queue() {
		return this.settings.queue();
	}

	/**
	 * The priority of jobs that have none.
	 * @return the priority, 0 when unset
	 */
	public int priority() {
		return this.settings.priority();
	}

	/**
	 * How many attempts a job has.
	 * @return from 1, or null when unset
	 */
	public @Nullable Integer maxAttempts() {
		return this.settings.maxAttempts();
	}

	/**
	 * The wait before the second attempt.
	 * @return the wait, or null when unset
	 */
	public @Nullable Duration backoff() {
		return this.settings.backoff();
	}

	/**
	 * What decides about further attempts.
	 * @return the function's own policy, or null when unset
	 */
	public @Nullable RetryPolicy retryPolicy() {
		Supplier<RetryPolicy> policy = this.settings.retryPolicy();
		return (policy != null) ? policy.get() : null;
	}

	/**
	 * After which exceptions no attempt follows.
	 * @return the types, none when unset
	 */
	public List<Class<? extends Throwable>> noRetryFor() {
		return this.settings.noRetryFor();
	}

	/**
	 * How long an attempt may take.
	 * @return the time; zero is no limit; null when unset
	 */
	public @Nullable Duration timeout() {
		return this.settings.timeout();
	}

	/**
	 * How long a job that succeeded is kept.
	 * @return the time; zero removes it as it ends; null when unset
	 */
	public @Nullable Duration retention() {
		return this.settings.retention();
	}

	/**
	 * The lock that its jobs take while they run.
	 * @param params the stored positional arguments
	 * @param kwargs the stored arguments by name
	 * @return the name of the lock, or null when unset
	 * @throws InvalidArgumentException if it depends on arguments that do not fit, or
	 * from which no name comes
	 */
	public @Nullable String lock(List<?> params, Map<String, ?> kwargs) {
		LockName lock = this.settings.lock();
		if (lock == null) {
			return null;
		}
		return lock.of(() -> this.arguments.bind(params, kwargs, null));
	}

	/**
	 * What happens to a job whose worker died while it ran.
	 * @return what the annotation says
	 */
	public WorkerLoss onWorkerLoss() {
		return this.settings.onWorkerLoss();
	}

	/**
	 * When it is run again and again without being submitted.
	 * @return what the annotation says, or null when it says nothing
	 */
	public @Nullable Periodic periodic() {
		return this.settings.periodic();
	}

	/**
	 * Whether its jobs have a unique key without being given one.
	 * @return true if the annotation says what it is
	 */
	public boolean isUnique() {
		return this.settings.uniqueBy() != null;
	}

	/**
	 * The unique key that its jobs have by themselves.
	 * @param params the stored positional arguments
	 * @param kwargs the stored arguments by name
	 * @return the function's name, a colon and the value; null where the annotation says
	 * nothing
	 * @throws IllegalArgumentException if they do not fit, or if the value is null
	 */
	public @Nullable String uniqueKey(List<?> params, Map<String, ?> kwargs) {
		UniqueBy uniqueBy = this.settings.uniqueBy();
		return (uniqueBy != null) ? this.name + ":" + uniqueBy.value(this.arguments.bind(params, kwargs, null)) : null;
	}

	/**
	 * How long a key of {@link #uniqueKey} is held at least.
	 * @return the time, counted from the submit; null for no longer than the job
	 */
	public @Nullable Duration uniqueFor() {
		return this.settings.uniqueFor();
	}

	/**
	 * The method, for messages and for people.
	 * @return such as {@code MailJobs.send(String, int)}
	 */
	public String signature() {
		return this.signature;
	}

	/**
	 * Converts the arguments of an attempt. Creates no bean.
	 * @param params the stored positional arguments
	 * @param kwargs the stored arguments by name, for the parameters that the positional
	 * ones leave open
	 * @param context the attempt
	 * @return the call, to be made once
	 * @throws InvalidArgumentException if they do not fit
	 */
	public Call bind(List<?> params, Map<String, ?> kwargs, JobContext context) {
		@Nullable Object[] values = this.arguments.bind(params, kwargs, context);
		return () -> invoke(values);
	}

	/**
	 * Makes the checks of {@link #bind} without an attempt.
	 * @param params the stored positional arguments
	 * @param kwargs the stored arguments by name
	 * @throws InvalidArgumentException if they do not fit
	 */
	public void check(List<?> params, Map<String, ?> kwargs) {
		this.arguments.bind(params, kwargs, null);
	}

	private @Nullable Object invoke(@Nullable Object[] values) throws Exception {
		Object target = this.bean.get();
		Object result;
		try {
			result = invocable(target).invoke(target, values);
		}
		catch (InvocationTargetException ex) {
			throw unwrapped(ex);
		}
		return this.mapper.toPlain(awaited(result), "result");
	}

	private Method invocable(Object target) {
		Invocable known = this.invocable;
		if (known == null || known.type != target.getClass()) {
			requireNotFinal(target);
			Method method = AopUtils.selectInvocableMethod(this.method, target.getClass());
			ReflectionUtils.makeAccessible(method);
			known = new Invocable(target.getClass(), method);
			this.invocable = known;
		}
		return known.method;
	}

	/**
	 * A proxy by subclass does not intercept a final method: it would run on the proxy's
	 * empty fields.
	 */
	private void requireNotFinal(Object target) {
		if (isFinalOnProxy(target)) {
			throw new IllegalStateException("Function '" + this.name + "': " + this.signature
					+ " is final, and its bean is a proxy by subclass, which cannot pass it on. Make it not final.");
		}
	}

	boolean isFinalOnProxy(Object target) {
		return AopUtils.isCglibProxy(target) && Modifier.isFinal(this.method.getModifiers());
	}

	/** An attempt lasts until its result is there; its interrupt ends the waiting. */
	private static @Nullable Object awaited(@Nullable Object result) throws Exception {
		Future<?> future = (result instanceof CompletionStage<?> stage) ? stage.toCompletableFuture()
				: (result instanceof Future<?> plain) ? plain : null;
		if (future == null) {
			return result;
		}
		try {
			return future.get();
		}
		catch (ExecutionException ex) {
			throw unwrapped(ex);
		}
		catch (InterruptedException ex) {
			future.cancel(true);
			throw ex;
		}
	}

	private static Exception unwrapped(Exception wrapper) {
		Throwable cause = wrapper.getCause();
		if (cause instanceof Error error) {
			throw error;
		}
		if (cause instanceof Exception exception) {
			return exception;
		}
		return (cause != null) ? new UndeclaredThrowableException(cause) : wrapper;
	}

	Class<?> type() {
		return this.type;
	}

	Method method() {
		return this.method;
	}

	String beanName() {
		return this.beanName;
	}

	@Override
	public String toString() {
		return this.name + " = " + this.signature;
	}

	/**
	 * What the annotation says besides the name.
	 */
	record Settings(String queue, int priority, @Nullable Integer maxAttempts, @Nullable Duration backoff,
			@Nullable Supplier<RetryPolicy> retryPolicy, List<Class<? extends Throwable>> noRetryFor,
			@Nullable Duration timeout, @Nullable Duration retention, WorkerLoss onWorkerLoss,
			@Nullable Periodic periodic, @Nullable UniqueBy uniqueBy, @Nullable Duration uniqueFor,
			@Nullable LockName lock) {
	}

	/**
	 * When a function is run again and again. One of cron and every is there, and can be
	 * read.
	 *
	 * @param cron a cron expression, or null
	 * @param every an interval, or null
	 * @param zone the zone of cron, or null for the setting
	 */
	public record Periodic(@Nullable String cron, @Nullable String every, @Nullable ZoneId zone) {
	}

	private record Invocable(Class<?> type, Method method) {
	}

	/**
	 * A call with its arguments.
	 */
	@FunctionalInterface
	public interface Call {

		/**
		 * Calls the bean's method and waits for its result, also if that is a
		 * {@code CompletionStage} or a {@code Future}.
		 * @return the result as {@link ArgumentMapper#toPlain} gives it, or null
		 * @throws InvalidArgumentException with the field {@code result}, if the method
		 * returned what cannot be stored; it has run then
		 * @throws Exception what the method threw
		 */
		@Nullable Object invoke() throws Exception;

	}

}
