package dev.taskqueue.function;

import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.RetryPolicy;
import dev.taskqueue.function.InvalidFunctionException.Kind;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.core.annotation.AliasFor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.mockito.Mockito.mock;

class AsyncJobScannerTests {

	@ParameterizedTest(name = "{0}")
	@MethodSource("beans")
	void findsAndCallsFunctions(Class<?> component, String signature, @Nullable Object result) throws Exception {
		try (AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(component)) {
			FunctionRegistry registry = TestScan.of(application);

			assertThat(registry.names()).containsExactly("work");
			JobFunction function = registry.functions().iterator().next();
			assertThat(function.signature()).isEqualTo("AsyncJobScannerTests." + signature);
			assertThat(call(function, List.of("x"))).isEqualTo(result);
		}
	}

	static Stream<Arguments> beans() {
		return Stream.of(arguments(Plain.class, "Plain.work(String)", "plain x"),
				arguments(Inheriting.class, "Inheriting.work(String)", "plain x"),
				arguments(Overriding.class, "Overriding.work(String)", "overriding x"),
				arguments(Implementing.class, "Implementing.work(String)", "implementing x"),
				arguments(WithDefaultMethod.class, "WithDefaultMethod.work(String)", "default x"),
				arguments(GenericHandler.class, "GenericHandler.work(String)", "handled x"),
				arguments(GenericBase.class, "GenericBase.work(String)", "base x"),
				arguments(GenericBean.class, "Box.work(Character)", "x"),
				arguments(OnClass.class, "OnClass.run(String)", "class x"),
				arguments(OnClassConsumer.class, "OnClassConsumer.accept(String)", null),
				arguments(Composed.class, "Composed.send(String)", "composed x"),
				arguments(ByName.class, "ByName.send(String)", "named x"),
				arguments(ConfigurationClass.class, "ConfigurationClass.work(String)", "configuration x"),
				arguments(DeclaredByInterface.class, "Implementing.work(String)", "implementing x"),
				arguments(LazyByInterface.class, "Worker.work(String)", "implementing x"),
				arguments(JdkProxy.class, "Implementing.work(String)", "proxied implementing x"),
				arguments(ClassProxy.class, "Plain.work(String)", "proxied plain x"),
				arguments(TransactionalByClass.class, "TransactionalJobs.work(String)", "transaction true"),
				arguments(TransactionalByInterface.class, "TransactionalWorker.work(String)", "transaction true"),
				arguments(Prototype.class, "Prototype.work(String)", "prototype x"),
				arguments(ScopedProxy.class, "ScopedProxy.work(String)", "scoped x"),
				arguments(FromFactoryBean.class, "Plain.work(String)", "plain x"));
	}

	@Test
	void lazyBeanIsCreatedByItsFirstCall() throws Exception {
		LazyJobs.created.set(0);
		try (AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(LazyJobs.class)) {
			JobFunction function = TestScan.of(application).functions().iterator().next();
			function.check(List.of("x"), Map.of());

			assertThat(LazyJobs.created).hasValue(0);
			assertThat(call(function, List.of("x"))).isEqualTo("lazy x");
			assertThat(LazyJobs.created).hasValue(1);
		}
	}

	@Test
	void factoryBeanIsNotCreatedByTheScan() {
		try (AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(
				LazyFactoryBean.class)) {
			// Spring itself asks some of them for their type
			LazyFactory.created.set(0);

			TestScan.of(application);

			assertThat(LazyFactory.created).hasValue(0);
		}
	}

	@Test
	void eachCallHasItsOwnPrototype() throws Exception {
		try (AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(
				CountingPrototype.class)) {
			JobFunction function = TestScan.of(application).functions().iterator().next();

			assertThat(call(function, List.of())).isEqualTo(1);
			assertThat(call(function, List.of())).isEqualTo(1);
		}
	}

