package dev.taskqueue.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.taskqueue.AsyncJob;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * An application whose functions do what they should not.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class BadNode {

	public static void main(String[] args) {
		SpringApplication.run(BadNode.class, args);
		System.out.println("NODE READY");
	}

	@Bean
	Functions functions() {
		return new Functions();
	}

	static class Functions {

		@AsyncJob("good")
		public int good() {
			return 1;
		}

		/**
		 * Takes the heap to its last bytes, so that all threads of the node miss them.
		 */
		@AsyncJob(name = "greedy", maxAttempts = 2, backoff = "1s")
		public int greedy() {
			List<byte[]> all = new ArrayList<>(500_000);
			for (int size = 1024 * 1024; size > 1024; size /= 2) {
				try {
					fill(all, size);
				}
				catch (OutOfMemoryError ex) {
					// the next are smaller
				}
			}
			fill(all, 1024);
			return all.size();
		}

		private static void fill(List<byte[]> all, int size) {
			while (all.size() < Integer.MAX_VALUE) {
				all.add(new byte[size]);
			}
		}

		/** Ends when it likes to. */
		@AsyncJob(name = "deaf", maxAttempts = 1, timeout = "500ms")
		public int deaf(int millis) {
			long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
			for (long left = 1; left > 0; left = end - System.nanoTime()) {
				try {
					if (new CountDownLatch(1).await(left, TimeUnit.NANOSECONDS)) {
						break;
					}
				}
				catch (InterruptedException ex) {
					// that is what is wrong with it
				}
			}
			return 1;
		}

	}

}
