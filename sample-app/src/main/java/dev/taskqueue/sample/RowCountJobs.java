package dev.taskqueue.sample;

import dev.taskqueue.AsyncJob;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.stereotype.Component;

/**
 * A method that says itself when it runs: on one of all nodes, each 10 seconds.
 */
@Component
public class RowCountJobs {

	private static final Logger logger = LoggerFactory.getLogger(RowCountJobs.class);

	private final MongoTemplate mongo;

	RowCountJobs(MongoTemplate mongo) {
		this.mongo = mongo;
	}

	@AsyncJob(name = "count_rows", every = "${sample.count-rows.every:10s}")
	public String countRows() {
		String count = this.mongo.getCollection(SampleRows.COLLECTION).estimatedDocumentCount() + " rows";
		logger.info("count_rows: {}", count);
		return count;
	}

}
