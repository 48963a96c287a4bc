package dev.taskqueue.fault;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * The next version of {@link Node}: it has a function that is new, and no longer the one
 * of the version before.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class NewNode {

	public static void main(String[] args) {
		SpringApplication.run(NewNode.class, args);
		System.out.println("NODE READY");
	}

	@Bean
	NewRecording newRecording(MongoTemplate mongo) {
		return new NewRecording(mongo);
	}

	static class NewRecording {

		private final Node.Recording recording;

		NewRecording(MongoTemplate mongo) {
			this.recording = new Node.Recording(mongo);
		}

		@AsyncJob("record_anew")
		public void recordAnew(JobContext job, int millis) throws InterruptedException {
			this.recording.record(job, millis);
		}

	}

}
