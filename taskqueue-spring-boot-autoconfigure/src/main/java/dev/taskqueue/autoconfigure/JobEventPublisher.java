package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import dev.taskqueue.JobEvent;

import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.event.GenericApplicationListener;
import org.springframework.context.event.GenericApplicationListenerAdapter;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.ResolvableType;

/**
 * Makes events of the application of the signals that somebody listens to. A plain job
 * has three, and to publish one that nobody wants makes an object and looks for its
 * listeners each time; so it is found out before, once for each kind of signal.
 */
final class JobEventPublisher implements Consumer<JobEvent> {

	private final ApplicationContext application;

	private volatile BiConsumer<JobEvent, Duration> measure = (event, took) -> {
	};

	private volatile Answers answers = new Answers(-1, Map.of());

	JobEventPublisher(ApplicationContext application) {
		this.application = application;
	}

	void measureBy(BiConsumer<JobEvent, Duration> measure) {
		this.measure = measure;
	}

	@Override
	public void accept(JobEvent event) {
		if (!isWanted(event)) {
			return;
		}
		long start = System.nanoTime();
		try {
			this.application.publishEvent(event);
		}
		finally {
			this.measure.accept(event, Duration.ofNanos(System.nanoTime() - start));
		}
	}

	/** What was found holds as long as no listener is added. */
	private boolean isWanted(JobEvent event) {
		int listeners = listeners();
		Answers known = this.answers;
		if (known.listeners != listeners) {
			known = new Answers(listeners, new ConcurrentHashMap<>());
			this.answers = known;
		}
		Boolean wanted = known.wanted.get(event.getClass());
		if (wanted == null) {
			wanted = hasListener(event.getClass());
			known.wanted.put(event.getClass(), wanted);
		}
		return wanted;
	}

	private int listeners() {
		int listeners = 0;
		for (ApplicationContext context = this.application; context != null; context = context.getParent()) {
			if (context instanceof AbstractApplicationContext known) {
				listeners += known.getApplicationListeners().size();
			}
		}
		return listeners;
	}

	/** In doubt yes. */
	private boolean hasListener(Class<? extends JobEvent> signal) {
		ResolvableType event = ResolvableType.forClassWithGenerics(PayloadApplicationEvent.class, signal);
		for (ApplicationContext context = this.application; context != null; context = context.getParent()) {
			if (!(context instanceof AbstractApplicationContext known) || hasListener(known, event)) {
				return true;
			}
		}
		return false;
	}

	private static boolean hasListener(AbstractApplicationContext context, ResolvableType event) {
		try {
			return List.copyOf(context.getApplicationListeners())
				.stream()
				.anyMatch((listener) -> generic(listener).supportsEventType(event)) || hasUnmade(context);
		}
		catch (RuntimeException ex) {
			// beans are still made
			return true;
		}
	}

	/** A listener that is created by its first event, such as a lazy one. */
	private static boolean hasUnmade(AbstractApplicationContext context) {
		for (String name : context.getBeanNamesForType(ApplicationListener.class, true, false)) {
			if (!context.getBeanFactory().containsSingleton(name)) {
				return true;
			}
		}
		return false;
	}

	private static GenericApplicationListener generic(ApplicationListener<?> listener) {
		return (listener instanceof GenericApplicationListener generic) ? generic
				: new GenericApplicationListenerAdapter(listener);
	}

	/**
	 * Which signals somebody wants.
	 *
	 * @param listeners how many listeners there were
	 * @param wanted by the type of the signal
	 */
	private record Answers(int listeners, Map<Class<?>, Boolean> wanted) {
	}

}
