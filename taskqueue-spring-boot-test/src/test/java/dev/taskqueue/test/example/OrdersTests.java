package dev.taskqueue.test.example;

import java.io.IOException;
import java.time.Duration;

import dev.taskqueue.JobState;
import dev.taskqueue.test.AutoConfigureTaskQueueTester;
import dev.taskqueue.test.TaskQueueTester;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoMoreInteractions;

@SpringBootTest
@AutoConfigureTaskQueueTester
@SuppressWarnings("NullAway.Init")
class OrdersTests {

	@Autowired
	private TaskQueueTester tester;

	@Autowired
	private Orders orders;

	@MockitoBean
	private MailServer server;

	@Test
	void customerIsThankedAtOnceAndAskedAfterTwoWeeks() throws IOException {
		this.orders.place("you@example.com");

		assertThat(this.tester).hasEnqueued("send_mail").withArgs("you@example.com", "Thank you").inQueue("mail");
		assertThat(this.tester).hasEnqueued("send_mail").withDelay(Duration.ofDays(14)).once().isPending();

		this.tester.runDue();
		verify(this.server).send("you@example.com", "Thank you");
		verifyNoMoreInteractions(this.server);

		this.tester.advance(Duration.ofDays(14));
		this.tester.runDue();
		verify(this.server).send("you@example.com", "How was it?");
	}

	@Test
	void mailServerThatIsDownIsTriedAgainAfterAMinute() throws IOException {
		doThrow(new IOException("down")).doNothing().when(this.server).send("you@example.com", "Thank you");
		String mail = this.orders.place("you@example.com");

		this.tester.runDue();
		assertThat(this.tester.job(mail)).isPending().hasAttempts(1).hasErrorContaining("down");

		this.tester.runAll();
		assertThat(this.tester.job(mail)).hasSucceeded().hasAttempts(2).hasResult("sent to you@example.com");
		assertThat(this.tester.jobs()).allMatch((job) -> job.state() == JobState.SUCCEEDED);
	}

}
