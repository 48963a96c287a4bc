package dev.taskqueue.autoconfigure;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskDecorator;
import org.springframework.core.task.support.CompositeTaskDecorator;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * The threads that run attempts. They are unbounded here, since the worker's slots bound
 * them, and no bean: an application that has no executor of its own must not find ours.
 */
final class AttemptExecutor {

	private static final String PREFIX = "taskqueue-attempt-";

	private AttemptExecutor() {
	}

	/**
	 * Creates one.
	 * @param virtual whether each attempt has a virtual thread
	 * @param decorators wrap each attempt, such as for context propagation
	 * @return the executor; its threads are daemons and go when they are idle
	 */
	static Executor create(boolean virtual, List<TaskDecorator> decorators) {
		Executor threads = virtual ? virtualThreads() : platformThreads();
		if (decorators.isEmpty()) {
			return threads;
		}
		TaskDecorator decorator = new CompositeTaskDecorator(decorators);
		return (attempt) -> threads.execute(decorator.decorate(attempt));
	}

	private static Executor virtualThreads() {
		SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor(PREFIX);
		executor.setVirtualThreads(true);
		return executor;
	}

	private static Executor platformThreads() {
		CustomizableThreadFactory factory = new CustomizableThreadFactory(PREFIX);
		factory.setDaemon(true);
		return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 60, TimeUnit.SECONDS, new SynchronousQueue<>(), factory);
	}

}
