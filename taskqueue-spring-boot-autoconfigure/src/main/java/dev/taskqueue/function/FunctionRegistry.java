package dev.taskqueue.function;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import dev.taskqueue.function.InvalidFunctionException.Kind;
import org.springframework.core.BridgeMethodResolver;
import org.springframework.util.ClassUtils;

/**
 * The functions of this application by name. Immutable.
 */
public final class FunctionRegistry {

	private final NavigableMap<String, JobFunction> functions;

	/** Bounded by the methods of the program. */
	private final Map<Recorded, JobFunction> recorded = new ConcurrentHashMap<>();

	private FunctionRegistry(NavigableMap<String, JobFunction> functions) {
		this.functions = Collections.unmodifiableNavigableMap(functions);
	}

	/**
	 * Collects functions.
	 * @param functions the functions
	 * @return the registry
	 * @throws InvalidFunctionException if two have one name
	 */
	public static FunctionRegistry of(Collection<JobFunction> functions) {
		NavigableMap<String, JobFunction> byName = new TreeMap<>();
		for (JobFunction function : functions) {
			JobFunction other = byName.putIfAbsent(function.name(), function);
			if (other != null && other != function) {
				throw duplicate(other, function);
			}
		}
		return new FunctionRegistry(byName);
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
	 * @return the names, sorted; immutable
	 */
	public Set<String> names() {
		return this.functions.keySet();
	}

	/**
	 * All functions.
	 * @return the functions, sorted by name; immutable
	 */
	public Collection<JobFunction> functions() {
		return this.functions.values();
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
