package dev.taskqueue.function;

import java.lang.reflect.Method;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;

import tools.jackson.databind.JavaType;
import tools.jackson.databind.type.TypeFactory;

import dev.taskqueue.JobContext;
import dev.taskqueue.function.Parameter.Kind;
import org.springframework.context.ApplicationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.MethodParameter;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/**
 * Reads the parameters of a method, with generics resolved, and refuses those that no
 * stored value can fill.
 */
final class Signature {

	private static final ParameterNameDiscoverer NAMES = new DefaultParameterNameDiscoverer();

	private final ApplicationContext application;

	private final ArgumentMapper mapper;

	Signature(ApplicationContext application, ArgumentMapper mapper) {
		this.application = application;
		this.mapper = mapper;
	}

	/** A method for messages, without generics: {@code MailJobs.send(String, int)}. */
	static String text(Class<?> type, Method method) {
		return Arrays.stream(method.getParameterTypes())
			.map(ClassUtils::getShortName)
			.collect(Collectors.joining(", ", ClassUtils.getShortName(type) + "." + method.getName() + "(", ")"));
	}

	List<Parameter> parameters(String name, ResolvableType type, Method method) {
		List<Parameter> parameters = new ArrayList<>();
		for (int i = 0; i < method.getParameterCount(); i++) {
			MethodParameter parameter = new MethodParameter(method, i);
			parameter.initParameterNameDiscovery(NAMES);
			parameters.add(parameter(name, text(type.toClass(), method), type, parameter));
		}
		return parameters;
	}

	private Parameter parameter(String function, String signature, ResolvableType type, MethodParameter parameter) {
		String name = parameter.getParameterName();
		String where = "has the parameter " + ((name != null) ? "'" + name + "'" : parameter.getParameterIndex() + 1)
				+ ": ";
		ResolvableType resolved = ResolvableType.forMethodParameter(parameter, type);
		JavaType javaType;
		try {
			javaType = javaType(resolved);
		}
		catch (UnresolvableTypeException ex) {
			throw AsyncJobScanner.signature(function, signature,
					where + "the type variable " + ex.getMessage() + " is not known.",
					"Declare a concrete type, or override the method in a class that gives the type.");
		}
		Class<?> raw = javaType.getRawClass();
		if (JobContext.class == raw) {
			return new Parameter(name, Kind.JOB_CONTEXT, javaType, true, false);
		}
		if (ApplicationContext.class.isAssignableFrom(raw)) {
			if (!raw.isInstance(this.application)) {
				throw AsyncJobScanner.signature(function, signature,
						where + "the application's context is no " + ClassUtils.getShortName(raw) + ".",
						"Declare ApplicationContext.");
			}
			return new Parameter(name, Kind.APPLICATION_CONTEXT, javaType, true, false);
		}
		String refusal = this.mapper.refusal(javaType);
		if (refusal != null) {
			throw AsyncJobScanner.signature(function, signature, where + refusal + ".",
					"Declare a type that arguments convert to, such as a record, and get beans by injection into the"
							+ " bean.");
		}
		boolean isVarArgs = parameter.getExecutable().isVarArgs()
				&& parameter.getParameterIndex() == parameter.getExecutable().getParameterCount() - 1;
		return new Parameter(name, Kind.ARGUMENT, javaType, isOptional(parameter, raw), isVarArgs);
	}

	private static boolean isOptional(MethodParameter parameter, Class<?> type) {
		return parameter.isOptional() || type == Optional.class || type == OptionalInt.class
				|| type == OptionalLong.class || type == OptionalDouble.class;
	}

	private JavaType javaType(ResolvableType type) {
		TypeFactory types = this.mapper.types();
		if (type.isArray()) {
			return types.constructArrayType(javaType(type.getComponentType()));
		}
		Class<?> raw = type.resolve();
		if (raw == null) {
			if (type.getType() instanceof TypeVariable<?> variable) {
				throw new UnresolvableTypeException(variable.getName());
			}
			// a wildcard without bound
			return types.constructType(Object.class);
		}
		if (type.getType() instanceof Class<?> || !type.hasGenerics()) {
			return types.constructType(raw);
		}
		List<JavaType> arguments = new ArrayList<>();
		for (ResolvableType generic : type.getGenerics()) {
			boolean isRaw = generic.resolve() == null && generic.getType() instanceof TypeVariable<?> variable
					&& variable.getGenericDeclaration() == raw;
			arguments.add((isRaw) ? types.constructType(Object.class) : javaType(generic));
		}
		return types.constructParametricType(raw, arguments.toArray(JavaType[]::new));
	}

	/** A type variable that the bean's class leaves open. */
	private static final class UnresolvableTypeException extends RuntimeException {

		UnresolvableTypeException(String variable) {
			super(variable, null, false, false);
		}

	}

}
