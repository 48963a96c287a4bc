package dev.taskqueue.function;

import java.lang.reflect.Modifier;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.RetryPolicy;
import org.springframework.beans.BeanUtils;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.util.ClassUtils;

/**
 * The policy that an annotation names. What can be told without creating a bean is
 * checked at once; the bean is asked for by the first attempt that needs it.
 */
final class RetryPolicies {

	private static final String CLASS = "retryPolicy";

	private static final String BEAN = "retryPolicyBean";

	private final ConfigurableListableBeanFactory beans;

	private final Refusal refusal;

	RetryPolicies(ConfigurableListableBeanFactory beans, Refusal refusal) {
		this.beans = beans;
		this.refusal = refusal;
	}

	/**
	 * Finds it.
	 * @param annotation of the function
	 * @param hasBackoff whether it says its waits too
	 * @return gives the policy; null where none is named
	 * @throws InvalidFunctionException if there is no such policy, or more than one
	 */
	@Nullable Supplier<RetryPolicy> of(MergedAnnotation<AsyncJob> annotation, boolean hasBackoff) {
		Class<?> type = annotation.getClass(CLASS);
		String bean = annotation.getString(BEAN);
		boolean byType = type != RetryPolicy.class;
		if (!byType && bean.isEmpty()) {
			return null;
		}
		String attribute = byType ? CLASS : BEAN;
		String value = byType ? ClassUtils.getShortName(type) : bean;
		if (hasBackoff || (byType && !bean.isEmpty())) {
			throw this.refusal.of(attribute, value, "expected no other attribute that says the waits: leave one of "
					+ "backoff, retryPolicy and retryPolicyBean");
		}
		return byType ? ofType(type.asSubclass(RetryPolicy.class), value) : ofBean(bean);
	}

	private Supplier<RetryPolicy> ofBean(String name) {
		if (!this.beans.containsBean(name) || !this.beans.isTypeMatch(name, RetryPolicy.class)) {
			throw this.refusal.of(BEAN, name, "expected the name of a bean of type RetryPolicy");
		}
		return () -> this.beans.getBean(name, RetryPolicy.class);
	}

	private Supplier<RetryPolicy> ofType(Class<? extends RetryPolicy> type, String value) {
		String[] names = this.beans.getBeanNamesForType(type, true, false);
		if (names.length > 1) {
			throw this.refusal.of(CLASS, value, "there is more than one bean of it: name one by retryPolicyBean ("
					+ String.join(", ", names) + ")");
		}
		if (names.length == 1) {
			return () -> this.beans.getBean(names[0], RetryPolicy.class);
		}
		if (type.isInterface() || Modifier.isAbstract(type.getModifiers())) {
			throw this.refusal.of(CLASS, value, "expected a class, or one of which there is a bean");
		}
		try {
			RetryPolicy policy = BeanUtils.instantiateClass(type);
			return () -> policy;
		}
		catch (BeansException ex) {
			throw this.refusal.of(CLASS, value,
					"expected a class with a constructor without parameters, or one of which there is a bean");
		}
	}

	/** Makes the exception that stops the start-up. */
	@FunctionalInterface
	interface Refusal {

		InvalidFunctionException of(String attribute, String value, String expected);

	}

}
