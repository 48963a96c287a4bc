package dev.taskqueue.sample;

import dev.taskqueue.AsyncJob;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.stereotype.Component;

/**
 * A function with a queue of its own.
 */
@Component
public class MailJobs {

	private static final Logger logger = LoggerFactory.getLogger(MailJobs.class);

	@AsyncJob(name = "send_mail", queue = "mail")
	public String send(String to, String subject) {
		logger.info("send_mail to {}: {}", to, subject);
		return "sent to " + to;
	}

}
