package dev.taskqueue.sample;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.taskqueue.FunctionOptions;
import dev.taskqueue.JobFunctions;
import dev.taskqueue.JobHandle;
import dev.taskqueue.TaskQueue;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * Submits jobs from Java, in each way that there is.
 */
@Component
class SampleJobs implements ApplicationRunner {

	private final TaskQueue taskQueue;

	private final JobFunctions functions;

	private volatile List<JobHandle<Object>> handles = List.of();

	SampleJobs(TaskQueue taskQueue, JobFunctions functions) {
		this.taskQueue = taskQueue;
		this.functions = functions;
	}

	@Override
	public void run(ApplicationArguments args) {
		List<JobHandle<Object>> submitted = new ArrayList<>();
		// does not wait for MongoDB: the handle is there when the job is durable
		CompletableFuture<JobHandle<Object>> later = this.taskQueue
			.job("send_mail", "you@example.com", "without waiting")
			.enqueueAsync();
		submitted.add(this.taskQueue.enqueue("send_mail", "you@example.com", "by name"));
		submitted
			.add(this.taskQueue.enqueue(MailJobs.class, (mail) -> mail.send("you@example.com", "by recorded call")));
		submitted.add(this.taskQueue.job("send_mail", "you@example.com", "five seconds later")
			.delay(Duration.ofSeconds(5))
			.enqueue());
		submitted.add(this.taskQueue.enqueue("fetch_page", "https://example.com"));
		// once an hour, however often it is asked for; not at all if it cannot start soon
		submitted.add(this.taskQueue.job("send_mail", "you@example.com", "once an hour")
			.uniqueKey("hourly-mail")
			.uniqueFor(Duration.ofHours(1))
			.expiresIn(Duration.ofMinutes(10))
			.enqueue());
		submitted.add(this.taskQueue.enqueue("collect_page", "https://example.com"));
		// a function that is no method of a bean, registered while the application runs
		this.functions.register("resize", Resize.class,
				(request, context) -> request.file() + " is " + request.width() + " pixels wide now",
				FunctionOptions.defaults().queue("images").maxAttempts(3));
		submitted.add(this.taskQueue.enqueue("resize", new Resize("logo.png", 640)));
		submitted.add(later.join());
		this.handles = submitted;
	}

	/** The jobs that this run of the application submitted. */
	List<JobHandle<Object>> handles() {
		return this.handles;
	}

	/** The argument of a job. */
	record Resize(String file, int width) {
	}

}
