package dev.taskqueue.fault;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.data.mongodb.core.MongoTemplate;

/** An application with a method that says itself when it runs. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class PeriodicNode {

	public static void main(String[] args) {
		SpringApplication.run(PeriodicNode.class, args);
		System.out.println("NODE READY");
	}

	@Bean
	Ticking ticking(MongoTemplate mongo) {
		return new Ticking(mongo);
	}

	static class Ticking {

		private final Node.Recording recording;

		Ticking(MongoTemplate mongo) {
			this.recording = new Node.Recording(mongo);
		}

		@AsyncJob(value = "tick", every = "1s", maxAttempts = 3)
		public void tick(JobContext job) throws InterruptedException {
			this.recording.record(job, 1);
		}

	}

}
