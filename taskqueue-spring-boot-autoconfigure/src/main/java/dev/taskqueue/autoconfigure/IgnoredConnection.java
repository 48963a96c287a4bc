package dev.taskqueue.autoconfigure;

import java.util.List;

import com.mongodb.client.MongoClient;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.mongodb.autoconfigure.MongoAutoConfiguration;
import org.springframework.core.env.Environment;

/**
 * Finds a connection to MongoDB that is set by the names of Boot 3. Boot 4 drops them
 * without a word and connects to localhost.
 */
final class IgnoredConnection {

	private static final List<String> SETTINGS = List.of("uri", "host", "port", "database", "username", "password",
			"replica-set-name", "authentication-database", "additional-hosts", "protocol");

	private IgnoredConnection() {
	}

	/**
	 * Refuses the old names where the client is Boot's and nothing says the same by the
	 * new names.
	 * @param beanFactory tells whose the client is and whether something else than
	 * properties gives its connection
	 * @param environment the properties
	 * @throws IgnoredConnectionException if the connection is not the one that is meant
	 */
	static void check(ConfigurableListableBeanFactory beanFactory, Environment environment) {
		List<String> ignored = given("spring.data.mongodb.", environment);
		if (!ignored.isEmpty() && given("spring.mongodb.", environment).isEmpty()
				&& isConnectedByProperties(beanFactory)) {
			throw new IgnoredConnectionException(ignored);
		}
	}

	static String newName(String oldName) {
		return oldName.replace("spring.data.mongodb.", "spring.mongodb.");
	}

	private static List<String> given(String prefix, Environment environment) {
		return SETTINGS.stream().map((setting) -> prefix + setting).filter(environment::containsProperty).toList();
	}

	private static boolean isConnectedByProperties(ConfigurableListableBeanFactory beanFactory) {
		// a bean of the user's own may well read the old names itself
		return isOfBoot(beanFactory, MongoClient.class)
				&& isOfBoot(beanFactory, org.springframework.boot.mongodb.autoconfigure.MongoConnectionDetails.class);
	}

	private static boolean isOfBoot(ConfigurableListableBeanFactory beanFactory, Class<?> type) {
		for (String name : beanFactory.getBeanNamesForType(type, true, false)) {
			String maker = beanFactory.containsBeanDefinition(name)
					? beanFactory.getBeanDefinition(name).getFactoryBeanName() : null;
			if (maker == null || !maker.startsWith(MongoAutoConfiguration.class.getName())) {
				return false;
			}
		}
		return true;
	}

}
