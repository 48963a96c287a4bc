package dev.taskqueue.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/**
 * What starts after all other beans and stops before them: on the first sign of the end,
 * in the thread that closes the application. A task scheduler of the user's, which a
 * running attempt may need, refuses work from the moment at which its own listener hears
 * of the end. A phase of the life cycle would come later, and be cut off by
 * {@code spring.lifecycle.timeout-per-shutdown-phase}.
 */
abstract class UntilClosed
		implements SmartLifecycle, ApplicationListener<ContextClosedEvent>, ApplicationContextAware, Ordered {

	private static final Logger logger = LoggerFactory.getLogger(UntilClosed.class);

	private final int order;

	private @Nullable ApplicationContext application;

	/**
	 * Creates it.
	 * @param order whose end comes first: the lower
	 */
	UntilClosed(int order) {
		this.order = order;
	}

	@Override
	public void setApplicationContext(ApplicationContext application) {
		this.application = application;
	}

	@Override
	public void onApplicationEvent(ContextClosedEvent event) {
		// a child, such as the management server's context, tells its parents too
		if (event.getApplicationContext() == this.application) {
			stop();
		}
	}

	/** What listeners throw is theirs alone. */
	final void publish(Object event) {
		ApplicationContext known = this.application;
		try {
			if (known != null) {
				known.publishEvent(event);
			}
		}
		catch (RuntimeException | Error ex) {
			logger.warn("A listener failed at {}; the application goes on", event, ex);
		}
	}

	@Override
	public int getOrder() {
		return this.order;
	}

}
