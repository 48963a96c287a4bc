package dev.taskqueue.sample;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.JobHandle;
import dev.taskqueue.TaskQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * A job that says how far it has come, and someone who watches it. One report is made at
 * a time, on whatever node.
 */
@Component
public class ReportJobs implements ApplicationRunner {

	private static final Logger logger = LoggerFactory.getLogger(ReportJobs.class);

	private final TaskQueue taskQueue;

	private volatile String reportId = "";

	private volatile String nextReportId = "";

	public ReportJobs(TaskQueue taskQueue) {
		this.taskQueue = taskQueue;
	}

	@AsyncJob(name = "make_report", retention = "7d", lock = "reports")
	public String make(int pages, JobContext job) throws InterruptedException {
		for (int page = 1; page <= pages; page++) {
			TimeUnit.MILLISECONDS.sleep(400);
			job.progress(100 * page / pages, page + " of " + pages + " pages");
		}
		job.log("the report has " + pages + " pages");
		return pages + " pages";
	}

	@Override
	public void run(ApplicationArguments args) {
		JobHandle<String> report = this.taskQueue.enqueue("make_report", 5).as(String.class);
		this.reportId = report.id();
		report.onEvent((job) -> logger.info("make_report is {}: {}", job.state().text(), job.progress()));
		CompletableFuture<Void> unused = report.completion()
			.thenAccept((pages) -> logger.info("the report has {}", pages));
		this.nextReportId = this.taskQueue.enqueue("make_report", 1).id();
	}

	String reportId() {
		return this.reportId;
	}

	String nextReportId() {
		return this.nextReportId;
	}

}
