package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.taskqueue.JobEvent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.ResolvableType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class JobEventPublisherTests {

	private static final JobEvent ENQUEUED = new JobEvent.Enqueued("1", "send_mail", "default");

	private static final JobEvent EXPIRED = new JobEvent.Expired("1", "send_mail", "default");

	private final Application application = new Application();

	private final JobEventPublisher publisher = new JobEventPublisher(this.application);

	@AfterEach
	void close() {
		this.application.close();
	}

	@Test
	void publishesNothingThatNobodyListensTo() {
		start(OfContext.class);

		this.publisher.accept(ENQUEUED);

		assertThat(this.application.published).isEmpty();
	}

	@Test
	void listenerOfAllSignalsHearsAll() {
		start(OfAll.class);

		this.publisher.accept(ENQUEUED);
		this.publisher.accept(EXPIRED);

		assertThat(this.application.getBean(OfAll.class).heard).containsExactly(ENQUEUED, EXPIRED);
	}

	@Test
	void listenerOfOneSignalLeavesTheOthersUnpublished() {
		start(OfOne.class);

		this.publisher.accept(ENQUEUED);
		this.publisher.accept(EXPIRED);

		assertThat(this.application.getBean(OfOne.class).heard).containsExactly(EXPIRED);
		assertThat(this.application.published).hasSize(1);
	}

	@Test
	void listenerThatIsAddedLaterHearsToo() {
		start(OfContext.class);
		this.publisher.accept(ENQUEUED);
		List<Object> heard = new ArrayList<>();

		this.application.addApplicationListener(
				(ApplicationListener<PayloadApplicationEvent<JobEvent>>) (event) -> heard.add(event.getPayload()));
		this.publisher.accept(EXPIRED);

		assertThat(heard).containsExactly(EXPIRED);
	}

	@Test
	void lazyListenerIsCreatedByItsFirstEvent() {
		start(LazyListener.class);

		this.publisher.accept(ENQUEUED);

		assertThat(this.application.getBean(LazyListener.class).heard).isEqualTo(1);
	}

	@Test
	void listenerOfAParentContextHears() {
		start(OfAll.class);
		try (Application child = new Application()) {
			child.setParent(this.application);
			child.refresh();

			new JobEventPublisher(child).accept(ENQUEUED);
		}

		assertThat(this.application.getBean(OfAll.class).heard).containsExactly(ENQUEUED);
	}

	@Test
	void listenerThatThrowsIsMeasuredToo() {
		start(Throwing.class);
		List<JobEvent> measured = new ArrayList<>();
		this.publisher.measureBy((event, took) -> {
			assertThat(took).isGreaterThan(Duration.ZERO);
			measured.add(event);
		});

		assertThatIllegalStateException().isThrownBy(() -> this.publisher.accept(ENQUEUED));

		assertThat(measured).containsExactly(ENQUEUED);
	}

	private void start(Class<?>... listeners) {
		this.application.register(listeners);
		this.application.refresh();
		this.application.published.clear();
	}

	/** Tells what is published to it. */
	private static final class Application extends AnnotationConfigApplicationContext {

		private final List<Object> published = new ArrayList<>();

		@Override
		protected void publishEvent(Object event, @Nullable ResolvableType type) {
			this.published.add(event);
			super.publishEvent(event, type);
		}

	}

	static class OfContext {

		@EventListener
		void heard(ContextRefreshedEvent event) {
		}

	}

	static class OfAll {

		private final List<JobEvent> heard = new ArrayList<>();

		@EventListener
		void heard(JobEvent event) {
			this.heard.add(event);
		}

	}

	static class OfOne {

		private final List<JobEvent> heard = new ArrayList<>();

		@EventListener
		void heard(JobEvent.Expired event) {
			this.heard.add(event);
		}

	}

	@Lazy
	static class LazyListener implements ApplicationListener<PayloadApplicationEvent<JobEvent.Enqueued>> {

		private int heard;

		@Override
		public void onApplicationEvent(PayloadApplicationEvent<JobEvent.Enqueued> event) {
			this.heard++;
		}

	}

	static class Throwing {

		@EventListener
		void heard(JobEvent event) {
			throw new IllegalStateException("The listener throws");
		}

	}

}
