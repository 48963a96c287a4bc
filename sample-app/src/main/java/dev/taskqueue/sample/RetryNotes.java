package dev.taskqueue.sample;

import dev.taskqueue.JobEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * What happens to jobs is told by events of the application, a record for each signal.
 */
@Component
class RetryNotes {

	private static final Logger logger = LoggerFactory.getLogger(RetryNotes.class);

	@EventListener
	void retrying(JobEvent.Retrying event) {
		logger.info("{} is tried again after attempt {}: {}", event.function(), event.error().attempt(),
				event.error().message());
	}

}
