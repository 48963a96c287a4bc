package dev.taskqueue.actuate;

import java.util.List;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The workers.
 *
 * @param workers those of all nodes
 */
public record WorkersDescriptor(List<WorkerDescriptor> workers) implements OperationResponseBody {
}
