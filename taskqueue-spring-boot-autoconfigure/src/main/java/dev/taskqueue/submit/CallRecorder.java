package dev.taskqueue.submit;

import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobCall;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.AopConfigException;
import org.springframework.aop.framework.ProxyFactory;

/**
 * Records the one call that a lambda makes on a stand-in for a bean. The stand-in is a
 * subclass, or an implementation of the interface, whose methods do nothing; it is kept
 * with its class, since making one takes 100 times as long as a call. Safe for several
 * threads: each records for itself.
 */
public final class CallRecorder {

	private static final ThreadLocal<@Nullable Recording> current = new ThreadLocal<>();

	private final ClassValue<Object> standIns = new ClassValue<>() {

		@Override
		protected Object computeValue(Class<?> type) {
			return standInFor(type);
		}

	};

	/**
	 * Runs the lambda on a stand-in.
	 * @param <B> the bean's type
	 * @param type the class or interface; not final, no record, without final methods
	 * @param call the lambda
	 * @return the call
	 * @throws IllegalArgumentException if the type cannot be stood in for, or if another
	 * number of calls than one was made; the message says what to do
	 */
	public <B> RecordedCall record(Class<B> type, JobCall<B> call) {
		B standIn = type.cast(this.standIns.get(type));
		Recording outer = current.get();
		Recording recording = new Recording(type);
		current.set(recording);
		try {
			call.on(standIn);
		}
		catch (Refused ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IllegalArgumentException("The lambda for " + type.getName() + " threw " + ex
					+ ". It is recorded and not run: let it do nothing but call one method.", ex);
		}
		finally {
			if (outer != null) {
				current.set(outer);
			}
			else {
				current.remove();
			}
		}
		return recording.result();
	}

	private static Object standInFor(Class<?> type) {
		refuseWhatCannotBeStoodInFor(type);
		ProxyFactory factory = new ProxyFactory();
		factory.setOpaque(true);
		if (type.isInterface()) {
			factory.addInterface(type);
		}
		else {
			factory.setTargetClass(type);
			factory.setProxyTargetClass(true);
		}
		factory.addAdvice((MethodInterceptor) CallRecorder::intercept);
		try {
			return factory.getProxy(type.getClassLoader());
		}
		catch (AopConfigException ex) {
			throw new Refused(type.getName() + " has no stand-in to record a call on: " + ex.getMessage()
					+ ". Give a class that is not private, an interface of it, or enqueue the function by its name.",
					ex);
		}
	}

	private static void refuseWhatCannotBeStoodInFor(Class<?> type) {
		if (type.isPrimitive() || type.isArray() || type.isAnnotation()) {
			throw new Refused(type.getName() + " is no type of a bean. Give the class that has the method.");
		}
		if (Modifier.isFinal(type.getModifiers()) || type.isSealed()) {
			throw new Refused(type.getName() + " is " + kind(type) + ", so a call of it cannot be recorded. "
					+ "Give an interface of it, make it open, or enqueue the function by its name.");
		}
		for (Class<?> owner = type; owner != null && !isForeign(owner); owner = owner.getSuperclass()) {
			for (Method method : owner.getDeclaredMethods()) {
				if (!isRecordable(method)) {
					throw new Refused("%s.%s is %s: a call of it would run it on a bean without its fields, now. "
						.formatted(owner.getName(), method.getName(),
								Modifier.toString(method.getModifiers() & (Modifier.FINAL | Modifier.PRIVATE)))
							+ "Make the method open, give an interface of the class, or enqueue the function by its name.");
				}
			}
		}
	}

	private static String kind(Class<?> type) {
		if (type.isRecord()) {
			return "a record";
		}
		if (type.isEnum()) {
			return "an enum";
		}
		return type.isSealed() ? "sealed" : "final";
	}

	private static boolean isForeign(Class<?> type) {
		return type.getName().startsWith("java.") || type.getName().startsWith("org.springframework.");
	}

	/**
	 * Which method the lambda calls is seen too late, as a final one is not intercepted.
	 * So none may be in reach; protected and private ones are out of it, mostly, unless
	 * they are functions.
	 */
	private static boolean isRecordable(Method method) {
		int modifiers = method.getModifiers();
		if (Modifier.isStatic(modifiers) || method.isSynthetic()) {
			return true;
		}
		boolean inReach = method.isAnnotationPresent(AsyncJob.class)
				|| !(Modifier.isPrivate(modifiers) || Modifier.isProtected(modifiers));
		return !inReach || !(Modifier.isFinal(modifiers) || Modifier.isPrivate(modifiers));
	}

	private static @Nullable Object intercept(MethodInvocation invocation) {
		Method method = invocation.getMethod();
		Recording recording = current.get();
		if (recording == null) {
			throw new Refused(method.getDeclaringClass().getName() + "." + method.getName()
					+ " was called on the stand-in after its recording had ended. Do not keep the lambda's parameter, "
					+ "and call it in the lambda's own thread.");
		}
		recording.add(method, invocation.getArguments());
		Class<?> returned = method.getReturnType();
		return (returned.isPrimitive() && returned != void.class) ? Array.get(Array.newInstance(returned, 1), 0) : null;
	}

	private static final class Recording {

		private final Class<?> type;

		private final List<RecordedCall> calls = new ArrayList<>(1);

		Recording(Class<?> type) {
			this.type = type;
		}

		void add(Method method, @Nullable Object[] arguments) {
			List<@Nullable Object> args = new ArrayList<>(arguments.length);
			Collections.addAll(args, arguments);
			this.calls.add(new RecordedCall(this.type, method, Collections.unmodifiableList(args)));
			check(this.calls.size() == 1);
			if (method.getDeclaringClass() == Object.class) {
				throw new Refused("The lambda for " + this.type.getName() + " called " + method.getName()
						+ "() of Object, expected one method that is a function. Correct the lambda.");
			}
		}

		/** A lambda may have caught what its second call threw. */
		RecordedCall result() {
			check(this.calls.size() == 1);
			return this.calls.get(0);
		}

		private void check(boolean isOne) {
			if (isOne) {
				return;
			}
			if (this.calls.isEmpty()) {
				throw new Refused("The lambda for " + this.type.getName() + " recorded no call, expected one call of "
						+ "one method that is a function. Call it on the lambda's parameter; static, private and "
						+ "Object's methods are not recorded.");
			}
			throw new Refused("The lambda for " + this.type.getName() + " called "
					+ String.join(", then ", this.calls.stream().map((call) -> call.method().getName()).toList())
					+ ", expected one call. Enqueue a job for each.");
		}

	}

	/** Tells what this class says from what a lambda throws. */
	private static final class Refused extends IllegalArgumentException {

		Refused(String message) {
			super(message);
		}

		Refused(String message, Throwable cause) {
			super(message, cause);
		}

	}

}
