package dev.taskqueue.actuate;

import java.util.List;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The queues.
 *
 * @param queues those with jobs that have not ended, and those that are paused
 */
public record QueuesDescriptor(List<QueueDescriptor> queues) implements OperationResponseBody {
}
