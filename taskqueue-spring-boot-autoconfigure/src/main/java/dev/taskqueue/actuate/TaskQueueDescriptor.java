package dev.taskqueue.actuate;

import java.util.List;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * Everything at a glance.
 *
 * @param queues the queues with jobs that have not ended
 * @param workers the workers of all nodes
 * @param functions the functions of this application
 * @param crontab the schedules
 */
public record TaskQueueDescriptor(List<QueueDescriptor> queues, List<WorkerDescriptor> workers,
		List<FunctionDescriptor> functions, CrontabDescriptor crontab) implements OperationResponseBody {
}
