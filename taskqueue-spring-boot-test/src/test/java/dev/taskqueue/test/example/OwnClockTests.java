package dev.taskqueue.test.example;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

import dev.taskqueue.test.AutoConfigureTaskQueueTester;
import dev.taskqueue.test.MovableClock;
import dev.taskqueue.test.TaskQueueTester;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.test.context.bean.override.convention.TestBean;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.verify;

@SpringBootTest
@AutoConfigureTaskQueueTester
@SuppressWarnings("NullAway.Init")
class OwnClockTests {

	@TestBean
	private Clock clock;

	static Clock clock() {
		return new MovableClock();
	}

	@Autowired
	private TaskQueueTester tester;

	@Autowired
	private Orders orders;

	@MockitoBean
	private MailServer server;

	@Test
	void clockOfTheApplicationIsMoved() throws IOException {
		this.orders.place("you@example.com");

		this.tester.advance(Duration.ofDays(15));
		this.tester.runDue();

		verify(this.server).send("you@example.com", "How was it?");
		assertThat(this.clock.instant()).isAfter(Instant.now().plus(Duration.ofDays(14)));
	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Application {

		@Bean
		Clock clock() {
			return Clock.systemUTC();
		}

	}

}
