package dev.taskqueue.sample;

import java.util.HashSet;
import java.util.Set;

import dev.taskqueue.JobHandle;
import dev.taskqueue.TaskQueue;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.core.env.Environment;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Looks at the rows and jobs of this run until each has ended, and says where to look on.
 */
@Component
class Summary {

	private static final Logger logger = LoggerFactory.getLogger(Summary.class);

	private final MongoTemplate mongo;

	private final TaskQueue taskQueue;

	private final SampleRows rows;

	private final SampleJobs jobs;

	private final Environment environment;

	private final Set<Object> told = new HashSet<>();

	private boolean done;

	Summary(MongoTemplate mongo, TaskQueue taskQueue, SampleRows rows, SampleJobs jobs, Environment environment) {
		this.mongo = mongo;
		this.taskQueue = taskQueue;
		this.rows = rows;
		this.jobs = jobs;
		this.environment = environment;
	}

	@Scheduled(fixedDelay = 500)
	void look() {
		if (this.done || this.jobs.handles().isEmpty()) {
			return;
		}
		this.rows.ids().stream().filter((id) -> !this.told.contains(id)).forEach(this::tellOfRow);
		this.jobs.handles().stream().filter((handle) -> !this.told.contains(handle.id())).forEach(this::tellOfJob);
		this.done = this.told.size() == this.rows.ids().size() + this.jobs.handles().size();
		if (this.done) {
			logger.info(
					"That was all. Look at http://localhost:{}/actuator/taskqueue and …/actuator/taskqueue/jobs; "
							+ "insert rows of your own into {}; Ctrl+C ends",
					this.environment.getProperty("local.server.port"), SampleRows.COLLECTION);
		}
	}

	private void tellOfRow(ObjectId id) {
		Document row = this.mongo.findById(id, Document.class, SampleRows.COLLECTION);
		if (row == null) {
			return;
		}
		if (row.get("error") instanceof Document error) {
			logger.info("crontab row '{}' has an error: {}", row.get("name"), error.get("message"));
			this.told.add(id);
		}
		else if (row.get("job_id") instanceof String jobId) {
			this.taskQueue.find(jobId).filter((job) -> job.state().isEnd()).ifPresent((job) -> {
				logger.info("crontab row '{}' ran at {}: {}, result {}", row.get("name"), job.claimedAt(),
						job.state().text(), job.result());
				this.told.add(id);
			});
		}
	}

	private void tellOfJob(JobHandle<Object> handle) {
		handle.find().filter((job) -> job.state().isEnd()).ifPresent((job) -> {
			logger.info("job {} of {} ended {} after {} attempt(s), result: {}", job.id(), job.function(),
					job.state().text(), job.attempt(), job.result());
			this.told.add(handle.id());
		});
	}

}