	@Test
	void twoFunctionsOfOneNameAreRefused() {
		assertThatExceptionOfType(InvalidFunctionException.class)
			.isThrownBy(() -> TestScan.of(MailJobs.class, OldMail.class))
			.withMessage("Function 'send_mail' is defined twice: AsyncJobScannerTests.MailJobs.send(String) and"
					+ " AsyncJobScannerTests.OldMail.send(String). Rename one of them with @AsyncJob(\"…\").")
			.satisfies((ex) -> {
				assertThat(ex.getKind()).isEqualTo(Kind.DUPLICATE);
				assertThat(ex.getName()).isEqualTo("send_mail");
				assertThat(ex.getSignatures()).hasSize(2);
				assertThat(ex.getAction()).isEqualTo("Rename one of them with @AsyncJob(\"…\").");
			});
	}

	@Test
	void twoBeansOfOneClassAreRefusedByTheirNames() {
		assertThatExceptionOfType(InvalidFunctionException.class).isThrownBy(() -> TestScan.of(TwoBeans.class))
			.withMessageContaining(
					"is defined twice: AsyncJobScannerTests.Plain.work(String) of the beans 'first' and" + " 'second'");
	}

	@ParameterizedTest(name = "{0}: {2}")
	@MethodSource("failures")
	void refusesWhatCannotWork(Class<?> component, Kind kind, String message) {
		assertThatExceptionOfType(InvalidFunctionException.class).isThrownBy(() -> TestScan.of(component))
			.withMessageContaining(message)
			.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(kind))
			.satisfies((ex) -> assertThat(ex).hasMessage(ex.getDescription() + " " + ex.getAction()));
	}

	static Stream<Arguments> failures() {
		String here = "AsyncJobScannerTests.";
		return Stream.of(
				arguments(PrivateMethod.class, Kind.SIGNATURE,
						"Function 'work': " + here
								+ "PrivateMethod.work() is private, so a proxy cannot pass it on. Make it" + " public"),
				arguments(StaticMethod.class, Kind.SIGNATURE, "StaticMethod.work() is static"),
				arguments(BeanMethod.class, Kind.SIGNATURE, "is a @Bean method"),
				arguments(AsyncVoid.class, Kind.SIGNATURE, "is @Async and returns nothing"),
				arguments(Streaming.class, Kind.SIGNATURE, "returns Flow.Publisher, which nobody subscribes to"),
				arguments(OpenGeneric.class, Kind.SIGNATURE,
						"has the parameter 'value': the type variable T is not known. Declare a concrete type"),
				arguments(OpenList.class, Kind.SIGNATURE, "the type variable T is not known"),
				arguments(Unreadable.class, Kind.SIGNATURE,
						"has the parameter 'input': InputStream is abstract, so it is not known which class to create."),
				arguments(UnreadableElements.class, Kind.SIGNATURE, "Runnable is abstract"),
				arguments(TwoMethods.class, Kind.SIGNATURE,
						"The class " + here + "TwoMethods is annotated with @AsyncJob and has 2 public methods: " + here
								+ "TwoMethods.first(), " + here + "TwoMethods.second(). Annotate the methods instead"),
				arguments(NoMethod.class, Kind.SIGNATURE, "has no public method. Annotate"),
				arguments(OnBoth.class, Kind.SIGNATURE, "is on the class " + here + "OnBoth and on its methods"),
				arguments(NotInInterface.class, Kind.SIGNATURE, "is in no interface of its bean"),
				arguments(FinalOnProxy.class, Kind.SIGNATURE, "is final, and its bean is a proxy by subclass"),
				arguments(TwoNames.class, Kind.NAME, "has two names: value is 'a' and name is 'b'"),
				arguments(BlankName.class, Kind.NAME, "has the name ' '"),
				arguments(DollarName.class, Kind.NAME, "does not begin with '$'. Give it another one"),
				arguments(NegativeAttempts.class, Kind.ATTRIBUTE,
						"Function 'work', " + here
								+ "NegativeAttempts.work(): maxAttempts is '-1': expected a number from 1"),
				arguments(LongRetention.class, Kind.ATTRIBUTE, "retention is 'PT960000H': expected 36500d at most"),
				arguments(BadBackoff.class, Kind.ATTRIBUTE, "backoff is 'soon': expected a duration such as 90s"),
				arguments(GapInBackoff.class, Kind.ATTRIBUTE,
						"backoff is 'PT1S,,PT5S': expected a duration, or several with commas between"),
				arguments(TwoWaits.class, Kind.ATTRIBUTE,
						"retryPolicy is '" + here + "Stubborn': expected no other attribute that says the waits"),
				arguments(NoSuchPolicy.class, Kind.ATTRIBUTE,
						"retryPolicyBean is 'patience': expected the name of a bean of type RetryPolicy"),
				arguments(UnmakeablePolicy.class, Kind.ATTRIBUTE,
						"Fussy': expected a class with a constructor without parameters"),
				arguments(NegativeTimeout.class, Kind.ATTRIBUTE, "timeout is '-PT1S'"),
				arguments(BlankQueue.class, Kind.ATTRIBUTE, "queue is ' '"));
	}

	@Test
	void policyIsMadeOfAClassWhereThereIsNoBeanOfIt() {
		JobFunction function = TestScan.of(Deciding.class).functions().iterator().next();

		assertThat(function.retryPolicy()).isInstanceOf(Stubborn.class);
		assertThat(function.noRetryFor()).containsExactly(IllegalStateException.class, IOException.class);
		assertThat(function.backoff()).isNull();
	}

	@Test
	void policyIsTheBeanOfItsClassWhereThereIsOne() {
		try (AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(Deciding.class,
				Stubborn.class)) {
			JobFunction function = TestScan.of(application).functions().iterator().next();

			assertThat(function.retryPolicy()).isSameAs(application.getBean(Stubborn.class));
		}
	}

	@Test
	void listOfWaitsIsAPolicy() {
		JobFunction function = TestScan.of(Listing.class).functions().iterator().next();

		RetryPolicy policy = Objects.requireNonNull(function.retryPolicy());
		assertThat(Stream.of(1, 2, 3, 4).map((attempt) -> policy.next(attempt, new IOException()))).containsExactly(
				Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ofMinutes(1));
	}

	private static @Nullable Object call(JobFunction function, List<?> params) throws Exception {
		return function.bind(params, Map.of(), mock(JobContext.class)).invoke();
	}

	private static <T> ProxyFactory proxy(T target) {
		ProxyFactory factory = new ProxyFactory(target);
		factory.addAdvice((MethodInterceptor) (invocation) -> "proxied " + invocation.proceed());
		return factory;
	}

	static class Plain {

		@AsyncJob
		public String work(String text) {
			return "plain " + text;
		}

	}

	static class Inheriting extends Plain {

	}

	static class Overriding extends Plain {

		@Override
		public String work(String text) {
			return "overriding " + text;
		}

	}

	interface Worker {

		@AsyncJob
		String work(String text);

	}

	static class Implementing implements Worker {

		@Override
		public String work(String text) {
			return "implementing " + text;
		}

	}

	interface DefaultWorker {

		@AsyncJob
		default String work(String text) {
			return "default " + text;
		}

	}

	static class WithDefaultMethod implements DefaultWorker {

	}

	interface Handler<T> {

		@AsyncJob
		String work(T value);

	}

	static class GenericHandler implements Handler<String> {

		@Override
		public String work(String value) {
			return "handled " + value;
		}

	}

	abstract static class Base<T> {

		@AsyncJob
		public String work(T value) {
			return "base " + value;
		}

	}

	static class GenericBase extends Base<String> {

	}

	static class Box<T> {

		@AsyncJob
		public String work(T value) {
			return value.toString();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class GenericBean {

		@Bean
		Box<Character> box() {
			return new Box<>();
		}

	}

	@AsyncJob("work")
	static class OnClass implements InitializingBean, AutoCloseable {

		public String run(String text) {
			return "class " + text;
		}

		@Override
		public void afterPropertiesSet() {
		}

		@Override
		public void close() {
		}

		@Override
		public String toString() {
			return "OnClass";
		}

		protected void helper() {
		}

	}

	@AsyncJob("work")
	static class OnClassConsumer implements Consumer<String> {

		@Override
		public void accept(String text) {
		}

	}

	@Retention(RetentionPolicy.RUNTIME)
	@Target(ElementType.METHOD)
	@AsyncJob(queue = "mail")
	@interface MailJob {

		@AliasFor(annotation = AsyncJob.class, attribute = "name")
		String function();

	}

	static class Composed {

		@MailJob(function = "work")
		public String send(String text) {
			return "composed " + text;
		}

	}

	static class ByName {

		@AsyncJob(name = "work")
		public String send(String text) {
			return "named " + text;
		}

	}

	@Configuration
	static class ConfigurationClass {

		@AsyncJob
		public String work(String text) {
			return "configuration " + text;
		}

		@Bean
		String something() {
			return "x";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DeclaredByInterface {

		@Bean
		Worker worker() {
			return new Implementing();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyByInterface {

		@Bean
		@Lazy
		Worker worker() {
			return new Implementing();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class JdkProxy {

		@Bean
		Worker worker() {
			return (Worker) proxy(new Implementing()).getProxy();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ClassProxy {

		@Bean
		Plain worker() {
			ProxyFactory factory = proxy(new Plain());
			factory.setProxyTargetClass(true);
			return (Plain) factory.getProxy();
		}

	}

	static class TransactionManager extends AbstractPlatformTransactionManager {

		@Override
		protected Object doGetTransaction() {
			return new Object();
		}

		@Override
		protected void doBegin(Object transaction, org.springframework.transaction.TransactionDefinition definition) {
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
		}

		@Override
		protected void doRollback(DefaultTransactionStatus status) {
		}

	}

	static class TransactionalJobs {

		@AsyncJob
		@Transactional
		protected String work(String text) {
			return "transaction " + TransactionSynchronizationManager.isActualTransactionActive();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true)
	static class TransactionalByClass {

		@Bean
		PlatformTransactionManager transactionManager() {
			return new TransactionManager();
		}

		@Bean
		TransactionalJobs jobs() {
			return new TransactionalJobs();
		}

	}

	static class TransactionalWorker implements Worker {

		@Override
		@Transactional
		public String work(String text) {
			return "transaction " + TransactionSynchronizationManager.isActualTransactionActive();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement
	static class TransactionalByInterface {

		@Bean
		PlatformTransactionManager transactionManager() {
			return new TransactionManager();
		}

		@Bean
		Worker jobs() {
			return new TransactionalWorker();
		}

	}

	@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
	static class Prototype {

		@AsyncJob
		public String work(String text) {
			return "prototype " + text;
		}

	}

	@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
	static class CountingPrototype {

		private int calls;

		@AsyncJob
		public int work() {
			return ++this.calls;
		}

	}

	@Scope(scopeName = ConfigurableBeanFactory.SCOPE_PROTOTYPE, proxyMode = ScopedProxyMode.TARGET_CLASS)
	static class ScopedProxy {

		@AsyncJob
		public String work(String text) {
			assertThat(AopUtils.isAopProxy(this)).isFalse();
			return "scoped " + text;
		}

	}

	static class PlainFactory implements FactoryBean<Plain> {

		@Override
		public Plain getObject() {
			return new Plain();
		}

		@Override
		public Class<?> getObjectType() {
			return Plain.class;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FromFactoryBean {

		@Bean
		PlainFactory plain() {
			return new PlainFactory();
		}

	}

	@Lazy
	static class LazyJobs {

		private static final AtomicInteger created = new AtomicInteger();

		LazyJobs() {
			created.incrementAndGet();
		}

		@AsyncJob
		public String work(String text) {
			return "lazy " + text;
		}

	}

	static class LazyFactory implements FactoryBean<Object> {

		private static final AtomicInteger created = new AtomicInteger();

		LazyFactory() {
			created.incrementAndGet();
		}

		@Override
		public Object getObject() {
			return new Plain();
		}

		@Override
		public @Nullable Class<?> getObjectType() {
			return null;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyFactoryBean {

		@Bean
		@Lazy
		FactoryBean<?> plain() {
			return new LazyFactory();
		}

	}

	static class MailJobs {

		@AsyncJob("send_mail")
		public void send(String to) {
		}

	}

	static class OldMail {

		@AsyncJob("send_mail")
		public void send(String to) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoBeans {

		@Bean
		Plain first() {
			return new Plain();
		}

		@Bean
		Plain second() {
			return new Plain();
		}

	}

	static class PrivateMethod {

		@AsyncJob
		@SuppressWarnings("UnusedMethod")
		private void work() {
		}

	}

	static class StaticMethod {

		@AsyncJob
		public static void work() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BeanMethod {

		@Bean
		@AsyncJob
		Plain plain() {
			return new Plain();
		}

	}

	static class AsyncVoid {

		@AsyncJob
		@Async
		public void work() {
		}

		@AsyncJob
		@Async
		public CompletableFuture<String> fine() {
			return CompletableFuture.completedFuture("x");
		}

	}

	static class Streaming {

		@AsyncJob
		public Flow.@Nullable Publisher<String> work() {
			return null;
		}

	}

	static class OpenGeneric {

		@AsyncJob
		public <T> void work(T value) {
		}

	}

	static class OpenList<T> {

		@AsyncJob
		public void work(List<T> value) {
		}

	}

	static class Unreadable {

		@AsyncJob
		public void work(InputStream input) {
		}

	}

	static class UnreadableElements {

		@AsyncJob
		public void work(List<Runnable> runnables) {
		}

	}

	@AsyncJob
	static class TwoMethods {

		public void first() {
		}

		public void second() {
		}

	}

	@AsyncJob
	static class NoMethod {

		void work() {
		}

	}

	@AsyncJob
	static class OnBoth {

		@AsyncJob
		public void work() {
		}

	}

	static class WithExtra implements Worker {

		@Override
		public String work(String text) {
			return text;
		}

		@AsyncJob
		public void extra() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NotInInterface {

		@Bean
		Worker worker() {
			return (Worker) proxy(new WithExtra()).getProxy();
		}

	}

	static class FinalJobs {

		@AsyncJob
		public final void work() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FinalOnProxy {

		@Bean
		FinalJobs jobs() {
			ProxyFactory factory = proxy(new FinalJobs());
			factory.setProxyTargetClass(true);
			return (FinalJobs) factory.getProxy();
		}

	}

	static class TwoNames {

		@AsyncJob(value = "a", name = "b")
		public void work() {
		}

	}

	static class BlankName {

		@AsyncJob(" ")
		public void work() {
		}

	}

	static class DollarName {

		@AsyncJob("$work")
		public void work() {
		}

	}

	static class NegativeAttempts {

		@AsyncJob(maxAttempts = -1)
		public void work() {
		}

	}

	static class LongRetention {

		@AsyncJob(retention = "PT960000H")
		public void work() {
		}

	}

	static class BadBackoff {

		@AsyncJob(backoff = "soon")
		public void work() {
		}

	}

	static class GapInBackoff {

		@AsyncJob(backoff = "PT1S,,PT5S")
		public void work() {
		}

	}

	static class Stubborn implements RetryPolicy {

		@Override
		public Duration next(int attempt, Throwable thrown) {
			return Duration.ofSeconds(attempt);
		}

	}

	static class Fussy extends Stubborn {

		Fussy(String taste) {
		}

	}

	static class Deciding {

		@AsyncJob(retryPolicy = Stubborn.class, noRetryFor = { IllegalStateException.class, IOException.class })
		public void work() {
		}

	}

	static class Listing {

		@AsyncJob(backoff = "PT1S, PT5S, PT1M")
		public void work() {
		}

	}

	static class TwoWaits {

		@AsyncJob(backoff = "PT1S", retryPolicy = Stubborn.class)
		public void work() {
		}

	}

	static class NoSuchPolicy {

		@AsyncJob(retryPolicyBean = "patience")
		public void work() {
		}

	}

	static class UnmakeablePolicy {

		@AsyncJob(retryPolicy = Fussy.class)
		public void work() {
		}

	}

	static class NegativeTimeout {

		@AsyncJob(timeout = "-PT1S")
		public void work() {
		}

	}

	static class BlankQueue {

		@AsyncJob(queue = " ")
		public void work() {
		}

	}

}
