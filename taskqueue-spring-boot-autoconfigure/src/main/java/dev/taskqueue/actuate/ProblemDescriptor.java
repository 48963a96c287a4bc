package dev.taskqueue.actuate;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * Why a question has no answer.
 *
 * @param message what was asked, what is expected and what to do
 */
public record ProblemDescriptor(String message) implements OperationResponseBody {
}
