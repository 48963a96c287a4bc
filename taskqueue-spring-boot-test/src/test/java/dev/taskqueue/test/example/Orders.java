package dev.taskqueue.test.example;

import java.time.Duration;

import dev.taskqueue.TaskQueue;

import org.springframework.stereotype.Component;

@Component
class Orders {

	private final TaskQueue queue;

	Orders(TaskQueue queue) {
		this.queue = queue;
	}

	String place(String customer) {
		this.queue.job("send_mail", customer, "How was it?").delay(Duration.ofDays(14)).enqueue();
		return this.queue.enqueue("send_mail", customer, "Thank you").id();
	}

}
