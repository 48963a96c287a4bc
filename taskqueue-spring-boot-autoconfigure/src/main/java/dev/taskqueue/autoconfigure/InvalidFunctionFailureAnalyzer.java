package dev.taskqueue.autoconfigure;

import dev.taskqueue.function.InvalidFunctionException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says what is wrong with an {@code @AsyncJob} method, and what to do. */
final class InvalidFunctionFailureAnalyzer extends AbstractFailureAnalyzer<InvalidFunctionException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidFunctionException cause) {
		return new FailureAnalysis(cause.getDescription(), cause.getAction(), cause);
	}

}
