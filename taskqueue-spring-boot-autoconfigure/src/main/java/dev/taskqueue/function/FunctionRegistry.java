package dev.taskqueue.function;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import dev.taskqueue.function.InvalidFunctionException.Kind;
import org.springframework.core.BridgeMethodResolver;
import org.springframework.util.ClassUtils;

/**
 * The functions of this application by name. Those that are annotated methods stay,
 * handlers come and go. Safe for several threads.
 */
public final class FunctionRegistry {

	private final ConcurrentNavigableMap<String, JobFunction> functions;

	private final List<Runnable> onChange = new CopyOnWriteArrayList<>();

	/** Bounded by the methods of the program. */
	private final Map<Recorded, JobFunction> recorded = new ConcurrentHashMap<>();

	private FunctionRegistry(ConcurrentNavigableMap<String, JobFunction> functions) {
		this.functions = functions;
	}

	/**
	 * Collects functions.
	 * @param functions the functions
	 * @return the registry
	 * @throws InvalidFunctionException if two have one name
	 */
	public static FunctionRegistry of(Collection<JobFunction> functions) {
		FunctionRegistry registry = new FunctionRegistry(new ConcurrentSkipListMap<>());
		functions.forEach(registry::add);
		return registry;
	}

	/**
	 * Adds a function.
	 * @throws InvalidFunctionException if there is another of its name
	 */
	void add(JobFunction function) {
		JobFunction other = this.functions.putIfAbsent(function.name(), function);
		if (other != null && other != function) {
			throw duplicate(other, function);
		}
		this.onChange.forEach(Runnable::run);
	}

	/** Takes a function away. */
	void remove(JobFunction function) {
		this.functions.remove(function.name(), function);
		this.recorded.clear();
		this.onChange.forEach(Runnable::run);
	}

	/**
	 * Does something each time that a function comes or goes.
	 * @param action returns soon
	 */
	public void onChange(Runnable action) {
		this.onChange.add(action);
	}

	private static InvalidFunctionException duplicate(JobFunction first, JobFunction second) {
		List<String> signatures = List.of(first.signature(), second.signature());
		String defined = "Function '" + first.name() + "' is defined twice: ";
		if (first.signature().equals(second.signature())) {
			return new InvalidFunctionException(
					Kind.DUPLICATE, first.name(), signatures, defined + first.signature() + " of the beans '"
							+ first.beanName() + "' and '" + second.beanName() + "'.",
					"Remove one of the beans, or call them from a bean that has the function.", null);
		}
		return new InvalidFunctionException(Kind.DUPLICATE, first.name(), signatures,
				defined + first.signature() + " and " + second.signature() + ".",
				"Rename one of them with @AsyncJob(\"…\").", null);
	}

	/**
	 * Finds a function.
	 * @param name its name
	 * @return the function, or null if this application has none of the name
	 */
	public @Nullable JobFunction find(String name) {
		return this.functions.get(name);
	}

	/**
	 * The names of all functions.
	 * @return the names, sorted, as they are at each moment; not to be changed
	 */
	public Set<String> names() {
		return Collections.unmodifiableSet(this.functions.keySet());
	}

	/**
	 * All functions.
	 * @return the functions, sorted by name, as they are at each moment; not to be
	 * changed
	 */
	public Collection<JobFunction> functions() {
		return Collections.unmodifiableCollection(this.functions.values());
	}

	/**
	 * The function that a method is, for recorded calls. The method may be an interface's
	 * that the bean implements, an overridden one or a bridge, and the class a proxy's.
	 * @param type the class or interface on which the method was called
	 * @param method the method
	 * @return the function
	 * @throws IllegalArgumentException if the method is no function or more than one; the
	 * message says what to do
	 */
	public JobFunction of(Class<?> type, Method method) {
		// not computeIfAbsent: finding takes long enough to block other keys
		Recorded key = new Recorded(type, method);
		JobFunction function = this.recorded.get(key);
		if (function == null) {
			function = resolve(ClassUtils.getUserClass(type), method);
			this.recorded.put(key, function);
		}
		return function;
	}

	private JobFunction resolve(Class<?> type, Method method) {
		List<JobFunction> matches = new ArrayList<>();
		for (JobFunction function : this.functions.values()) {
			if (isSame(function, type, method)) {
				if (function.type() == type) {
					return function;
				}
				matches.add(function);
			}
		}
		String signature = Signature.text(type, method);
		if (matches.size() > 1) {
			throw new IllegalArgumentException(signature + " is more than one function: "
					+ matches.stream().map(JobFunction::toString).collect(Collectors.joining(", "))
					+ ". Give the class of the bean, or the function's name.");
		}
		if (matches.isEmpty()) {
			throw new IllegalArgumentException(signature
					+ " is not a function of this application. Annotate the method with @AsyncJob and make its class a"
					+ " bean; or, if it runs in another application only, enqueue it by its name.");
		}
		return matches.get(0);
	}

	private static boolean isSame(JobFunction function, Class<?> type, Method method) {
		if (type.isAssignableFrom(function.type())) {
			return specific(method, function.type()).equals(specific(function.method(), function.type()));
		}
		// the bean is known by its interface or superclass only
		return function.type().isAssignableFrom(type)
				&& specific(function.method(), type).equals(specific(method, type));
	}

	private static Method specific(Method method, Class<?> type) {
		return BridgeMethodResolver.getMostSpecificMethod(method, type);
	}

	private record Recorded(Class<?> type, Method method) {
	}

}
