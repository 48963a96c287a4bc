package dev.taskqueue.autoconfigure;

import java.util.stream.Collectors;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says which properties to rename, and to what. */
final class IgnoredConnectionFailureAnalyzer extends AbstractFailureAnalyzer<IgnoredConnectionException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, IgnoredConnectionException cause) {
		String description = cause.getIgnored()
			.stream()
			.map((name) -> "Property '" + name + "' is ignored by Spring Boot 4.")
			.collect(Collectors.joining("\n"));
		String action = cause.getIgnored()
			.stream()
			.map((name) -> "Rename '" + name + "' to '" + IgnoredConnection.newName(name) + "'.")
			.collect(Collectors.joining("\n"));
		return new FailureAnalysis(
				description + "\nThe application would connect to " + "mongodb://localhost instead of what it says.",
				action, cause);
	}

}
