package dev.taskqueue.autoconfigure;

import dev.taskqueue.worker.WorkerStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;

/** What a node knows of its own lease, for those who write it down. */
public final class NodeStatus {

	private NodeStatus() {
	}

	public static @Nullable WorkerStatus of(ApplicationContext application) {
		return application.getBean(WorkerLifecycle.class).status();
	}

}
