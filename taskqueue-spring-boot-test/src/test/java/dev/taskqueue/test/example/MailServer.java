package dev.taskqueue.test.example;

import java.io.IOException;

import org.springframework.stereotype.Component;

@Component
class MailServer {

	void send(String to, String subject) throws IOException {
		throw new IOException("No mail server is there for " + to + ": " + subject);
	}

}
