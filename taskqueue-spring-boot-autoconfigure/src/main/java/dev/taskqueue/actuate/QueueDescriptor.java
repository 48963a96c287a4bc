package dev.taskqueue.actuate;

import dev.taskqueue.client.QueueDepth;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * A queue. Numbers are texts, since they are counted up to 10,000 only: then they are
 * {@code 10000+}.
 *
 * @param name the name
 * @param pending jobs that are due
 * @param scheduled jobs whose time is to come
 * @param running jobs that a worker holds
 * @param paused whether no job of it is started
 */
public record QueueDescriptor(String name, String pending, String scheduled, String running,
		boolean paused) implements OperationResponseBody {

	static QueueDescriptor of(QueueDepth depth) {
		return new QueueDescriptor(depth.queue(), depth.pending().toString(), depth.scheduled().toString(),
				depth.running().toString(), depth.isPaused());
	}

}
