package dev.taskqueue.test;

import java.time.Clock;
import java.time.Duration;

import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.mongodb.autoconfigure.DataMongoAutoConfiguration;
import org.springframework.boot.mongodb.autoconfigure.MongoAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The tester in an application that has a clock of its own.
 */
@SpringBootTest
@AutoConfigureTaskQueueTester
@SuppressWarnings("NullAway.Init")
class FixedClockTests {

	@Autowired
	private TaskQueueTester tester;

	@Test
	void clockThatCannotBeMovedIsNamedWithTheRemedy() {
		assertThatIllegalStateException().isThrownBy(() -> this.tester.advance(Duration.ofHours(1)))
			.withMessageContaining("SystemClock")
			.withMessageContaining("@TestBean Clock clock");
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = { MongoAutoConfiguration.class, DataMongoAutoConfiguration.class })
	static class Application {

		@Bean
		Clock clock() {
			return Clock.systemUTC();
		}

	}

}
