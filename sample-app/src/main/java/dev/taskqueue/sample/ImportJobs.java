package dev.taskqueue.sample;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * What can be decided about jobs after their submit: one is cancelled while it runs, one
 * waits in a paused queue, one is not run since its function is revoked.
 */
@Component
public class ImportJobs implements ApplicationRunner {

	private static final Logger logger = LoggerFactory.getLogger(ImportJobs.class);

	private static final String HELD = "held";

	private final TaskQueue taskQueue;

	private volatile String cancelledId = "";

	private volatile String heldId = "";

	private volatile String revokedId = "";

	public ImportJobs(TaskQueue taskQueue) {
		this.taskQueue = taskQueue;
	}

	@AsyncJob("import_file")
	public String importFile(String name, int lines, JobContext job) throws InterruptedException {
		for (int line = 0; line < lines; line++) {
			if (job.isCancelled()) {
				// to return would be a success
				throw new CancellationException("at line " + line);
			}
			TimeUnit.MILLISECONDS.sleep(100);
		}
		return name;
	}

	@AsyncJob("import_old_file")
	public void importOldFile(String name) {
		throw new IllegalStateException("Nobody imports " + name + ": the function is revoked");
	}

	@AsyncJob("resume_imports")
	public void resumeImports() {
		logger.info("the queue '{}' is resumed", HELD);
		this.taskQueue.resume(HELD);
	}

	@Override
	public void run(ApplicationArguments args) {
		JobHandle<Object> cancelled = this.taskQueue.enqueue("import_file", "big.csv", 600);
		this.cancelledId = cancelled.id();
		cancelled.onEvent((job) -> {
			logger.info("import_file of big.csv is {}", job.state().text());
			if (job.state() == JobState.RUNNING) {
				this.taskQueue.cancel(job.id());
			}
		});

		this.taskQueue.pause(HELD);
		this.heldId = this.taskQueue.job("import_file", "held.csv", 1).queue(HELD).enqueue().id();
		this.taskQueue.job("resume_imports").delay(Duration.ofSeconds(3)).enqueue();

		this.taskQueue.revoke("import_old_file", Instant.now().plus(Duration.ofHours(1)));
		this.revokedId = this.taskQueue.enqueue("import_old_file", "old.csv").id();
	}

	String cancelledId() {
		return this.cancelledId;
	}

	String heldId() {
		return this.heldId;
	}

	String revokedId() {
		return this.revokedId;
	}

}
