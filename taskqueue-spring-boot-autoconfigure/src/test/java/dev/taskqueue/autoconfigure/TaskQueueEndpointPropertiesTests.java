package dev.taskqueue.autoconfigure;

import java.util.Map;

import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

class TaskQueueEndpointPropertiesTests {

	@Test
	void valuesAreHiddenFromEverybodyUnlessSet() {
		TaskQueueEndpointProperties properties = bind(Map.of());

		assertThat(properties.getShowValues()).isEqualTo(Show.NEVER);
		assertThat(properties.getRoles()).isEmpty();
	}

	@Test
	void valuesAreShownToTheRolesThatAreSet() {
		TaskQueueEndpointProperties properties = bind(Map.of("management.endpoint.taskqueue.show-values",
				"when-authorized", "management.endpoint.taskqueue.roles", "ADMIN,OPERATOR"));

		assertThat(properties.getShowValues()).isEqualTo(Show.WHEN_AUTHORIZED);
		assertThat(properties.getRoles()).containsExactlyInAnyOrder("ADMIN", "OPERATOR");
	}

	private static TaskQueueEndpointProperties bind(Map<String, String> properties) {
		return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate("management.endpoint.taskqueue",
				TaskQueueEndpointProperties.class);
	}

}
