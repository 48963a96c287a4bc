package dev.taskqueue.autoconfigure;

import java.util.Set;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What users set for the endpoint {@code taskqueue}, by Boot's names.
 *
 * @param showValues When to show arguments and results of jobs.
 * @param roles Roles that may see them when 'show-values' is 'when-authorized'. When
 * empty, all authenticated users may.
 */
@ConfigurationProperties("management.endpoint.taskqueue")
record TaskQueueEndpointProperties(@DefaultValue("never") Show showValues, @DefaultValue Set<String> roles) {
}
