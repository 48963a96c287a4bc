package dev.taskqueue.autoconfigure;

import java.util.Objects;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.assertj.ApplicationContextAssertProvider;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;

/**
 * What a user reads when the application does not start: the first analysis of all
 * registered analyzers, ours and Boot's, as Boot takes it.
 */
final class StartupFailure {

	private StartupFailure() {
	}

	static FailureAnalysis of(ApplicationContextAssertProvider<?> context) {
		Throwable failure = Objects.requireNonNull(context.getStartupFailure(), "the application has started");
		ArgumentResolver arguments = ArgumentResolver.of(Environment.class, new StandardEnvironment())
			.and(BeanFactory.class, new DefaultListableBeanFactory());
		return SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class, arguments,
					// some of Boot's analyzers are for libraries that are not here
					SpringFactoriesLoader.FailureHandler.handleMessage((message, failed) -> {
					}))
			.stream()
			.map((analyzer) -> analyzer.analyze(failure))
			.filter(Objects::nonNull)
			.findFirst()
			.orElseThrow(() -> new AssertionError("nobody explains the failure", failure));
	}

}
