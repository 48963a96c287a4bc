package dev.taskqueue.autoconfigure;

import java.util.HashSet;
import java.util.Set;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What users set for the endpoint {@code taskqueue}, by Boot's names.
 */
@ConfigurationProperties("management.endpoint.taskqueue")
class TaskQueueEndpointProperties {

	/** When to show arguments and results of jobs. */
	private Show showValues = Show.NEVER;

	/**
	 * Roles that may see them when 'show-values' is 'when-authorized'. When empty, all
	 * authenticated users may.
	 */
	private final Set<String> roles = new HashSet<>();

	public Show getShowValues() {
		return this.showValues;
	}

	public void setShowValues(Show showValues) {
		this.showValues = showValues;
	}

	public Set<String> getRoles() {
		return this.roles;
	}

}
