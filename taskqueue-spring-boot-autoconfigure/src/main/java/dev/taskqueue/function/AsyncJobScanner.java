package dev.taskqueue.function;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.RetryPolicy;
import dev.taskqueue.Schedule;
import dev.taskqueue.WorkerLoss;
import dev.taskqueue.function.InvalidFunctionException.Kind;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.scheduling.annotation.Async;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Finds the {@link AsyncJob} methods of an application's beans, without creating a bean:
 * of one that exists its class is asked, of another its definition. So a scan after all
 * singletons exist (as a {@code SmartInitializingSingleton}) sees the most; a bean that
 * is created later is known by its declared type.
 */
public final class AsyncJobScanner {

	private static final Logger logger = LoggerFactory.getLogger(AsyncJobScanner.class);

	/** Methods that the container calls, not a job. */
	private static final Set<String> CALLBACKS = Set.of("PostConstruct", "PreDestroy", "Autowired", "Inject",
			"EventListener", "Scheduled", "Bean");

	/** Most beans of an application, and none has a job. */
	private static final String SPRINGS_OWN = "org.springframework.";

	/** Longer than that nobody keeps a job, and no date holds it for much longer. */
	private static final Duration LONGEST_RETENTION = Duration.ofDays(36_500);

	private static final String EVERY = "@every ";

	private static final Set<String> STREAMS = Set.of("org.reactivestreams.Publisher",
			"java.util.concurrent.Flow$Publisher");

	private final ApplicationContext application;

	private final ConfigurableListableBeanFactory beans;

	private final ArgumentMapper mapper;

	private final Function<String, Duration> durations;

	/**
	 * Creates one.
	 * @param application the application whose beans are scanned, those of its parents
	 * not
	 * @param mapper converts arguments and results
	 * @param durations reads the annotation's durations; throws a
	 * {@code RuntimeException} on text that is none
	 */
	public AsyncJobScanner(ApplicationContext application, ArgumentMapper mapper,
			Function<String, Duration> durations) {
		this.application = application;
		this.beans = (ConfigurableListableBeanFactory) application.getAutowireCapableBeanFactory();
		this.mapper = mapper;
		this.durations = durations;
	}

	/**
	 * Scans.
	 * @return all functions
	 * @throws InvalidFunctionException if a method can never work as a function, or two
	 * have one name
	 */
	public FunctionRegistry scan() {
		List<JobFunction> functions = new ArrayList<>();
		Set<String> names = new LinkedHashSet<>();
		for (Iterator<String> iterator = this.beans.getBeanNamesIterator(); iterator.hasNext();) {
			names.add(iterator.next());
		}
		for (String name : names) {
			if (!ScopedProxyUtils.isScopedTarget(name)) {
				Class<?> type = type(name);
				if (type != null && !type.getName().startsWith(SPRINGS_OWN)
						&& AnnotationUtils.isCandidateClass(type, AsyncJob.class)) {
					functions.addAll(functions(name, type));
				}
			}
		}
		return FunctionRegistry.of(functions);
	}

	/** The class behind proxies, or null if it is not known yet. */
	private @Nullable Class<?> type(String name) {
		String target = ScopedProxyUtils.getTargetBeanName(name);
		if (this.beans.containsBeanDefinition(target)) {
			return type(target);
		}
		try {
			BeanDefinition definition = definition(name);
			if (definition != null) {
				if (definition.isAbstract()) {
					return null;
				}
				if (definition
					.getAttribute(AutoProxyUtils.ORIGINAL_TARGET_CLASS_ATTRIBUTE) instanceof Class<?> original) {
					return ClassUtils.getUserClass(original);
				}
			}
			Object existing = existing(name);
			Class<?> type = (existing != null) ? AopProxyUtils.ultimateTargetClass(existing)
					: this.beans.getType(name, false);
			return (type != null) ? ClassUtils.getUserClass(type) : null;
		}
		catch (NoSuchBeanDefinitionException | LinkageError ex) {
			logger.debug("Bean '{}' is not scanned for @AsyncJob: its class cannot be told", name, ex);
			return null;
		}
	}

	private @Nullable BeanDefinition definition(String name) {
		return (this.beans.containsBeanDefinition(name)) ? this.beans.getMergedBeanDefinition(name) : null;
	}

