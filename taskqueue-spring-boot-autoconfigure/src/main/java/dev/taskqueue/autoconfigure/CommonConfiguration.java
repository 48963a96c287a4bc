package dev.taskqueue.autoconfigure;

import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.AsyncJobScanner;
import dev.taskqueue.function.HandlerFunctions;
import dev.taskqueue.store.BsonValues;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * What needs no MongoDB, so that it is there in each mode.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TaskQueueProperties.class)
class CommonConfiguration {

	@Bean
	@ConditionalOnMissingBean
	TaskQueueSettings taskQueueSettings(TaskQueueProperties properties, Environment environment) {
		return new TaskQueueSettings(properties, environment);
	}

	@Bean
	@ConditionalOnMissingBean
	JobEventListeners taskQueueJobEventListeners(ApplicationContext context) {
		return new JobEventListeners(new JobEventPublisher(context));
	}

	@Bean
	@ConditionalOnMissingBean
	ArgumentMapper taskQueueArgumentMapper(ApplicationContext context) {
		// not the application's own: what is stored must not change with its settings
		JsonMapper mapper = JsonMapper.builder()
			.findAndAddModules(context.getClassLoader())
			.addModule(new BsonJacksonModule())
			.build();
		return new ArgumentMapper(mapper, BsonValues::toPlain);
	}

	@Bean
	@ConditionalOnMissingBean
	ScannedFunctions taskQueueFunctions(ApplicationContext context, ArgumentMapper mapper, HandlerFunctions handlers) {
		return new ScannedFunctions(new AsyncJobScanner(context, mapper, DurationStyle::detectAndParse), handlers);
	}

	@Bean
	@ConditionalOnMissingBean
	HandlerFunctions jobFunctions(ApplicationContext context, ArgumentMapper mapper) {
		return new HandlerFunctions(context, mapper);
	}

}
