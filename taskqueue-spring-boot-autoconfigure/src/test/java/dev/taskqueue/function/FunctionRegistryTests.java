package dev.taskqueue.function;

import java.lang.reflect.Method;
import java.util.List;

import org.junit.jupiter.api.Test;

import dev.taskqueue.AsyncJob;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class FunctionRegistryTests {

	@Test
	void findsByName() {
		FunctionRegistry registry = TestScan.of(Mails.class);

		assertThat(registry.names()).containsExactly("count", "send", "send_two");
		assertThat(registry.find("send")).isNotNull();
		assertThat(registry.find("unknown")).isNull();
		assertThat(registry.functions()).extracting(JobFunction::name).containsExactly("count", "send", "send_two");
	}

	@Test
	void oneFunctionGivenTwiceIsNoDuplicate() {
		JobFunction function = TestScan.of(Mails.class).functions().iterator().next();

		assertThat(FunctionRegistry.of(List.of(function, function)).names()).containsExactly("count");
	}

	@Test
	void findsTheRecordedMethodAmongOverloads() {
		FunctionRegistry registry = TestScan.of(Mails.class);

		assertThat(registry.of(Mails.class, method(Mails.class, "send", String.class)).name()).isEqualTo("send");
		assertThat(registry.of(Mails.class, method(Mails.class, "send", String.class, String.class)).name())
			.isEqualTo("send_two");
	}

	@Test
	void findsByInterfaceAndSuperclass() {
		FunctionRegistry registry = TestScan.of(Mails.class);

		assertThat(registry.of(Sender.class, method(Sender.class, "send", String.class)).name()).isEqualTo("send");
		assertThat(registry.of(Counter.class, method(Counter.class, "count", Object.class)).name()).isEqualTo("count");
		assertThat(registry.of(Mails.class, method(Counter.class, "count", Object.class)).name()).isEqualTo("count");
	}

	@Test
	void findsByTheClassOfAProxy() {
		FunctionRegistry registry = TestScan.of(Mails.class);
		ProxyFactory factory = new ProxyFactory(new Mails());
		factory.setProxyTargetClass(true);
		Class<?> proxy = factory.getProxyClass(null);

		assertThat(registry.of(proxy, method(proxy, "send", String.class)).name()).isEqualTo("send");
	}

	@Test
	void findsByTheClassOfABeanThatIsKnownByItsInterface() {
		FunctionRegistry registry = TestScan.of(LazySender.class);

		assertThat(registry.of(Mails.class, method(Mails.class, "send", String.class)).name()).isEqualTo("send");
	}

	@Test
	void saysWhatToDoWhereTheMethodIsNoFunction() {
		FunctionRegistry registry = TestScan.of(Mails.class);

		assertThatIllegalArgumentException().isThrownBy(() -> registry.of(Mails.class, method(Mails.class, "plain")))
			.withMessageStartingWith(
					"FunctionRegistryTests.Mails.plain() is not a function of this application. Annotate"
							+ " the method with @AsyncJob");
	}

	@Test
	void saysWhatToDoWhereTwoBeansImplementTheMethod() {
		FunctionRegistry registry = TestScan.of(Letters.class, Faxes.class);

		assertThatIllegalArgumentException()
			.isThrownBy(() -> registry.of(Plain.class, method(Plain.class, "send", String.class)))
			.withMessageContaining(
					"is more than one function: fax = FunctionRegistryTests.Faxes.send(String), letter = ");
		assertThat(registry.of(Faxes.class, method(Plain.class, "send", String.class)).name()).isEqualTo("fax");
	}

	private static Method method(Class<?> type, String name, Class<?>... parameters) {
		return ClassUtils.getMethod(type, name, parameters);
	}

	interface Sender {

		@AsyncJob
		void send(String to);

	}

	abstract static class Counter<T> {

		@AsyncJob
		public abstract void count(T value);

	}

	static class Mails extends Counter<Integer> implements Sender {

		@Override
		public void send(String to) {
		}

		@AsyncJob("send_two")
		public void send(String to, String copy) {
		}

		@Override
		public void count(Integer value) {
		}

		public void plain() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazySender {

		@Bean
		@Lazy
		Sender sender() {
			return new Mails();
		}

	}

	interface Plain {

		void send(String to);

	}

	static class Letters implements Plain {

		@Override
		@AsyncJob("letter")
		public void send(String to) {
		}

	}

	static class Faxes implements Plain {

		@Override
		@AsyncJob("fax")
		public void send(String to) {
		}

	}

}
