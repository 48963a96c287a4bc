package dev.taskqueue.actuate;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * A page of jobs, the latest first.
 *
 * @param jobs the jobs
 * @param next what to give as {@code after} for the page that follows; null at the end
 */
public record JobsDescriptor(List<JobDescriptor> jobs, @Nullable String next) implements OperationResponseBody {
}
