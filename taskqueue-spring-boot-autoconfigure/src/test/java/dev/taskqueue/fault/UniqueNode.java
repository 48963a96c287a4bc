package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobHandle;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.TaskQueueException;
import org.bson.Document;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * An application that submits unique jobs all the time and runs them, and keeps a record
 * of each submit, each start and each end.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class UniqueNode {

	static final int KEYS = 4;

	public static void main(String[] args) {
		ConfigurableApplicationContext application = SpringApplication.run(UniqueNode.class, args);
		TaskQueue queue = application.getBean(TaskQueue.class);
		MongoTemplate mongo = application.getBean(MongoTemplate.class);
		System.out.println("NODE READY");
		for (int i = 0;; i++) {
			try {
				JobHandle<Object> job = queue.job("record", i % KEYS).uniqueKey("key-" + i % KEYS).enqueue();
				if (!job.isDuplicate()) {
					mongo.getCollection("submits").insertOne(new Document("job", job.id()).append("key", i % KEYS));
				}
			}
			catch (TaskQueueException ex) {
				// the index may not be there yet
				System.out.println(ex.getMessage());
			}
			LockSupport.parkNanos(Duration.ofMillis(7).toNanos());
		}
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
		public void record(JobContext job, int key) throws InterruptedException {
			note("starts", job, key);
			new CountDownLatch(1).await(30, TimeUnit.MILLISECONDS);
			note("ends", job, key);
		}

		private void note(String collection, JobContext job, int key) {
			this.mongo.getCollection(collection)
				.insertOne(new Document("job", job.jobId()).append("key", key)
					.append("pid", ProcessHandle.current().pid())
					.append("at", Date.from(Instant.now())));
		}

	}

}
