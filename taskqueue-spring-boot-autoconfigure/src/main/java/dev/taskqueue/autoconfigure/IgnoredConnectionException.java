package dev.taskqueue.autoconfigure;

import java.util.List;

/**
 * The connection to MongoDB is given by properties that Boot no longer reads, so that the
 * queue would be kept somewhere else than meant, or nowhere.
 */
final class IgnoredConnectionException extends RuntimeException {

	private final transient List<String> ignored;

	IgnoredConnectionException(List<String> ignored) {
		super("Spring Boot 4 ignores " + String.join(", ", ignored) + "; the connection is set by spring.mongodb.*");
		this.ignored = ignored;
	}

	List<String> getIgnored() {
		return this.ignored;
	}

}
