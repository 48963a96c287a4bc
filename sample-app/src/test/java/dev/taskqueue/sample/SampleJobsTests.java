package dev.taskqueue.sample;

import java.time.Duration;

import dev.taskqueue.JobHandle;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.test.AutoConfigureTaskQueueTester;
import dev.taskqueue.test.TaskQueueTester;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How an application tests its jobs: they run when the test says so.
 */
@SpringBootTest
@AutoConfigureTaskQueueTester
class SampleJobsTests {

	@Autowired
	private TaskQueueTester tester;

	@Autowired
	private TaskQueue taskQueue;

	@Test
	void recordedCallIsAJobOfTheMailQueue() {
		this.taskQueue.enqueue(MailJobs.class, (mail) -> mail.send("you@example.com", "by recorded call"));

		this.tester.runDue();

		assertThat(this.tester).hasEnqueued("send_mail")
			.withArgs("you@example.com", "by recorded call")
			.inQueue("mail")
			.once()
			.hasSucceeded()
			.hasResult("sent to you@example.com");
	}

	@Test
	void pageIsFetchedAtTheThirdAttempt() {
		JobHandle<Object> page = this.taskQueue.enqueue("fetch_page", "https://example.com");

		this.tester.runDue();
		assertThat(this.tester.job(page)).isPending().hasErrorContaining("No answer");

		this.tester.advance(Duration.ofMinutes(1));
		this.tester.runDue();
		this.tester.runAll();
		assertThat(this.tester.job(page)).hasSucceeded().hasAttempts(3);
	}

}
