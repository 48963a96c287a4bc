package dev.taskqueue.test.example;

import java.io.IOException;

import dev.taskqueue.AsyncJob;

import org.springframework.stereotype.Component;

@Component
class MailJobs {

	private final MailServer server;

	MailJobs(MailServer server) {
		this.server = server;
	}

	@AsyncJob(name = "send_mail", queue = "mail", maxAttempts = 3, backoff = "1m")
	String send(String to, String subject) throws IOException {
		this.server.send(to, subject);
		return "sent to " + to;
	}

}
