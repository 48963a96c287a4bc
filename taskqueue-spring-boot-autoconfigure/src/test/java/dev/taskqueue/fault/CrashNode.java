package dev.taskqueue.fault;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.autoconfigure.TaskQueueAutoConfiguration;
import dev.taskqueue.autoconfigure.TaskQueueCrontabAutoConfiguration;
import dev.taskqueue.autoconfigure.TaskQueueWorkerAutoConfiguration;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.CrashPoints;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.mongodb.autoconfigure.DataMongoAutoConfiguration;
import org.springframework.boot.mongodb.autoconfigure.MongoAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.data.mongodb.MongoTransactionManager;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * An application whose process ends at a {@link CrashPoint}, as by {@code kill -9}: with
 * no shutdown hook run and nothing flushed.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@ImportAutoConfiguration({ MongoAutoConfiguration.class, DataMongoAutoConfiguration.class,
		TaskQueueAutoConfiguration.class, TaskQueueWorkerAutoConfiguration.class,
		TaskQueueCrontabAutoConfiguration.class })
public class CrashNode {

	/** The exit value of a process that came to its point. */
	static final int CRASHED = 77;

	/** The system property that names the point. */
	static final String POINT = "crash.point";

	/** The system property that says at which pass; 1 is the first. */
	static final String PASS = "crash.pass";

	/** The property that says what this node submits: one of {@link Submits}. */
	static final String SUBMITS = "crash.submits";

	/** So that a few jobs are more than one batch of a bulk. */
	private static final String LARGE = "x".repeat(900_000);

	public static void main(String[] args) {
		CrashPoint point = CrashPoint.valueOf(System.getProperty(POINT));
		AtomicInteger passes = new AtomicInteger(Integer.getInteger(PASS, 1));
		CrashPoints.set((reached) -> {
			if (reached == point && passes.decrementAndGet() == 0) {
				Runtime.getRuntime().halt(CRASHED);
			}
		});
		SpringApplication.run(CrashNode.class, args);
		System.out.println("NODE READY");
	}

	@Bean
	Node.Recording recording(MongoTemplate mongo) {
		return new Node.Recording(mongo);
	}

	@Bean
	Functions functions(Node.Recording recording, MongoTemplate mongo) {
		return new Functions(recording, mongo);
	}

	@Bean
	ApplicationRunner submitting(Environment environment, TaskQueue queue, MongoDatabaseFactory factory) {
		return (arguments) -> {
			if (environment.containsProperty(SUBMITS)) {
				Submits.valueOf(environment.getRequiredProperty(SUBMITS)).submit(queue, factory);
			}
		};
	}

	/** What a node submits, with ids of its own, so that it can be submitted again. */
	enum Submits {

		ONE {

			@Override
			void submit(TaskQueue queue, MongoDatabaseFactory factory) {
				queue.job("record", 0).id("one").enqueue();
			}

		},

		BULK {

			@Override
			void submit(TaskQueue queue, MongoDatabaseFactory factory) {
				queue
					.enqueueAll(IntStream.range(0, 6).mapToObj((i) -> queue.job("keep", LARGE).id("bulk-" + i).spec()));
			}

		},

		IN_TRANSACTION {

			@Override
			void submit(TaskQueue queue, MongoDatabaseFactory factory) {
				new TransactionTemplate(new MongoTransactionManager(factory))
					.executeWithoutResult((status) -> ONE.submit(queue, factory));
			}

		};

		abstract void submit(TaskQueue queue, MongoDatabaseFactory factory);

	}

	static class Functions {

		private final Node.Recording recording;

		private final MongoTemplate mongo;

		Functions(Node.Recording recording, MongoTemplate mongo) {
			this.recording = recording;
			this.mongo = mongo;
		}

		/** Runs for ever, but only where the process is to die. */
		@AsyncJob("stay")
		public void stay(JobContext job) throws InterruptedException {
			this.recording.record(job, 0);
			if (System.getProperty(POINT) != null) {
				new CountDownLatch(1).await();
			}
		}

		@AsyncJob(name = "exclusive", lock = "reports")
		public void exclusive(JobContext job, int millis) throws InterruptedException {
			this.recording.record(job, millis);
		}

		@AsyncJob("nothing")
		public void nothing() {
		}

		@AsyncJob("keep")
		public void keep(JobContext job, String text) throws InterruptedException {
			this.recording.record(job, 0);
		}

		@AsyncJob("fail_once")
		public void failOnce(JobContext job) throws InterruptedException {
			this.recording.record(job, 0);
			if (job.attempt() == 1) {
				throw new IllegalStateException("the first attempt fails");
			}
		}

		/** Fails, to be tried again, when its cancellation was asked for meanwhile. */
		@AsyncJob("fail_cancelled")
		public void failCancelled(JobContext job) throws InterruptedException {
			this.recording.record(job, 0);
			this.mongo.getCollection("taskqueue_jobs")
				.updateOne(Filters.eq("_id", job.jobId()), Updates.set("cancel_requested", true));
			throw new IllegalStateException("fails while it is cancelled");
		}

	}

}
