package dev.taskqueue.sample;

import dev.taskqueue.AsyncJob;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.ApplicationContext;
import org.springframework.stereotype.Component;

/**
 * A function for rows of {@code crontab_jobs}: the {@code "app"} in the row's
 * {@code params} becomes the application context.
 */
@Component
public class SqlJobs {

	private static final Logger logger = LoggerFactory.getLogger(SqlJobs.class);

	@AsyncJob("sql_execute_now")
	public String executeNow(ApplicationContext app, String x, int n) {
		logger.info("sql_execute_now runs with x={} and n={} in {}", x, n, app.getId());
		return n + " statements for " + x;
	}

}
