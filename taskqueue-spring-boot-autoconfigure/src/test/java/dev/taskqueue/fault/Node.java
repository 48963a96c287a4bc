package dev.taskqueue.fault;

import java.time.Instant;
import java.util.Date;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import org.bson.Document;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * An application that has done nothing but add the starter and a function, which keeps a
 * record of its own of each start and each end.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class Node {

	static final String STARTS = "starts";

	static final String ENDS = "ends";

	public static void main(String[] args) {
		SpringApplication.run(Node.class, args);
		System.out.println("NODE READY");
	}

	@Bean
	Recording recording(MongoTemplate mongo) {
		return new Recording(mongo);
	}

	static class Recording {

		private final MongoTemplate mongo;

		Recording(MongoTemplate mongo) {
			this.mongo = mongo;
		}

		@AsyncJob("record")
		public void record(JobContext job, int millis) throws InterruptedException {
			note(STARTS, job);
			new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
			note(ENDS, job);
		}

		private void note(String collection, JobContext job) {
			this.mongo.getCollection(collection)
				.insertOne(new Document("job", job.jobId()).append("attempt", job.attempt())
					.append("pid", ProcessHandle.current().pid())
					.append("thread", Thread.currentThread().getName())
					.append("virtual", !Thread.currentThread().getClass().equals(Thread.class))
					.append("at", Date.from(Instant.now())));
		}

	}

}
