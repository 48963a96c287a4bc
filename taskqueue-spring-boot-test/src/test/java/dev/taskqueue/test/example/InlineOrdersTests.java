package dev.taskqueue.test.example;

import java.io.IOException;

import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

import static org.mockito.Mockito.verify;

@SpringBootTest(properties = "taskqueue.mode=inline")
@SuppressWarnings("NullAway.Init")
class InlineOrdersTests {

	@Autowired
	private Orders orders;

	@MockitoBean
	private MailServer server;

	@Test
	void customerIsThankedBeforeTheOrderReturns() throws IOException {
		this.orders.place("you@example.com");

		verify(this.server).send("you@example.com", "Thank you");
	}

}