	private @Nullable Object existing(String name) {
		Object bean = (this.beans.containsSingleton(name)) ? this.beans.getSingleton(name) : null;
		return (bean instanceof FactoryBean<?>) ? null : bean;
	}

	private List<JobFunction> functions(String beanName, Class<?> type) {
		MergedAnnotation<AsyncJob> onType;
		Map<Method, MergedAnnotation<AsyncJob>> onMethods;
		try {
			onType = annotation(MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY));
			onMethods = MethodIntrospector.selectMethods(type,
					(MethodIntrospector.MetadataLookup<MergedAnnotation<AsyncJob>>) AsyncJobScanner::annotation);
		}
		catch (LinkageError | TypeNotPresentException ex) {
			// a bean of a library that is there by half; it works as long as nobody looks
			logger.debug("Bean '{}' is not scanned for @AsyncJob", beanName, ex);
			return List.of();
		}
		if (!onType.isPresent()) {
			return onMethods.entrySet()
				.stream()
				.map((entry) -> function(beanName, type, entry.getKey(), entry.getValue()))
				.toList();
		}
		Set<Method> all = onMethods.keySet();
		if (!all.isEmpty()) {
			throw new InvalidFunctionException(Kind.SIGNATURE, ClassUtils.getShortName(type), signatures(all, type),
					"@AsyncJob is on the class " + ClassUtils.getShortName(type) + " and on its methods "
							+ String.join(", ", signatures(all, type)) + ".",
					"Leave it on the class or on the methods.", null);
		}
		List<Method> candidates = MethodIntrospector
			.selectMethods(type, (ReflectionUtils.MethodFilter) (method) -> isJob(method, type))
			.stream()
			.toList();
		if (candidates.size() != 1) {
			List<String> signatures = signatures(candidates, type);
			throw new InvalidFunctionException(Kind.SIGNATURE, ClassUtils.getShortName(type), signatures,
					"The class " + ClassUtils.getShortName(type) + " is annotated with @AsyncJob and has "
							+ ((signatures.isEmpty()) ? "no public method."
									: signatures.size() + " public methods: " + String.join(", ", signatures) + "."),
					"Annotate the methods instead, or leave exactly one public.", null);
		}
		return List.of(function(beanName, type, candidates.get(0), onType));
	}

	private static @Nullable MergedAnnotation<AsyncJob> annotation(Method method) {
		MergedAnnotation<AsyncJob> annotation = annotation(
				MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY));
		return (annotation.isPresent()) ? annotation : null;
	}

	private static MergedAnnotation<AsyncJob> annotation(MergedAnnotations annotations) {
		return annotations.get(AsyncJob.class);
	}

	private static boolean isJob(Method method, Class<?> type) {
		return Modifier.isPublic(method.getModifiers()) && !Modifier.isStatic(method.getModifiers())
				&& !method.isBridge() && !method.isSynthetic() && !method.isDefault()
				&& !ReflectionUtils.isObjectMethod(method)
				&& MergedAnnotations.from(method)
					.stream()
					.noneMatch((annotation) -> CALLBACKS.contains(annotation.getType().getSimpleName()))
				&& !isContainers(method, type);
	}

	/**
	 * Such as {@code afterPropertiesSet}, {@code setApplicationContext}, {@code close}.
	 */
	private static boolean isContainers(Method method, Class<?> type) {
		return ClassUtils.getAllInterfacesForClassAsSet(type)
			.stream()
			.filter((candidate) -> candidate.getName().startsWith("org.springframework.")
					|| candidate == AutoCloseable.class)
			.anyMatch((candidate) -> ClassUtils.hasMethod(candidate, method.getName(), method.getParameterTypes()));
	}

	private JobFunction function(String beanName, Class<?> type, Method method, MergedAnnotation<AsyncJob> annotation) {
		String name = name(type, method, annotation);
		String simple = simpleSignature(method, type);
		checkMethod(name, simple, type, method);
		List<Parameter> parameters = new Signature(this.application, this.mapper).parameters(name,
				generics(beanName, type), method);
		String signature = ClassUtils.getShortName(type) + "." + method.getName() + "("
				+ parameters.stream().map(Parameter::typeText).collect(Collectors.joining(", ")) + ")";
		JobFunction function = new JobFunction(name, settings(name, signature, annotation, parameters), signature, type,
				method, beanName, () -> this.beans.getBean(beanName),
				new Arguments(name, signature, parameters, this.mapper, this.application), this.mapper);
		Object existing = existing(beanName);
		if (existing != null) {
			checkProxy(function, existing);
		}
		checkPeriodic(function);
		return function;
	}

	/** With the type arguments of {@code @Bean Handler<Order> handler()}. */
	private ResolvableType generics(String beanName, Class<?> type) {
		BeanDefinition definition = definition(beanName);
		ResolvableType declared = (definition != null) ? definition.getResolvableType() : ResolvableType.NONE;
		return (declared.resolve() == type) ? declared : ResolvableType.forClass(type);
	}

	private static String name(Class<?> type, Method method, MergedAnnotation<AsyncJob> annotation) {
		String value = annotation.getString("value");
		String name = annotation.getString("name");
		String signature = simpleSignature(method, type);
		if (!value.isEmpty() && !name.isEmpty() && !value.equals(name)) {
			throw new InvalidFunctionException(Kind.NAME, name, List.of(signature), "The function " + signature
					+ " has two names: value is '" + value + "' and name is '" + name + "'.", "Remove one of them.",
					null);
		}
		String chosen = (!value.isEmpty()) ? value : (!name.isEmpty()) ? name : method.getName();
		if (chosen.isBlank() || !chosen.equals(chosen.strip()) || chosen.startsWith("$")) {
			throw new InvalidFunctionException(Kind.NAME, chosen, List.of(signature),
					"The function " + signature + " has the name '" + chosen
							+ "': a name is not blank, has no blanks around it and does not begin with '$'.",
					"Give it another one with @AsyncJob(\"…\").", null);
		}
		return chosen;
	}

	private static void checkMethod(String name, String signature, Class<?> type, Method method) {
		int modifiers = method.getModifiers();
		if (Modifier.isPrivate(modifiers)) {
			throw signature(name, signature, "is private, so a proxy cannot pass it on.",
					"Make it public, protected or package-private.");
		}
		if (Modifier.isStatic(modifiers)) {
			throw signature(name, signature, "is static, and a function is called on a bean.",
					"Make it an instance method.");
		}
		if (AnnotatedElementUtils.hasAnnotation(method, Bean.class)) {
			throw signature(name, signature, "is a @Bean method, which makes a bean and is no job.",
					"Annotate a method of the bean's class.");
		}
		boolean isVoid = method.getReturnType() == void.class || method.getReturnType() == Void.class;
		if (isVoid && (AnnotatedElementUtils.hasAnnotation(method, Async.class)
				|| AnnotatedElementUtils.hasAnnotation(type, Async.class))) {
			throw signature(name, signature, "is @Async and returns nothing, so a job would end before it has run.",
					"Remove @Async, a job runs in the background anyway; or return a CompletableFuture.");
		}
		if (isStream(method.getReturnType())) {
			throw signature(name, signature,
					"returns " + ClassUtils.getShortName(method.getReturnType()) + ", which nobody subscribes to.",
					"Return the value, a CompletableFuture (such as mono.toFuture()) or nothing.");
		}
		for (Class<?> parameter : method.getParameterTypes()) {
			if (parameter.getName().equals("kotlin.coroutines.Continuation")) {
				throw signature(name, signature, "is a suspend function.", "Make it a plain function.");
			}
		}
	}

	private static boolean isStream(Class<?> type) {
		return STREAMS.contains(type.getName())
				|| ClassUtils.getAllInterfacesForClassAsSet(type)
					.stream()
					.anyMatch((candidate) -> STREAMS.contains(candidate.getName()))
				|| (type.getSuperclass() != null && isStream(type.getSuperclass()));
	}

	private static void checkProxy(JobFunction function, Object bean) {
		try {
			AopUtils.selectInvocableMethod(function.method(), bean.getClass());
		}
		catch (IllegalStateException ex) {
			throw new InvalidFunctionException(Kind.SIGNATURE, function.name(), List.of(function.signature()),
					"Function '" + function.name() + "': " + function.signature()
							+ " is in no interface of its bean, which is a proxy by interface.",
					"Put the method into an interface of the bean, or have its class proxied"
							+ " (proxyTargetClass = true).",
					ex);
		}
		if (function.isFinalOnProxy(bean)) {
			throw signature(function.name(), function.signature(),
					"is final, and its bean is a proxy by subclass, which cannot pass it on.", "Make it not final.");
		}
	}

	private JobFunction.Settings settings(String name, String signature, MergedAnnotation<AsyncJob> annotation,
			List<Parameter> parameters) {
		String queue = annotation.getString("queue");
		if (!queue.isEmpty() && (queue.isBlank() || !queue.equals(queue.strip()) || queue.startsWith("$"))) {
			throw attribute(name, signature, "queue", queue,
					"a name is not blank, has no blanks around it and does not begin with '$'", null);
		}
		int maxAttempts = annotation.getInt("maxAttempts");
		if (maxAttempts < 0) {
			throw attribute(name, signature, "maxAttempts", String.valueOf(maxAttempts),
					"expected a number from 1, or 0 for taskqueue.job.max-attempts", null);
		}
		Duration retention = duration(name, signature, "retention", annotation.getString("retention"));
		if (retention != null && retention.compareTo(LONGEST_RETENTION) > 0) {
			throw attribute(name, signature, "retention", annotation.getString("retention"),
					"expected " + LONGEST_RETENTION.toDays() + "d at most", null);
		}
		List<Duration> backoff = backoff(name, signature, annotation);
		Supplier<RetryPolicy> policy = policies(name, signature).of(annotation, !backoff.isEmpty());
		if (backoff.size() > 1) {
			RetryPolicy delays = RetryPolicy.delays(backoff.toArray(Duration[]::new));
			policy = () -> delays;
		}
		return new JobFunction.Settings((queue.isEmpty()) ? "default" : queue, annotation.getInt("priority"),
				(maxAttempts != 0) ? maxAttempts : null, (backoff.size() == 1) ? backoff.get(0) : null, policy,
				noRetryFor(annotation), duration(name, signature, "timeout", annotation.getString("timeout")),
				retention, annotation.getEnum("onWorkerLoss", WorkerLoss.class), periodic(name, signature, annotation),
				uniqueBy(name, signature, annotation.getString("uniqueBy"), parameters),
				uniqueFor(name, signature, annotation),
				lock(name, signature, annotation.getString("lock"), parameters));
	}

	private JobFunction.@Nullable Periodic periodic(String name, String signature,
			MergedAnnotation<AsyncJob> annotation) {
		String cron = resolved(name, signature, annotation, "cron");
		String every = resolved(name, signature, annotation, "every");
		if (cron.isEmpty() && every.isEmpty()) {
			return null;
		}
		if (!cron.isEmpty() && !every.isEmpty()) {
			throw attribute(name, signature, "every", every, "expected nothing, since cron is '" + cron + "'", null);
		}
		String zone = resolved(name, signature, annotation, "zone");
		ZoneId zoneId;
		try {
			zoneId = zone.isEmpty() ? null : ZoneId.of(zone);
		}
		catch (DateTimeException ex) {
			throw attribute(name, signature, "zone", zone, "expected a time zone such as Europe/Berlin", ex);
		}
		try {
			Schedule.parse(cron.isEmpty() ? EVERY + every : cron, (zoneId != null) ? zoneId : ZoneOffset.UTC);
		}
		catch (IllegalArgumentException ex) {
			String message = String.valueOf(ex.getMessage());
			throw attribute(name, signature, cron.isEmpty() ? "every" : "cron", cron + every,
					message.endsWith(".") ? message.substring(0, message.length() - 1) : message, ex);
		}
		return new JobFunction.Periodic(cron.isEmpty() ? null : cron, every.isEmpty() ? null : every, zoneId);
	}

	/** With its placeholders filled in; as Spring has it, a dash is nothing. */
	private String resolved(String name, String signature, MergedAnnotation<AsyncJob> annotation, String attribute) {
		String text = annotation.getString(attribute);
		try {
			String resolved = this.beans.resolveEmbeddedValue(text);
			return (resolved == null || resolved.strip().equals("-")) ? "" : resolved.strip();
		}
		catch (IllegalArgumentException ex) {
			throw attribute(name, signature, attribute, text,
					"it cannot be resolved (" + ex.getMessage() + "), expected properties that exist", ex);
		}
	}

	private static void checkPeriodic(JobFunction function) {
		if (function.periodic() != null) {
			try {
				function.check(List.of(), Map.of());
			}
			catch (InvalidArgumentException ex) {
				throw signature(function.name(), function.signature(),
						"is run by a schedule and has parameters, for which nobody gives arguments.",
						"Remove the parameters or make them optional; or leave out cron and every, and say when and"
								+ " with which arguments it runs in taskqueue.crontab.jobs.");
			}
		}
	}

	private static @Nullable UniqueBy uniqueBy(String name, String signature, String expression,
			List<Parameter> parameters) {
		if (expression.isEmpty()) {
			return null;
		}
		try {
			return UniqueBy.parse(name, expression, parameters);
		}
		catch (IllegalArgumentException ex) {
			throw attribute(name, signature, "uniqueBy", expression, String.valueOf(ex.getMessage()), ex);
		}
	}

	private @Nullable Duration uniqueFor(String name, String signature, MergedAnnotation<AsyncJob> annotation) {
		String text = annotation.getString("uniqueFor");
		Duration period = duration(name, signature, "uniqueFor", text);
		if (period != null && annotation.getString("uniqueBy").isEmpty()) {
			throw attribute(name, signature, "uniqueFor", text,
					"expected a uniqueBy beside it, which says what key is held", null);
		}
		if (period != null && (period.isZero() || period.compareTo(LONGEST_RETENTION) > 0)) {
			throw attribute(name, signature, "uniqueFor", text,
					"expected a duration above 0, and " + LONGEST_RETENTION.toDays() + "d at most", null);
		}
		return period;
	}

	private static @Nullable LockName lock(String name, String signature, String text, List<Parameter> parameters) {
		if (text.isEmpty()) {
			return null;
		}
		try {
			return LockName.parse(name, text, parameters);
		}
		catch (IllegalArgumentException ex) {
			throw attribute(name, signature, "lock", text, String.valueOf(ex.getMessage()), ex);
		}
	}

	private RetryPolicies policies(String name, String signature) {
		return new RetryPolicies(this.beans,
				(attribute, value, expected) -> attribute(name, signature, attribute, value, expected, null));
	}

	private static List<Class<? extends Throwable>> noRetryFor(MergedAnnotation<AsyncJob> annotation) {
		List<Class<? extends Throwable>> types = new ArrayList<>();
		for (Class<?> type : annotation.getClassArray("noRetryFor")) {
			types.add(type.asSubclass(Throwable.class));
		}
		return List.copyOf(types);
	}

	/** None, the first wait, or the wait before each further attempt. */
	private List<Duration> backoff(String name, String signature, MergedAnnotation<AsyncJob> annotation) {
		List<Duration> waits = new ArrayList<>();
		String text = annotation.getString("backoff");
		for (String part : (text.isEmpty()) ? new String[0] : text.split(",", -1)) {
			Duration wait = duration(name, signature, "backoff", part.strip());
			if (wait == null) {
				throw attribute(name, signature, "backoff", text,
						"expected a duration, or several with commas between, such as 1s, 5s, 1m", null);
			}
			waits.add(wait);
		}
		return waits;
	}

	private @Nullable Duration duration(String name, String signature, String attribute, String text) {
		if (text.isEmpty()) {
			return null;
		}
		String expected = "expected a duration such as 90s, 5m or PT1M30S";
		Duration duration;
		try {
			duration = this.durations.apply(text);
		}
		catch (RuntimeException ex) {
			throw attribute(name, signature, attribute, text, expected, ex);
		}
		if (duration.isNegative()) {
			throw attribute(name, signature, attribute, text, expected + ", not a negative one", null);
		}
		return duration;
	}

	private static InvalidFunctionException attribute(String name, String signature, String attribute, String value,
			String expected, @Nullable Throwable cause) {
		return new InvalidFunctionException(Kind.ATTRIBUTE, name, List.of(signature),
				"Function '" + name + "', " + signature + ": " + attribute + " is '" + value + "': " + expected + ".",
				"Correct the attribute of @AsyncJob.", cause);
	}

	static InvalidFunctionException signature(String name, String signature, String problem, String action) {
		return new InvalidFunctionException(Kind.SIGNATURE, name, List.of(signature),
				"Function '" + name + "': " + signature + " " + problem, action, null);
	}

	private static List<String> signatures(Collection<Method> methods, Class<?> type) {
		return methods.stream().map((method) -> simpleSignature(method, type)).sorted().toList();
	}

	/** Without generics, for a method that cannot work. */
	private static String simpleSignature(Method method, Class<?> type) {
		return Signature.text(type, method);
	}

}
