package dev.taskqueue.actuate;

import java.util.List;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The functions.
 *
 * @param functions those of this application
 */
public record FunctionsDescriptor(List<FunctionDescriptor> functions) implements OperationResponseBody {
}
