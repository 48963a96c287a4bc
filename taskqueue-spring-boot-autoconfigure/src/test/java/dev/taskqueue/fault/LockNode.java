package dev.taskqueue.fault;

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
 * An application whose jobs have a lock, or a unique key, and which keeps a record of
 * each start and each end by the monotonic time of the machine.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class LockNode {

	public static void main(String[] args) {
		SpringApplication.run(LockNode.class, args);
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

		@AsyncJob(name = "exclusive", lock = "'lock-' + #number")
		public void exclusive(JobContext job, int number) throws InterruptedException {
			note(Node.STARTS, job, number);
			new CountDownLatch(1).await(15, TimeUnit.MILLISECONDS);
			note(Node.ENDS, job, number);
		}

		@AsyncJob(name = "unique", uniqueBy = "#number")
		public void unique(JobContext job, int number) throws InterruptedException {
			exclusive(job, number);
		}

		private void note(String collection, JobContext job, int number) {
			long nanoTime = System.nanoTime();
			this.mongo.getCollection(collection)
				.insertOne(new Document("job", job.jobId()).append("number", number)
					.append("pid", ProcessHandle.current().pid())
					.append("at", nanoTime));
		}

	}

}
