package dev.taskqueue.execute;

import java.util.AbstractSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicInteger;

import dev.taskqueue.store.Outage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@ExtendWith(OutputCaptureExtension.class)
class TimeoutWatchTests {

	@Test
	void goesOnAfterAnErrorWithoutARushAndSaysItOnce(CapturedOutput output) {
		AtomicInteger looks = new AtomicInteger();
		TimeoutWatch watch = new TimeoutWatch(new AbstractSet<>() {

			@Override
			public Iterator<Attempt> iterator() {
				if (looks.incrementAndGet() <= 2) {
					throw new StackOverflowError("Made by the test");
				}
				return Collections.emptyIterator();
			}

			@Override
			public int size() {
				return 0;
			}

		}, (attempt) -> {
		});
		Thread thread = new Thread(() -> watch.run(new Outage()));
		thread.start();

		long began = System.nanoTime();
		await().until(() -> looks.get() >= 3);

		assertThat(System.nanoTime() - began).as("nanoseconds for two rests").isGreaterThan(1_500_000_000L);
		assertThat(thread.isAlive()).isTrue();
		assertThat(output).containsOnlyOnce("An error in watching the time of attempts");
		watch.stop();
	}

}
