package dev.taskqueue.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Names the property that does not exist under {@code taskqueue}, where it stands and the
 * one that was probably meant. Goes before Boot's own analyzer, which cannot know that.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class UnknownPropertyFailureAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
		StringBuilder description = new StringBuilder();
		StringBuilder action = new StringBuilder();
		for (ConfigurationProperty property : cause.getUnboundProperties()) {
			String name = property.getName().toString();
			if (!name.startsWith("taskqueue.")) {
				return null;
			}
			description.append("Property '%s' with the value '%s'%s does not exist.%n".formatted(name,
					property.getValue(), (property.getOrigin() != null) ? " in " + property.getOrigin() : ""));
			String nearest = KnownProperties.nearest(name);
			action.append((nearest != null) ? "Did you mean '%s'? ".formatted(nearest)
					: "Remove '%s', or give it another prefix if it is your own. ".formatted(name));
		}
		action.append("These exist: ").append(String.join(", ", KnownProperties.names())).append('.');
		return new FailureAnalysis(description.toString().stripTrailing(), action.toString(), cause);
	}

}
