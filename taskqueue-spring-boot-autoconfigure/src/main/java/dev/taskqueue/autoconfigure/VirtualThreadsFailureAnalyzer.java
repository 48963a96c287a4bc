package dev.taskqueue.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says what to do where virtual threads are wanted and not to be had. */
final class VirtualThreadsFailureAnalyzer extends AbstractFailureAnalyzer<VirtualThreadsException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, VirtualThreadsException cause) {
		return new FailureAnalysis(cause.getMessage(),
				"Run the application on Java 21 or later, or set 'taskqueue.worker.threads' to 'platform', "
						+ "or remove the property.",
				cause);
	}

}
